"""A class as JSON Schema: its types, and what the comments beside its fields say."""

from __future__ import annotations

import json
import random

import pytest
from jsonschema import Draft202012Validator

from benchmarks.record_codec import sample
from harness.record.codec import decode, to_json
from harness.record.schema import class_schema
from harness.record.sections import Figures, Record
from harness.types import Answer, Estimate, Score


def test_types_and_required_fields_are_the_class() -> None:
    schema = class_schema(Estimate)
    assert schema["required"] == ["mean", "low", "high", "n"]
    assert schema["properties"]["mean"] == {"anyOf": [{"type": "number"}, {"type": "null"}]}


def test_a_comment_describes_its_field_and_those_of_a_base_class_too() -> None:
    properties = class_schema(Record)["properties"]
    assert properties["created"]["description"] == "ISO date and time"
    assert properties["partial"]["description"] == "why this is only a part of a run, which is never GO"
    assert set(class_schema(Figures)["properties"]) < set(properties)


def test_classes_inside_are_described_as_well() -> None:
    inner = class_schema(Record)["$defs"]["StageSection"]["properties"]
    assert inner["seconds"]["description"] == "wall time when it was computed"


@pytest.mark.parametrize("kind", [Record, Answer, Score, Estimate])
def test_what_is_written_fits_the_schema_and_reads_back(kind: type) -> None:
    value = sample(kind, "value", random.Random(1))
    Draft202012Validator(class_schema(kind)).validate(json.loads(to_json(value)))
    assert decode(to_json(value), kind, "file") == value
