"""Likeness to the reference in words, against hand counts and against the reference implementation of ROUGE."""

from __future__ import annotations

import pytest

from harness.metrics.overlap import rouge_l, token_f1
from harness.metrics.reading import Reading
from harness.types import Unscored
from tests.metrics.cases import PLANS, answer, case


def reading(said: str, *accept: str) -> Reading:
    return Reading(case(accept=accept), answer(said, PLANS))


@pytest.mark.parametrize(
    ("said", "accept", "f1", "rouge"),
    [
        ("14 days", ["14 days"], 1.0, 1.0),
        ("fourteen days", ["14 days"], 1.0, 1.0),
        ("It lasts 14 days", ["14 days"], 2 * 2 / 6, 2 * 2 / 6),
        ("days 14", ["14 days"], 1.0, 2 * 1 / 4),
        ("nothing of it", ["14 days"], 0.0, 0.0),
        ("14 days", ["two weeks", "14 days"], 1.0, 1.0),
        ("最多三天", ["三天"], 2 * 2 / 6, 2 * 2 / 6),
    ],
)
def test_by_hand(said: str, accept: list[str], f1: float, rouge: float) -> None:
    assert token_f1(reading(said, *accept)) == pytest.approx(f1)
    assert rouge_l(reading(said, *accept)) == pytest.approx(rouge)


def test_rouge_l_is_that_of_the_reference_implementation() -> None:
    scorer = pytest.importorskip("rouge_score.rouge_scorer").RougeScorer(["rougeL"])
    said, reference = "police ate the lasagna near the harbour at noon", "police kill the lasagna at the harbour"
    tokens = [text.replace("the ", "") for text in (reference, said)]  # articles are no words here
    assert rouge_l(reading(said, reference)) == pytest.approx(scorer.score(*tokens)["rougeL"].fmeasure)


def test_refusals_and_cases_without_a_reference() -> None:
    refused = Reading(case(accept=("14 days",)), answer("The passages do not say.", PLANS, refused=True))
    assert token_f1(refused) == rouge_l(refused) == 0.0
    unanswerable = token_f1(Reading(case(accept=(), kind="unanswerable"), answer("x", PLANS)))
    assert isinstance(unanswerable, Unscored)
    assert not unanswerable.applicable
