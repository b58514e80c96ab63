"""The profile filled from a run's figures: what was measured is shown, what was not stays an expectation."""

from __future__ import annotations

from dataclasses import replace

from harness.advice.content import content
from harness.advice.page import to_html
from harness.advice.questions import AnswerValue
from harness.advice.recommend import advise
from harness.advice.run_profile import profile_texts
from harness.record.measurements import AbilitySection, ArmLatency, LatencySection, Quantiles
from harness.record.sections import (
    CorpusSection,
    CountSection,
    Figures,
    GitSection,
    GoldenSection,
    HardwareSection,
    HashSection,
    ScenarioSection,
    StageSection,
)
from harness.scenario.settings import Models, Prices
from harness.types import Estimate

UNKNOWN = Estimate(None, None, None, 0)
NOTHING = Figures(
    scenario=ScenarioSection("x", "X", "0", "scenarios/x"),
    candidate="hybrid",
    reference=None,
    models=Models(),
    arms=(),
    metric_rows=(),
    golden=GoldenSection(None, "0", {}, 0, {}, {}),
    probes=0,
    corpus=CorpusSection(0, 0, 0, (), "0"),
    seed=7,
    partial=None,
    hashes=HashSection(None, None, None, None, "0", "0", "0"),
    counts=CountSection(0, 0),
    metrics={},
    slices={},
    differences=(),
    forms={},
    retrieval=None,
    latency=LatencySection(0, 0, {}, None),
    prices=Prices(),
    cost={},
    forgetting=AbilitySection("not measured"),
    safety=AbilitySection("not measured"),
    tuning={},
    identical_outputs={},
    drills=None,
    freshness=None,
    versions={},
    hardware=HardwareSection("", "", "", None, 0.0, None),
    git=GitSection(None, None),
    stages=(),
)


def _latency(retrieval_p95: float | None) -> ArmLatency:
    nothing = Quantiles(UNKNOWN, UNKNOWN)
    retrieval = Quantiles(UNKNOWN, replace(UNKNOWN, mean=retrieval_p95, unit="ms"))
    return ArmLatency(retrieval, nothing, nothing, nothing, None)


FIGURES = replace(
    NOTHING,
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
    assert profile_texts(NOTHING) == {}


def test_page_marks_what_is_measured() -> None:
    page = to_html(content(advise({1: AnswerValue.YES}), "x", profile_texts(FIGURES), "run-7"))
    assert "6 % (2 to 13 %)" in page
    assert "run-7" in page
    assert "as fresh as the index" in page
