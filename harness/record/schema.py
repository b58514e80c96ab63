"""The JSON Schema of a frozen class: types by msgspec, descriptions from the comments beside its fields.

    class_schema(Score)["properties"]["value"]    # {"anyOf": [{"type": "number"}, {"type": "null"}]}

So that a format is described once, where it is defined: meaning and unit of a field are its comment.
"""

from __future__ import annotations

import ast
import inspect
import io
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from functools import cache
from typing import get_args, get_type_hints

import msgspec

from harness.types import JsonObject

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def class_schema(kind: type) -> JsonObject:
    """The schema of one value of a frozen dataclass; the classes it is made of stand under `$defs`."""
    classes = {inner.__name__: inner for inner in _classes(kind)}
    (_,), components = msgspec.json.schema_components([kind], schema_hook=_anything, ref_template="#/$defs/{name}")
    described = {name: _with_descriptions(schema, classes[name]) for name, schema in components.items()}
    own = described.pop(kind.__name__)
    return {"$schema": DIALECT, **own, **({"$defs": described} if described else {})}


def _anything(kind: type) -> dict[str, object]:
    """`object`: any JSON value."""
    if kind is object:
        return {"description": "any value"}  # an empty one would count as none
    raise NotImplementedError(f"{kind} has no JSON Schema")


def _classes(kind: object) -> Iterator[type]:
    """A type's dataclasses, inside containers and unions too."""
    if isinstance(kind, type) and is_dataclass(kind):
        yield kind
        for hint in get_type_hints(kind).values():
            yield from _classes(hint)
    for inner in get_args(kind):
        yield from _classes(inner)


def _with_descriptions(schema: Mapping[str, object], kind: type) -> dict[str, object]:
    comments = _comments(kind)
    properties = schema.get("properties")
    assert isinstance(properties, Mapping)
    rows = {
        name: {"description": comments[name], **field} if name in comments else field
        for name, field in properties.items()
    }
    return {**schema, "properties": rows}


def _comments(kind: type) -> dict[str, str]:
    """Field -> the comment on its lines, base classes included; nothing where the source is not at hand."""
    return {
        name: text for base in reversed(kind.__mro__) if is_dataclass(base) for name, text in _of_source(base).items()
    }


def _of_source(kind: type) -> dict[str, str]:
    module = inspect.getmodule(kind)
    comments, fields = _read(inspect.getsourcefile(kind) or "") if module else ({}, {})
    own = fields.get(kind.__name__, {})
    # a formatter breaks a long field over lines, and leaves its comment inside
    return {name: comments[line] for name, lines in own.items() for line in lines if line in comments}


@cache
def _read(file: str) -> tuple[Mapping[int, str], Mapping[str, Mapping[str, range]]]:
    """Line -> comment, and class -> field -> the lines it stands on."""
    try:
        with tokenize.open(file) as stream:
            text = stream.read()
    except OSError:
        return {}, {}
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = {token.start[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT}
    fields = {
        node.name: {
            field.target.id: range(field.lineno, (field.end_lineno or field.lineno) + 1)
            for field in node.body
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        }
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef)
    }
    return comments, fields
