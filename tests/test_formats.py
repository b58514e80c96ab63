"""Every file format by name: a sound JSON Schema that the shipped files fit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from harness.errors import InputError
from harness.formats import FORMATS, schema_of

ROOT = Path(__file__).resolve().parent.parent
SCENARIOS = sorted((ROOT / "scenarios").glob("*/scenario.yaml"))


@pytest.mark.parametrize("name", FORMATS)
def test_each_is_a_json_schema_of_an_object(name: str) -> None:
    schema = schema_of(name)
    Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object"
    assert schema["properties"]
    json.dumps(schema)


def test_an_unknown_name_is_told_the_nearest() -> None:
    with pytest.raises(InputError, match="schema recrod: no such format; did you mean 'record'"):
        schema_of("recrod")
    with pytest.raises(InputError, match="no such format; known: scenario, advice, golden"):
        schema_of("xyz")


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.parent.name)
def test_shipped_scenarios_fit_their_schema(file: Path) -> None:
    scenario = json.loads(json.dumps(yaml.safe_load(file.read_text(encoding="utf-8"))))  # keys as JSON has them
    Draft202012Validator(schema_of("scenario")).validate(scenario)
    Draft202012Validator(schema_of("advice")).validate(scenario["advice"])


@pytest.mark.parametrize(("name", "files"), [("golden", "golden_sets/*.jsonl"), ("example", "scenarios/*/train.jsonl")])
def test_shipped_rows_fit_their_schema(name: str, files: str) -> None:
    validator = Draft202012Validator(schema_of(name))
    for file in sorted(ROOT.glob(files)):
        with file.open(encoding="utf-8") as lines:
            for line in list(lines)[:20]:
                validator.validate(json.loads(line))
