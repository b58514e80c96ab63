"""Correctness and completeness: every rule by an example worked out by hand."""

from __future__ import annotations

import pytest

from tests.metrics.cases import UNANSWERABLE, answer, case, score


@pytest.mark.parametrize(
    ("text", "accept", "right"),
    [
        ("The trial lasts fourteen days [S1].", "14 days", True),
        ("It is a 14-day trial.", "14 days", True),
        ("No, 14 days.", "14 days", True),
        ("It is 140 days.", "14", False),
        ("The trial lasts 14 days, not 30 days.", "30 days", False),
        ("It no longer lasts 30 days but 14 days.", "30 days", False),
        ("It isn't 14 days.", "14 days", False),
        ("Ana, Bob, Cid, Dan, Eve or Fay", "Eve", False),
        ("10\n20\n30\n40\n50\n60", "30", False),
        ("Red, green and blue", "red, green and blue", True),
        ("On Monday, 2 March 2026, in room 5, at noon.", "2026-03-02", True),
        ("word " * 80 + "14 days", "14 days", False),
        ("", "14 days", False),
        ("days 14", "14 days", False),
        ("not refundable", "not refundable", True),
        ("It is not refundable.", "refundable", False),
        ("Loads must not exceed 12 kg.", "12 kg", True),
        ("Not more than 12 kg.", "12 kg", True),
        ("It is never later than 9 pm.", "21:00", True),
        ("You cannot take 12 kg.", "12 kg", False),
        ("Neither Ana nor Bob.", "Ana", False),
        ("Not only Ana but Bob.", "Bob", True),
        ("It is -4 °C.", "4 °C", False),
        ("The coldest is minus four degrees.", "-4", True),
        ("Thirty-one boats.", "31", True),
        ("We meet at half past.", "15:00", False),
        ("We meet at 3 pm.", "15:00", True),
        ("On 18.07.2025.", "July 18, 2025", True),
        ("Version 3.1", "3.10", False),
        ("v3.10", "3.10", True),
        ("Version 3.10 of it.", "v3.10", True),
        ("A", "A", True),
        ("(A) a blue boat", "A", True),
        ("It is option A.", "A", True),
        ("It is a boat.", "A", False),
        ("A boat.", "A", False),
        ("B", "A", False),
        ("Vitamin D", "vitamin A", False),
        ("F#, of course.", "F#", True),
        ("It is written in C.", "C#", False),
        ("Write `&&` between them.", "&&", True),
        ("Write ==.", "=", False),
        ("<=", "<", False),
    ],
)
def test_correct(text: str, accept: str, right: bool) -> None:
    assert score("correct", case(accept=(accept,)), answer(text)) == float(right)


def test_correct_is_for_answerable_cases() -> None:
    assert score("correct", UNANSWERABLE, answer("x")) is None
    assert score("correct", case(accept=()), answer("x")) is None
    assert score("correct", case(), answer("14 days", refused=True)) == 0.0


def test_complete_counts_key_points_in_text_and_object() -> None:
    points = case(key_points=("19 euros", "closed on all Mondays of the month", "high"))
    reply = answer("It costs 19 euros; every Monday of the month it is closed.", parsed={"urgency": "high"})
    assert score("complete", points, reply) == pytest.approx(2 / 3)  # "all" missing, yet 4 of 6 words is below 3/4
    more = answer("19 euros. Closed on Mondays, all of the month. High.")
    assert score("complete", points, more) == 1.0
    assert score("complete", case(), reply) is None
