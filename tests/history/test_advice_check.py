"""Advice against measurement over several runs."""

from __future__ import annotations

from typing import Any

import pytest

from harness.history.advice_check import IN_PART, NOT_ASKED, NOTHING_SHIPS, check_advice
from harness.record.sections import Record, ScenarioSection
from harness.types import Score
from tests import make
from tests.verdict import runs


def judged(name: str, advised: str | None, scores: list[Score] | None = None, **changes: Any) -> Record:
    scenario = ScenarioSection(name, "", "0" * 16, "scenarios/small")
    return runs.record(name, advised, scores, scenario=scenario, **changes)


@pytest.mark.parametrize(
    ("advised", "hits", "winner", "agreement", "miss"),
    [
        ("both", runs.HITS, "hybrid", "agrees", None),
        ("rag", runs.HITS, "hybrid", "disagrees", "prompting alone fell behind"),
        ("fine_tune", runs.HITS, "hybrid", "disagrees", "facts had to be looked up"),
        ("both", runs.HITS | {"rag": 114}, "rag", "disagrees", "tuning did not earn its cost"),
        ("both", runs.HITS | {"tune": 119, "hybrid": 84}, "tune", "disagrees", "passages were not needed"),
        (None, runs.HITS, "hybrid", "not comparable", NOT_ASKED),
    ],
)
def test_each_miss_has_a_name(
    advised: str | None, hits: dict[str, int], winner: str, agreement: str, miss: str | None
) -> None:
    (row,) = check_advice([judged("a", advised, runs.scores(hits))]).rows
    assert (row.winner, row.agreement, row.miss) == (winner, agreement, miss)


def test_where_nothing_ships_the_best_arm_is_named_and_not_counted() -> None:
    forms = dict.fromkeys(runs.HITS, runs.form(schema=make.proportion(500, 1120)))
    check = check_advice([judged("a", "both", forms=forms), judged("b", "both")])
    nothing, good = check.rows
    assert (nothing.winner, nothing.ships, nothing.miss) == ("hybrid", False, NOTHING_SHIPS)
    assert "the best arm measured, hybrid, 95.0 % task success, is of the kind 'both'" in nothing.reason
    assert good.ships
    assert (check.agreed, check.comparable) == (1, 1)
    assert check.says == "1 of 1 comparable runs agree with the checklist"


def test_a_partial_run_counts_for_nothing() -> None:
    check = check_advice([judged("a", "both", partial="only the arms rag")])
    assert check.rows[0].miss == IN_PART
    assert check.says == "no run can be compared with the checklist yet"
