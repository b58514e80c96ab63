"""The profile filled from a run's record: what was measured is shown, what was not stays an expectation."""

from __future__ import annotations

from typing import Any

from harness.advice.content import content
from harness.advice.measured import measured_profile
from harness.advice.questions import AnswerValue
from harness.advice.recommend import advise
from harness.advice.render import to_html

RECORD: dict[str, Any] = {
    "stages": [
        {"name": "index", "arm": None, "seconds": 14.2, "cached": True},
        {"name": "tune", "arm": "hybrid", "seconds": 300.0, "cached": False},
    ],
    "metrics": {
        "rag": {"hallucination": {"mean": 0.06, "low": 0.02, "high": 0.13}, "schema": {"mean": 0.7, "low": None}},
        "hybrid": {"hallucination": {"mean": None, "low": None, "high": None}},
    },
    "latency": {"rag": {"retrieval": {"p95": {"mean": 38.4}}}, "tune": {"retrieval": {"p95": None}}},
}


def test_what_was_measured_is_shown_with_its_interval() -> None:
    assert measured_profile(RECORD) == {
        "time_to_value": {"rag": "14 s to index", "both": "14 s to index, 5 min to train"},
        "tone": {"rag": "in form 70 %"},
        "hallucination": {"rag": "6 % (2 to 13 %)"},
        "latency": {"rag": "38 ms (p95)"},
    }


def test_empty_record_measures_nothing() -> None:
    assert measured_profile({}) == {}


def test_page_marks_what_is_measured() -> None:
    found = content(advise({1: AnswerValue.YES}), "x", measured_profile(RECORD), "run-7")
    page = to_html(found)
    assert "6 % (2 to 13 %)" in page
    assert "run-7" in page
    assert "as fresh as the index" in page
