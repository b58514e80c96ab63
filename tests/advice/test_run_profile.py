"""The profile filled from a run's figures: what was measured is shown, what was not stays an expectation."""

from __future__ import annotations

from dataclasses import replace

from harness.advice.content import content
from harness.advice.page import to_html
from harness.advice.questions import AnswerValue
from harness.advice.recommend import advise
from harness.advice.run_profile import profile_texts
from harness.record.measurements import ArmLatency, LatencySection, Quantiles
from harness.record.sections import (
    StageSection,
)
from harness.types import Estimate
from tests import make

UNKNOWN = Estimate(None, None, None, 0)


def _latency(retrieval_p95: float | None) -> ArmLatency:
    nothing = Quantiles(UNKNOWN, UNKNOWN)
    retrieval = Quantiles(UNKNOWN, replace(UNKNOWN, mean=retrieval_p95, unit="ms"))
    return ArmLatency(retrieval, nothing, nothing, nothing, None)


FIGURES = replace(
    make.UNMEASURED,
    stages=(StageSection("index", None, 14.2, True, "a"), StageSection("tune", "hybrid", 300.0, False, "b")),
    metrics={
        "rag": {"hallucination": Estimate(0.06, 0.02, 0.13, 90), "schema": Estimate(0.7, None, None, 1)},
        "hybrid": {"hallucination": UNKNOWN},
    },
    latency=LatencySection(30, 3, {"rag": _latency(38.4), "tune": _latency(None)}, None),
)


def test_what_was_measured_is_shown_with_its_interval() -> None:
    assert profile_texts(FIGURES) == {
        "time_to_value": {"rag": "14 s to index", "both": "14 s to index, 5 min to train"},
        "tone": {"rag": "in form 70 %"},
        "hallucination": {"rag": "6 % (2 to 13 %)"},
        "latency": {"rag": "38 ms (p95)"},
    }


def test_run_without_figures_measures_nothing() -> None:
    assert profile_texts(make.UNMEASURED) == {}


def test_page_marks_what_is_measured() -> None:
    page = to_html(content(advise({1: AnswerValue.YES}), "x", profile_texts(FIGURES), "run-7"))
    assert "6 % (2 to 13 %)" in page
    assert "run-7" in page
    assert "as fresh as the index" in page
