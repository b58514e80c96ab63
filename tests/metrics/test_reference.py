"""Answers to questions whose only reference is a sentence: decided where words can tell, unscored where they cannot."""

from __future__ import annotations

import pytest

from harness.metrics.reading import Reading
from harness.metrics.reference import added_value
from harness.metrics.table import METRICS
from harness.types import Unscored
from tests.metrics.cases import PLANS, answer, case

FEE = "The permit for a small boat costs 40 crowns."
FEE_ASKED = "What does the permit for a small boat cost?"


def value(said: str, reference: str = FEE, question: str = FEE_ASKED, points: tuple[str, ...] = ()) -> float | None:
    asked = case(question=question, accept=(reference,), key_points=points)
    scored = METRICS["correct"].read(Reading(asked, answer(said, PLANS)))
    return None if isinstance(scored, Unscored) else scored


@pytest.mark.parametrize(
    ("said", "right"),
    [
        (FEE, 1.0),
        ("the permit for a small boat costs forty crowns", 1.0),
        ("It is 40 crowns.", 1.0),
        ("40 crowns", 1.0),
        ("You pay forty crowns for it.", 1.0),
        ("It costs 50 crowns.", 0.0),
        ("The permit for a small boat costs 50 crowns.", 0.0),
        ("About as much as a lunch.", None),
        ("It costs 4 euros.", None),
        ("Not 40 crowns.", None),
    ],
)
def test_a_value_with_a_number(said: str, right: float | None) -> None:
    assert value(said) == right


@pytest.mark.parametrize(
    ("said", "right"),
    [("Bo Lindgren", 1.0), ("Mr Bo Lindgren does.", 1.0), ("Ask at the gate.", None), ("Eva Holm", None)],
)
def test_a_name(said: str, right: float | None) -> None:
    assert value(said, "The keeper of the lock is Bo Lindgren.", "Who is the keeper of the lock?") == right


@pytest.mark.parametrize(
    ("reference", "question"),
    [
        ("You may not bring more than 2 dogs.", "May I bring dogs?"),  # a denial is more than its number
        ("It is closed in winter unless the ice is 20 cm thick.", "When is it closed?"),
        ("Walk along the quay, turn left at the crane and ring.", "How do I get in?"),
        ("Because the crane is old.", "Why?"),
    ],
)
def test_other_sentences_add_no_value(reference: str, question: str) -> None:
    assert added_value(reference, question) is None
    assert value("Something in other words.", reference, question) is None
    assert value(reference, reference, question) == 1.0


def test_key_points_decide() -> None:
    reference, question = "Walk along the quay, turn left at the crane and ring.", "How do I get in?"
    points = ("quay", "left at the crane")
    assert value("Along the quay, then left at the crane.", reference, question, points) == 1.0
    assert value("Along the quay.", reference, question, points) == 0.0


def test_a_refusal_is_wrong_as_ever() -> None:
    asked = case(question=FEE_ASKED, accept=(FEE,))
    assert METRICS["correct"].read(Reading(asked, answer("The passages do not say.", PLANS, refused=True))) == 0.0


def test_the_reason_says_what_to_do() -> None:
    asked = case(question=FEE_ASKED, accept=(FEE,))
    scored = METRICS["task_success"].read(Reading(asked, answer("As much as a lunch.", PLANS)))
    assert isinstance(scored, Unscored)
    assert scored.applicable
    assert "key_points" in scored.reason
