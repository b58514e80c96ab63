"""Every trace is one outcome, and a failure is none of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.report.outcomes import classify
from harness.types import Answer, Case, Form, Kind, Score, Trace

GOOD_FORM = Form(True, True, True, False)
ANSWER = Answer("raw", "text", {}, GOOD_FORM, False, ())


def scored(**values: float) -> dict[str, Score]:
    return {name: Score("c", "rag", name, value) for name, value in values.items()}


@pytest.mark.parametrize(
    ("answer", "kind", "scores", "outcome"),
    [
        (ANSWER, "lookup", scored(correct=1.0, hallucination=0.0), "right"),
        (ANSWER, "lookup", scored(correct=1.0), "right"),  # no passages: nothing to be unsupported by
        (ANSWER, "lookup", scored(correct=1.0, hallucination=1.0), "unsupported"),
        (ANSWER, "lookup", scored(correct=0.0, hallucination=1.0), "wrong"),
        (ANSWER, "lookup", {}, "failed"),
        (ANSWER, "unanswerable", scored(correct=0.0), "wrong"),
        (replace(ANSWER, refused=True), "unanswerable", scored(correct=1.0), "refused-rightly"),
        (replace(ANSWER, refused=True), "lookup", scored(correct=0.0), "refused-needlessly"),
        (replace(ANSWER, form=Form(True, False, False, True)), "lookup", scored(correct=1.0), "broken-form"),
        (replace(ANSWER, form=Form(False, False, False, False)), "lookup", scored(correct=1.0), "right"),
    ],
)
def test_every_trace_is_one_outcome(answer: Answer, kind: Kind, scores: dict[str, Score], outcome: str) -> None:
    assert classify(Case("c", "q", kind=kind), Trace("c", "rag", answer), scores) == outcome


def test_a_failed_trace_is_no_wrong_answer() -> None:
    assert classify(Case("c", "q"), Trace("c", "rag", error="timeout"), {}) == "failed"
