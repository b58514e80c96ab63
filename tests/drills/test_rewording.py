"""A question in other words: another string, the same question."""

from __future__ import annotations

import pytest

from harness.drills.rewording import reworded


@pytest.mark.parametrize(
    ("question", "holds"),
    [
        ("How much does the Reed plan cost?", "what does the Reed plan cost in money?"),
        ("How many hubs need a key?", "hat number of hubs require a key?"),
        ("UP-9012 has not moved for a week.", "UP-9012 has not moved for a week."),
        ("Who owns Amber?", "hich person or group owns Amber?"),
    ],
)
def test_a_rewording_asks_the_same_in_another_string(question: str, holds: str) -> None:
    other = reworded(question, "q1")
    assert holds.lower() in other.lower()
    assert other != question
    assert other == reworded(question, "q1")
