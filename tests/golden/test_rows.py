"""Rows are checked by code made from their schemas; what it allows is what the schemas allow."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator

from harness.golden.rows import row_check
from harness.golden.schemas import SCHEMAS
from harness.types import JsonObject

ROWS: dict[str, JsonObject] = {
    "case": {
        "id": "a", "question": "What?", "accept": ["x"], "key_points": ["y"], "kind": "lookup", "split": "test",
        "evidence": [{"doc": "d.md", "quote": "x"}, "d.md"], "timestamp": "2026-01-02", "source": None,
    },
    "probe": {"id": "a", "question": "What?"},
    "passage": {"id": "a", "text": "", "title": None, "metadata": {"k": 1}},
    "example": {
        "prompt": {"user": "u", "system": "", "context": [{"id": "S1", "text": "t"}]}, "output": {"a": 1},
        "evidence": ["d.md"], "use": "both", "replay": True,
    },
    "pair": {
        "question": "q", "passages": [{"id": "S1", "text": "t", "title": ""}], "chosen": {"a": 1}, "rejected": "r",
        "source": "thumbs", "case": "a",
    },
    "answer": {
        "id": "a", "text": "x", "passages": ["p", {"text": "t", "id": "S1", "doc": "d.md", "title": ""}],
        "seconds": 1.5, "first_token_seconds": None, "prompt_tokens": 3, "completion_tokens": 0,
    },
}  # fmt: skip
VALUES: tuple[object, ...] = (
    None,
    True,
    0,
    1.5,
    "",
    " ",
    "x",
    "2026-13",
    "lookup",
    [],
    [1],
    ["x", ""],
    {},
    {"doc": "d"},
)


def _places(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from _places(item, (*path, key))


def _with(value: object, path: tuple[object, ...], new: object) -> object:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)  # type: ignore[call-overload]
    copy[path[0]] = _with(copy[path[0]], path[1:], new)
    return copy


def _mutations(row: JsonObject) -> Iterator[object]:
    """The row, and it with every other value at every place, a key more and a key less."""
    yield row
    for path in _places(row):
        for value in VALUES:
            yield _with(row, path, value)
    for key in row:
        yield {name: value for name, value in row.items() if name != key}
    yield {**row, "more": 1}


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_fast_check_allows_what_the_schema_allows(kind: str) -> None:
    rng = random.Random(7)
    validator, allows = Draft202012Validator(SCHEMAS[kind]), row_check(kind)
    rows = [row for row in _mutations(ROWS[kind]) if isinstance(row, dict)]
    rows += [row for base in rng.sample(rows, min(6, len(rows))) for row in _mutations(base) if isinstance(row, dict)]
    answers = [(allows(row), validator.is_valid(row)) for row in rows]
    assert all(fast == slow for fast, slow in answers)
    assert {slow for _, slow in answers} == {True, False}
