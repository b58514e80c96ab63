"""A schema that every answer fails is refused when it is read; one that merely looks odd is not."""

from __future__ import annotations

import time
from typing import Any

import pytest

from harness.scenario.answer_schema import validator_of
from harness.scenario.unmeetable import unmeetable

WORD: dict[str, Any] = {"type": "string"}
NEVER: dict[str, tuple[Any, str]] = {
    "bounds": ({"properties": {"a": {**WORD, "minLength": 9, "maxLength": 3}}, "required": ["a"]}, "at a: minLength"),
    "numbers": ({"allOf": [{"minimum": 2, "maximum": 1}]}, "minimum is 2"),
    "no value": ({"properties": {"a": {"enum": []}}, "required": ["a"]}, "at a: enum lists no value"),
    "not anything": ({"not": {}}, "not forbids everything"),
    "false": ({"properties": {"a": False}, "required": ["a"]}, "at a: false"),
    "closed": ({"required": ["b"], "properties": {"a": WORD}, "additionalProperties": False}, "'b' is required"),
    "deep": ({"properties": {"a": {"properties": {"b": False}, "required": ["b"]}}, "required": ["a"]}, "at a/b"),
}
MET: tuple[dict[str, Any], ...] = (
    {"properties": {"a": False}},
    {"properties": {"a": {"enum": []}}},
    {"anyOf": [{"minimum": 2, "maximum": 1}, {}]},
    {"required": ["b"], "additionalProperties": False, "patternProperties": {"b": {}}},
    {"minLength": 3, "maxLength": 3},
    {"not": {"type": "array"}},
)


@pytest.mark.parametrize("name", NEVER)
def test_a_plain_contradiction_is_named_with_its_place(name: str) -> None:
    schema, words = NEVER[name]
    assert words in (unmeetable(schema) or "")


@pytest.mark.parametrize("schema", MET)
def test_what_something_meets_is_let_through(schema: dict[str, Any]) -> None:
    assert unmeetable(schema) is None


def test_a_pattern_that_comes_to_no_end_is_an_error_of_form() -> None:
    validator = validator_of({"type": "object", "properties": {"a": {"pattern": r"^(\w+\s?)*$"}}})
    start = time.monotonic()
    (error,) = validator.iter_errors({"a": "word " * 40 + "!"})
    assert time.monotonic() - start < 5
    assert "comes to no end" in error.message or "does not match" in error.message
    assert validator.is_valid({"a": "two words"})
    assert not validator.is_valid({"a": "two, words"})
