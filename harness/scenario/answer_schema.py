"""The JSON Schema of answers: read, taken out of a vendor's wrapper, and refused where it could not judge an answer.

`{"type": "json_schema", "json_schema": {"name": "answer", "strict": true, "schema": {...}}}` is read as its inner
`{...}`. `validator_of` is what answers are held against: the draft that `$schema` names, with `format` checked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from harness.characters import parse_json
from harness.errors import InputError
from harness.files.input_file import DOCUMENT, read_text
from harness.scenario.unmeetable import unmeetable
from harness.types import JsonObject

if TYPE_CHECKING:
    from jsonschema import FormatChecker
    from jsonschema.protocols import Validator

# keys under which vendors' requests and tool descriptions hold the schema
INNER = (
    "json_schema", "jsonSchema", "schema", "parameters", "input_schema", "inputSchema", "function", "response_format",
    "text", "format", "output_config", "output_format", "responseSchema", "responseJsonSchema", "response_schema",
    "response_json_schema", "generationConfig", "generation_config", "guided_json", "structured_outputs", "json",
)  # fmt: skip
# and what may stand beside them; `type` only with a word that is no type of JSON Schema
BESIDE = frozenset({
    "name", "strict", "description", "title", "type", "cache_control",
    "responseMimeType", "response_mime_type", "mime_type",
})  # fmt: skip
WRAPPER_TYPES = frozenset({"json_schema", "json_object", "function"})
# formats of OpenAPI that JSON Schema does not define: whole numbers in their range, and three that demand nothing
WHOLE_NUMBERS = {"int32": 2**31, "int64": 2**63}
ANNOTATIONS = frozenset({"float", "double", "password"})
DEEPEST = 64  # levels: who checks a schema calls itself several times for each
PATTERN_SECONDS = 1.0  # of one text; a pattern takes microseconds
NO_OBJECT: tuple[Any, ...] = ([], ["x"], "x", 1, None, True)


def read_schema(path: Path, checked: bool = False) -> JsonObject:
    """The schema of a file.

    Args:
        checked: whether the same text passed before, so that it is only read.

    Raises:
        InputError: not JSON, no JSON Schema, an unknown draft or format, a `$ref` to nothing, or nothing demanded.
    """
    try:
        document = parse_json(read_text(path, DOCUMENT))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}:{error.colno}: not valid JSON: {error.msg}") from None
    if not isinstance(document, dict):
        raise InputError(f"{path}: found a {type(document).__name__}, expected a JSON Schema object")
    if (levels := _levels(document)) > DEEPEST:
        raise InputError(f"{path}: nested {levels} levels deep, expected at most {DEEPEST}")
    schema = unwrap(document)
    if checked:
        return schema
    _check_schema(path, schema)
    _check_refs(path, schema)
    _check_formats(path, schema)
    _check_demand(path, schema)
    return schema


def _levels(document: JsonObject) -> int:
    """How many lists and objects stand inside each other at most."""
    levels = 0
    inside: list[Any] = [document]
    while inside:
        levels += 1
        items = chain.from_iterable(value.values() if isinstance(value, dict) else value for value in inside)
        inside = [item for item in items if isinstance(item, dict | list)]
    return levels


def unwrap(document: JsonObject) -> JsonObject:
    """The schema inside a vendor's wrapper; what is no wrapper stays as it is."""
    inner = [key for key in INNER if isinstance(document.get(key), Mapping)]
    beside = document.keys() - set(inner)
    typed = document.get("type", "json_schema")
    if len(inner) != 1 or not beside <= BESIDE or not isinstance(typed, str) or typed not in WRAPPER_TYPES:
        return document
    return unwrap(cast(JsonObject, document[inner[0]]))


def validator_of(schema: JsonObject) -> Validator:
    """The validator of answers: the draft that the schema names (else 2020-12), formats included."""
    return _validator(json.dumps(schema, sort_keys=True))


@lru_cache(maxsize=16)
def _validator(text: str) -> Validator:
    schema = json.loads(text)
    kind = _draft(schema)
    if kind is None:
        raise ValueError(f"unknown draft {schema.get('$schema')!r}")
    bounded: Any = _with_bounded_patterns(kind)
    return cast("Validator", bounded(schema, registry=_registry(), format_checker=_formats()))


def _with_bounded_patterns(kind: Any) -> Any:
    """The same draft, whose patterns come to an end: `^(a+)+$` would look at an answer for years."""
    from jsonschema.validators import extend

    return extend(kind, {"pattern": _pattern})  # type: ignore[no-untyped-call]


def _pattern(validator: object, pattern: str, value: object, schema: object) -> Iterator[Any]:
    import regex
    from jsonschema.exceptions import ValidationError

    if not isinstance(value, str):
        return
    try:
        if not regex.search(pattern, value, timeout=PATTERN_SECONDS):
            yield ValidationError(f"{value!r} does not match {pattern!r}")
    except TimeoutError:
        yield ValidationError(f"the pattern {pattern!r} comes to no end on {value[:40]!r}; write a simpler one")


def _registry() -> Any:
    """The drafts' own schemas: a reference to anything else outside the file is not fetched."""
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

    return REGISTRY


def _draft(schema: JsonObject) -> Any:
    """The validator class of the draft that `$schema` names; None for an unknown one."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import validator_for

    dialect = schema.get("$schema")
    if dialect is None:
        return Draft202012Validator
    kind: Any = validator_for({"$schema": dialect}, default=cast(Any, None)) if isinstance(dialect, str) else None
    return kind


@lru_cache(maxsize=1)
def _formats() -> FormatChecker:
    """The formats of the newest draft, for older ones too, and the whole numbers of OpenAPI."""
    from jsonschema import Draft202012Validator, FormatChecker

    checker = FormatChecker(())
    checker.checkers = dict(Draft202012Validator.FORMAT_CHECKER.checkers)
    for name, limit in WHOLE_NUMBERS.items():
        checker.checkers[name] = (partial(_whole, limit=limit), ())
    return checker


def _whole(value: object, limit: int) -> bool:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return True
    return value == value // 1 and -limit <= value < limit


def checked_formats() -> tuple[str, ...]:
    """The names of the formats that are really checked."""
    return tuple(sorted(_formats().checkers))


def properties_of(schema: JsonObject) -> dict[str, tuple[object, ...]]:
    """Every property that a schema names at its top, in `$ref`, `allOf` and the like too, with the values it lists."""
    values: dict[str, tuple[object, ...]] = {}
    waiting: list[object] = [schema]
    ids: set[int] = set()
    while waiting:
        part = waiting.pop()
        if not isinstance(part, Mapping) or id(part) in ids:
            continue
        ids.add(id(part))
        properties = part.get("properties")
        for name, value in properties.items() if isinstance(properties, Mapping) else ():
            choices = (
                value.get("enum", [value["const"]] if "const" in value else []) if isinstance(value, Mapping) else []
            )
            values[name] = (*values.get(name, ()), *choices)
        inner = [part[key] for key in ("if", "then", "else") if key in part]
        inner += [one for key in ("allOf", "anyOf", "oneOf") if isinstance(part.get(key), list) for one in part[key]]
        inner += [_pointed(schema, ref) for ref in [part.get("$ref")] if isinstance(ref, str)]
        waiting += inner
    return values


def _pointed(schema: JsonObject, ref: str) -> object:
    """The target of a `#/$defs/x` inside the schema; None for any other reference."""
    at: object = schema
    for step in ref.removeprefix("#/").split("/") if ref.startswith("#/") else ["\0"]:
        at = at.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(at, Mapping) else None
    return at


# --- what is refused ----------------------------------------------------------------------------------------------


def _check_schema(path: Path, schema: JsonObject) -> None:
    from jsonschema.exceptions import SchemaError

    kind = _draft(schema)
    if kind is None:
        raise InputError(
            f"{path}: $schema is {schema['$schema']!r}, expected a draft of JSON Schema; "
            "write https://json-schema.org/draft/2020-12/schema or take the key out"
        )
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        at = "/".join(map(str, error.path)) or "the top"
        raise InputError(f"{path}: not a JSON Schema: at {at}: {error.message[:200]}; see json-schema.org") from None


def _check_refs(path: Path, schema: JsonObject) -> None:
    for ref, reason in _dangling(schema):
        raise InputError(f"{path}: $ref {ref!r} {reason}; define it in this file (under $defs) or take it out")


def _dangling(schema: JsonObject) -> Iterator[tuple[str, str]]:
    """Every reference that leads to nothing, with what is wrong with it."""
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    first = _resource(schema)
    base = first.id() or "urn:answer"
    resolver = _registry().with_resource(base, first).crawl().resolver(base)
    todo, ids = [(first, resolver)], set()
    while todo:
        resource, resolver = todo.pop()
        if id(resource.contents) in ids:
            continue
        ids.add(id(resource.contents))
        for ref in _refs_of(resource.contents):
            try:
                target = resolver.lookup(ref)
            except (Unresolvable, ValueError):
                yield ref, "leads to nothing" if ref.startswith("#") else "stands outside this file, which is not read"
                continue
            if isinstance(target.contents, Mapping) and "json-schema.org/" not in ref:
                todo.append((DRAFT202012.create_resource(target.contents), target.resolver))
        for inner in resource.subresources():
            todo.append((inner, resolver.in_subresource(inner)))


def _resource(schema: JsonObject) -> Any:
    from referencing import Resource
    from referencing.jsonschema import DRAFT202012

    return Resource.from_contents(schema, default_specification=DRAFT202012)


def _refs_of(contents: object) -> list[str]:
    if not isinstance(contents, Mapping):
        return []
    return [contents[key] for key in ("$ref", "$dynamicRef", "$recursiveRef") if isinstance(contents.get(key), str)]


def _check_formats(path: Path, schema: JsonObject) -> None:
    formats = _formats().checkers.keys() | ANNOTATIONS
    for name in _named_formats(_resource(schema)):
        if name not in formats:
            raise InputError(
                f"{path}: format {name!r} cannot be checked; write a 'pattern' or take it out; "
                f"checked are {', '.join(checked_formats())}"
            )


def _named_formats(resource: Any) -> Iterator[str]:
    contents = resource.contents
    if isinstance(contents, Mapping) and isinstance(contents.get("format"), str):
        yield contents["format"]
    for inner in resource.subresources():
        yield from _named_formats(inner)


def _check_demand(path: Path, schema: JsonObject) -> None:
    """A schema that nothing meets, or that lets everything pass that is no object, judges nothing."""
    if (why := unmeetable(schema)) is not None:
        raise InputError(f"{path}: no answer can meet the schema: {why}; mend it")
    validator = validator_of(schema)
    try:
        passes = all(validator.is_valid(value) for value in NO_OBJECT)
        validator.is_valid({})
    except RecursionError:
        raise InputError(f"{path}: a $ref leads back to itself, so that no answer can be held against it") from None
    if passes:
        keys = ", ".join(sorted(map(str, schema))) or "none"
        raise InputError(
            f"{path}: the schema demands no object: a bare text or list passes (its keys: {keys}); "
            'write "type": "object", with "properties" and "required"'
        )
