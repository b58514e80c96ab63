"""Whether what is served is what was measured: read off answers alone."""

from __future__ import annotations

import pytest

from harness.history.sameness import AskedTwice, first_difference, sameness
from harness.report.text.parity import parity_text


def rows(served: list[str | None], reference: list[str], base: list[str]) -> list[AskedTwice]:
    return [AskedTwice(f"q{i}", r, s, b) for i, (s, r, b) in enumerate(zip(served, reference, base, strict=True))]


ADAPTER = [f"the tuned answer {i}" for i in range(20)]
BASE = [f"the plain answer {i}" if i < 12 else ADAPTER[i] for i in range(20)]


def test_the_same_answers_are_as_measured() -> None:
    outcome = sameness(rows(list(ADAPTER), ADAPTER, BASE), str.split)
    assert (outcome.word, outcome.exit_code, outcome.telling) == ("as measured", 0, 12)
    assert outcome.same.mean == 1.0
    assert outcome.departures == ()


def test_an_adapter_without_effect_answers_as_the_base_and_is_one_line_and_exit_1() -> None:
    outcome = sameness(rows(list(BASE), ADAPTER, BASE), str.split)
    assert (outcome.word, outcome.exit_code) == ("as the base", 1)
    assert "all 12 answers in which the adapter differs from its base are the base's" in outcome.says
    assert "\n" not in outcome.says
    assert outcome.departures[0].token == 2
    assert outcome.departures[0].as_base
    assert parity_text(outcome).startswith("NOT what was measured")


def test_another_adapter_is_neither() -> None:
    outcome = sameness(rows([f"something else {i}" for i in range(20)], ADAPTER, BASE), str.split)
    assert (outcome.word, outcome.exit_code) == ("otherwise", 1)


@pytest.mark.parametrize(("others", "word"), [(2, "as measured"), (3, "otherwise")])
def test_a_tenth_of_the_answers_may_differ_by_rounding(others: int, word: str) -> None:
    served: list[str | None] = [*ADAPTER[:-others], *(f"{text}!" for text in ADAPTER[-others:])]
    assert sameness(rows(served, ADAPTER, BASE), str.split).word == word


def test_where_adapter_and_base_answer_alike_nothing_is_proven() -> None:
    outcome = sameness(rows(list(BASE), BASE, BASE), str.split)
    assert (outcome.word, outcome.exit_code) == ("not proven", 3)
    assert sameness(rows([None] * 20, ADAPTER, BASE), str.split).says == "no question was answered by all three"


def test_questions_without_an_answer_are_counted_and_not_compared() -> None:
    outcome = sameness(rows([None, *ADAPTER[1:]], ADAPTER, BASE), str.split)
    assert (outcome.questions, outcome.unanswered, outcome.word) == (19, 1, "as measured")


def test_the_first_token_that_differs() -> None:
    assert first_difference(["a", "b", "c"], ["a", "x", "c"]) == 2
    assert first_difference(["a"], ["a", "b"]) == 2
