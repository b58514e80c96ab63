"""The row formats as JSON Schemas: one source for the loader, for `harness schema NAME` and for the docs.

A golden case, as it stands in a file (one line):
`{"id": "hd-001", "question": "How long is the trial?", "accept": ["14 days"], "kind": "lookup",
"evidence": [{"doc": "plans.md", "quote": "The trial lasts 14 days."}], "split": "test"}`
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.types import CATEGORIES, KINDS, SPLITS, JsonObject

_TEXT: JsonObject = {"type": "string", "pattern": r"\S"}
_TEXTS: JsonObject = {"type": "array", "items": _TEXT}
_MAYBE_TEXT: JsonObject = {"type": ["string", "null"]}
_OUTPUT: JsonObject = {"type": ["object", "string"], "pattern": r"\S", "minProperties": 1}
_EVIDENCE: JsonObject = {
    "type": "array",
    "items": {
        "type": ["string", "object"],
        "pattern": r"\S",
        "properties": {"doc": _TEXT, "quote": _TEXT},
        "required": ["doc"],
        "additionalProperties": False,
    },
}
_DATE: JsonObject = {
    "type": ["string", "null"],
    "pattern": r"^\d{4}(-\d{2}(-\d{2}([T ].*)?)?)?$",
    "description": "ISO 8601 date",
}


def _row(properties: JsonObject, required: list[str]) -> JsonObject:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


CASE = _row(
    {
        "id": _TEXT,
        "question": _TEXT,
        "accept": _TEXTS,
        "key_points": _TEXTS,
        "evidence": _EVIDENCE,
        "kind": {"enum": list(KINDS)},
        "category": {"enum": list(CATEGORIES)},
        "split": {"enum": list(SPLITS)},
        "timestamp": _DATE,
        "source": _MAYBE_TEXT,
        "verified_by": _MAYBE_TEXT,
    },
    ["id", "question"],
)
PROBE = _row({"id": _TEXT, "question": _TEXT}, ["id", "question"])
PASSAGE = _row(
    {
        "id": _TEXT,
        "text": {"type": "string"},
        "title": _MAYBE_TEXT,
        "source": _MAYBE_TEXT,
        "timestamp": _MAYBE_TEXT,
        "metadata": {"type": ["object", "null"]},
    },
    ["id", "text"],
)
_CONTEXT: JsonObject = {
    "type": "array",
    "items": _row({"id": _TEXT, "text": _TEXT, "title": {"type": "string"}}, ["id", "text"]),
}
EXAMPLE = _row(
    {
        "prompt": _row({"user": _TEXT, "system": {"type": "string"}, "context": _CONTEXT}, ["user"]),
        "output": _OUTPUT,
        "rejected": _OUTPUT,
        "evidence": _EVIDENCE,
        "use": {"enum": ["open_book", "closed_book", "both"]},
        "timestamp": _DATE,
        "replay": {"type": "boolean"},
    },
    ["prompt", "output"],
)
PAIR = _row(
    {
        "question": _TEXT,
        "passages": _CONTEXT,
        "chosen": _OUTPUT,
        "rejected": _OUTPUT,
        "source": _TEXT,
        "case": _TEXT,
    },
    ["question", "chosen", "rejected"],
)
_COUNT: JsonObject = {"type": ["integer", "null"], "minimum": 0}
_SECONDS: JsonObject = {"type": ["number", "null"], "exclusiveMinimum": 0, "maximum": 86_400}
ANSWER = _row(
    {
        "id": _TEXT,
        "text": {"type": "string"},
        "passages": {
            "type": ["array", "null"],
            "items": {
                "type": ["string", "object"],
                "properties": {"text": {"type": "string"}, "id": _TEXT, "doc": _TEXT, "title": {"type": "string"}},
                "required": ["text"],
                "additionalProperties": False,
            },
        },
        "seconds": {"description": "from the question to the whole answer", **_SECONDS},
        "first_token_seconds": _SECONDS,
        "prompt_tokens": _COUNT,
        "completion_tokens": _COUNT,
    },
    ["id", "text"],
)

SCHEMAS: Mapping[str, JsonObject] = {
    "case": CASE,
    "probe": PROBE,
    "example": EXAMPLE,
    "pair": PAIR,
    "passage": PASSAGE,
    "answer": ANSWER,
}
