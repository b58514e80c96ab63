"""What no JSON value can meet: a part of an answer's schema that contradicts itself, so that every answer would fail.

    unmeetable({"type": "string", "minLength": 9, "maxLength": 3})   # 'minLength is 9, above maxLength, 3'

Only plain contradictions are looked for, in what an answer must have; whether a schema can be met at all is hard in
general. A part that nothing demands may contradict itself: it is a way to say that a key must not stand there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

RANGES = (
    ("minLength", "maxLength"), ("minItems", "maxItems"), ("minProperties", "maxProperties"), ("minimum", "maximum"),
    ("minContains", "maxContains"),
)  # fmt: skip
DEEPEST = 30  # parts inside parts


def unmeetable(schema: object, at: str = "the top", depth: int = 0) -> str | None:
    """Why nothing meets a schema, with the place; None where no plain contradiction stands in it."""
    if schema is False:
        return f"at {at}: false lets nothing pass"
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return None
    own = next(_contradictions(schema), None)
    if own is not None:
        return f"at {at}: {own}"
    return next((why for name, part in _demanded(schema, at) if (why := unmeetable(part, name, depth + 1))), None)


def _contradictions(schema: Mapping[str, object]) -> Iterator[str]:
    """Keywords beside each other that nothing meets."""
    for low, high in RANGES:
        least, most = schema.get(low), schema.get(high)
        if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
            yield f"{low} is {least:g}, above {high}, {most:g}"
    if schema.get("enum") == []:
        yield "enum lists no value"
    if schema.get("type") == []:
        yield "type lists no type"
    if schema.get("not") in ({}, True):
        yield "not forbids everything"
    if any(schema.get(key) == [] for key in ("anyOf", "oneOf")):
        yield "anyOf and oneOf need a part that may pass"
    if schema.get("additionalProperties") is False and isinstance(schema.get("required"), list):
        properties, patterns = schema.get("properties"), schema.get("patternProperties")
        names = properties if isinstance(properties, Mapping) else {}
        for name in schema["required"] if not patterns else ():  # type: ignore[attr-defined]
            if name not in names:
                yield f"'{name}' is required, but additionalProperties is false and properties lack it"


def _demanded(schema: Mapping[str, object], at: str) -> Iterator[tuple[str, object]]:
    """The parts that a value must meet: required properties, and all of allOf."""
    properties, required = schema.get("properties"), schema.get("required")
    if isinstance(properties, Mapping) and isinstance(required, list):
        prefix = "" if at == "the top" else f"{at}/"
        yield from ((f"{prefix}{name}", properties[name]) for name in required if name in properties)
    parts = schema.get("allOf")
    yield from ((at, part) for part in (parts if isinstance(parts, list) else ()))
