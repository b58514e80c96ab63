"""Two ways of writing one answer have the same normalised words."""

from __future__ import annotations

import pytest

from harness.metrics.words import normal_words, positions


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fourteen days", "14 days"),
        ("14 days", "a 14-day"),
        ("1,250 users", "1250 user"),
        ("$5", "5 dollars"),
        ("€1,250.00", "1250 euros"),
        ("19 EUR", "19 euros"),
        ("5%", "5 percent"),
        ("50GB", "50 GB"),
        ("2026-03-02", "March 2nd, 2026"),
        ("2 March 2026", "Mar. 2, 2026"),
        ("the Orchid plan", "ORCHID plan."),
        ("Café", "cafe\u0301"),
        ("ﬁle", "file"),
        ("09:30", "9:30"),
        ("twenty", "20"),
        ("9.50", "9.5"),
        ("BILLING_REFUND", "_billing_refund_"),
        ("Ann’s desk", "Ann desk"),
        ("policies", "policy"),
    ],
)
def test_the_same(one: str, other: str) -> None:
    assert normal_words(one) == normal_words(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("14", "140"),
        ("1.5", "15"),
        ("$5", "€5"),
        ("v2.10", "v2.1.0"),
        ("5 May", "5 June"),
        ("not", ""),
        ("KB-10", "KB-1"),
        ("BILLING", "BILLING_REFUND"),
    ],
)
def test_not_the_same(one: str, other: str) -> None:
    assert normal_words(one) != normal_words(other)


def test_a_date_holds_itself_without_its_year() -> None:
    assert positions(normal_words("since March 2, 2026"), normal_words("2 March"))


def test_a_month_that_ends_a_sentence_makes_no_date_of_the_next_number() -> None:
    assert "april" in normal_words("They return in April. 4 bikes are kept.")


def test_runs_are_whole_and_contiguous() -> None:
    assert positions(["a", "b", "a", "b"], ["a", "b"]) == [0, 2]
    assert positions(["a"], []) == []
    assert positions(["a", "x", "b"], ["a", "b"]) == []
