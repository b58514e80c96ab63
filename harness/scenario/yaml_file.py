"""A YAML file as mappings that know where each of their keys stands, read with YAML's safe loader."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from harness.errors import InputError
from harness.files.input_file import SETTINGS, read_text
from harness.files.yaml_text import BoundedLoader, YamlFault, load_yaml

_TIMESTAMP = "tag:yaml.org,2002:timestamp"


class Located(dict[Any, Any]):
    """A mapping with the (line, column) of each key."""

    marks: dict[Any, tuple[int, int]]


class _Loader(BoundedLoader):
    """A loader that remembers where keys stand, and leaves dates as the text that was written."""


def _construct(loader: _Loader, node: yaml.MappingNode) -> Located:
    result = Located()
    result.marks = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)  # type: ignore[no-untyped-call]
        if not isinstance(key, str | int | bool | float | None):
            raise yaml.constructor.ConstructorError(None, None, "a key must be a word or a number", key_node.start_mark)
        if key in result:
            raise yaml.constructor.ConstructorError(None, None, f"key '{key}' stands twice", key_node.start_mark)
        result[key] = loader.construct_object(value_node, deep=True)  # type: ignore[no-untyped-call]
        result.marks[key] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
    return result


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
# `2e-4` is a number to everybody but YAML 1.1
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+(?:\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


def read_yaml(
    file: Path, needs: str = "a mapping with at least 'title'", starter: str = "write a starter with: harness init DIR"
) -> Located:
    """The mapping in a YAML file; every mapping in it knows the (line, column) of its keys as `.marks`.

    Raises:
        InputError: no such file (`starter` says what to do), not UTF-8, bad YAML, a key twice, or not what it `needs`.
    """
    try:
        raw = load_yaml(read_text(file, SETTINGS, starter), _Loader)
    except YamlFault as fault:
        where = ":".join(str(part) for part in (file, fault.line, fault.column) if part is not None)
        raise InputError(f"{where}: not valid YAML: {fault.problem}") from None
    if not isinstance(raw, Located):
        content = "nothing" if raw is None else f"a {type(raw).__name__}"
        raise InputError(f"{file}: found {content}, expected {needs}")
    return raw
