"""Every file format by name, as JSON Schema: what `harness schema NAME` prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches

from harness.advice.facts import FACT_SPECS
from harness.advice.questions import QUESTIONS
from harness.advice.recommendations import RECOMMENDATIONS
from harness.errors import InputError
from harness.golden.schemas import ANSWER, CASE, EXAMPLE, PAIR, PASSAGE, PROBE
from harness.record.schema import DIALECT, class_schema
from harness.record.sections import Record
from harness.scenario.document import ScenarioFile
from harness.scenario.style import StyleRules
from harness.types import JsonObject, Score, Trace

_FACT_TYPES: Mapping[type, str] = {bool: "boolean", int: "integer", float: "number"}


def _advice() -> JsonObject:
    """The questionnaire's answers: the `advice:` block of a scenario, or a file of `harness advise --answers`."""
    numbers = {"propertyNames": {"enum": [str(question.number) for question in QUESTIONS]}}
    answer = {"enum": ["yes", "no", "unsure", True, False]}
    answers = {str(q.number): {"description": q.text, **answer} for q in QUESTIONS}
    facts = {
        name: {"description": f"{spec.prompt} ({spec.unit})", "type": [_FACT_TYPES[spec.kind], "null"]}
        for name, spec in FACT_SPECS.items()
    }
    properties = {
        "answers": {"type": "object", "properties": answers, "additionalProperties": False, "minProperties": 1},
        "facts": {"type": ["object", "null"], "properties": facts, "additionalProperties": False},
        "expect": {"description": "the outcome that a test expects", "enum": [*RECOMMENDATIONS, None]},
        "evidence": {
            "description": "question -> the phrase behind its answer, or: assumed",
            "type": ["object", "null"],
            "additionalProperties": {"type": "string"},
            **numbers,
        },
        "story": {"description": "text that the evidence quotes", "type": ["string", "null"]},
        "because": {"description": "why the expected outcome is right", "type": ["string", "null"]},
    }
    return {"type": "object", "properties": properties, "required": ["answers"], "additionalProperties": False}


# name -> its JSON Schema; *.jsonl files have one such object a line
FORMATS: Mapping[str, Callable[[], JsonObject]] = {
    "scenario": lambda: class_schema(ScenarioFile),  # scenario.yaml
    "advice": _advice,  # its block `advice`
    "golden": lambda: CASE,  # golden set, *.jsonl
    "style": lambda: class_schema(StyleRules),  # style.yaml
    "probe": lambda: PROBE,  # probes.jsonl
    "example": lambda: EXAMPLE,  # train.jsonl
    "pair": lambda: PAIR,  # preference pairs, *.jsonl
    "passage": lambda: PASSAGE,  # a corpus of passages, *.jsonl
    "answer": lambda: ANSWER,  # answers made elsewhere, *.jsonl
    "record": lambda: class_schema(Record),  # reports/RUN/record.json
    "trace": lambda: class_schema(Trace),  # reports/RUN/traces.jsonl
    "score": lambda: class_schema(Score),  # reports/RUN/scores.jsonl
}


def schema_of(name: str) -> JsonObject:
    """The JSON Schema of a format. InputError names the nearest known name."""
    if name not in FORMATS:
        near = get_close_matches(name, FORMATS, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(FORMATS)}"
        raise InputError(f"schema {name}: no such format; {hint}")
    return {"$schema": DIALECT, "title": name, **FORMATS[name]()}
