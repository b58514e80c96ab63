"""Schemas of answers as vendors write them: unwrapped, checked, or refused in one line before anything runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.errors import InputError
from harness.scenario.answer_schema import checked_formats, read_schema, validator_of

BERTH: dict[str, Any] = {
    "type": "object",
    "properties": {"berth": {"type": "string"}, "nights": {"type": "integer"}},
    "required": ["berth"],
}


def read(folder: Path, schema: Any) -> dict[str, Any]:
    file = folder / "berth.json"
    file.write_text(json.dumps(schema), encoding="utf-8")
    return dict(read_schema(file))


@pytest.mark.parametrize(
    "written",
    [
        BERTH,
        {"name": "berth", "strict": True, "schema": BERTH},
        {"type": "json_schema", "json_schema": {"name": "berth", "description": "A berth.", "schema": BERTH}},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "berth", "schema": BERTH}}},
        {"text": {"format": {"type": "json_schema", "name": "berth", "strict": True, "schema": BERTH}}},
        {"type": "function", "function": {"name": "book", "description": "Books.", "parameters": BERTH}},
        {"name": "book", "description": "Books.", "input_schema": BERTH},
        {"type": "json_object", "schema": BERTH},
        {"generationConfig": {"responseMimeType": "application/json", "responseJsonSchema": BERTH}},
        {"guided_json": BERTH},
        {"format": BERTH},
    ],
)
def test_a_vendors_wrapper_is_taken_off(tmp_path: Path, written: Any) -> None:
    assert read(tmp_path, written) == BERTH


def test_keys_named_like_a_wrapper_stay_properties(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"schema": BERTH, "format": {"type": "string"}}}
    assert read(tmp_path, schema) == schema


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({}, r"berth.json: the schema demands no object: .*\(its keys: none\); write \"type\": \"object\""),
        ({"title": "Berth", "propertys": {}}, "demands no object"),
        ({"properties": BERTH["properties"], "required": ["berth"]}, "demands no object"),
        ({"openapi": "3.1.0", "components": {"schemas": {"Berth": BERTH}}}, "its keys: components, openapi"),
        ({"vendor": "x", "schema": BERTH}, "its keys: schema, vendor"),
        ({"type": "OBJECT"}, "not a JSON Schema: at type"),
        ({"type": "json_object"}, "not a JSON Schema: at type"),
        ({**BERTH, "$schema": "https://example.org/my-draft"}, r"\$schema is .*, expected a draft"),
        ({**BERTH, "$schema": 7}, r"\$schema is 7"),
        ({**BERTH, "properties": {"a": {"$ref": "#/definitions/Berth"}}}, r"'#/definitions/Berth' leads to nothing"),
        ({**BERTH, "items": {"$ref": "other.json#/a"}}, "'other.json#/a' stands outside this file"),
        ({**BERTH, "allOf": [{"$ref": "https://example.org/berth.json"}]}, "stands outside this file, which is not"),
        ({**BERTH, "$defs": {"a": {"anyOf": [{"$ref": "#gone"}]}}}, "'#gone' leads to nothing"),
        ({"$ref": "#"}, "leads back to itself"),
        ({**BERTH, "properties": {"a": {"type": "string", "pattern": "("}}}, "not a JSON Schema: at properties/a"),
        ({**BERTH, "properties": {"a": {"format": "iri"}}}, "format 'iri' cannot be checked"),
        ({**BERTH, "properties": {"a": {"format": "postcode"}}}, "format 'postcode' cannot be checked; write a 'pat"),
    ],
)
def test_what_could_not_judge_an_answer_is_refused(tmp_path: Path, schema: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        read(tmp_path, schema)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("levels", [70, 300, 5000])
@pytest.mark.parametrize("key", ["properties", "allOf", "anything"])
def test_a_schema_nested_too_deeply_is_refused_in_one_line(levels: int, key: str, tmp_path: Path) -> None:
    opening = {"properties": '{"type":"object","properties":{"a":', "allOf": '{"allOf":[', "anything": '{"a":'}[key]
    ending = {"properties": "}}", "allOf": "]}", "anything": "}"}[key]
    file = tmp_path / "schema.json"
    file.write_text(opening * levels + '{"type":"object"}' + ending * levels)
    with pytest.raises(InputError, match="nested"):
        read_schema(file)


def test_references_that_lead_somewhere_are_followed(tmp_path: Path) -> None:
    tree = {"$defs": {"T": {"type": "object", "properties": {"sub": {"$ref": "#/$defs/T"}}}}, "$ref": "#/$defs/T"}
    assert read(tmp_path, tree) == tree
    named = {"$id": "https://example.org/b", **BERTH, "allOf": [{"$ref": "#b"}], "$defs": {"b": {"$anchor": "b"}}}
    assert read(tmp_path, named) == named
    inner = {**BERTH, "shapes": {"A": {"$ref": "#/shapes/B"}}, "allOf": [{"$ref": "#/shapes/A"}]}
    with pytest.raises(InputError, match="'#/shapes/B' leads to nothing"):
        read(tmp_path, inner)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date", "2026-12-31", "31.12.2026"),
        ("date-time", "2026-12-31T08:00:00Z", "tomorrow"),
        ("time", "08:00:00Z", "8 o'clock"),
        ("duration", "P3D", "3 days"),
        ("email", "ada@example.org", "ada"),
        ("uri", "https://example.org/a", "example"),
        ("uuid", "2f1c1b0e-6d0f-4a0e-9b1e-0c5d5a0c9a11", "2f1c"),
        ("ipv4", "10.0.0.1", "10.0.0.256"),
        ("hostname", "a.example.org", "-a-"),
        ("int32", 7, 2**31),
        ("int64", 7.0, 7.5),
    ],
)
def test_formats_are_checked_whatever_the_draft(name: str, good: object, bad: object) -> None:
    for draft in ("2020-12", "2019-09", None):
        schema: dict[str, Any] = {"format": name}
        if draft:
            schema["$schema"] = f"https://json-schema.org/draft/{draft}/schema"
        assert validator_of(schema).is_valid(good)
        assert not validator_of(schema).is_valid(bad)
    assert name in checked_formats()
