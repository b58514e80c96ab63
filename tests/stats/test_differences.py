"""Paired differences of columns by case, and Holm over several."""

from __future__ import annotations

import harness.stats as stats


def test_a_difference_by_case_pairs_the_cases_of_both_in_the_order_of_the_first() -> None:
    a = {"q3": 1.0, "q1": 1.0, "q2": None, "only a": 1.0}
    b = {"q1": 0.0, "q2": 1.0, "q3": 1.0, "only b": 0.0}
    row = stats.difference_by_case(("correct", "hybrid", "rag"), a, b, {})
    assert row == stats.difference(("correct", "hybrid", "rag"), [1.0, 1.0, None], [1.0, 0.0, 1.0], ["q3", "q1", "q2"])
    assert row is not None
    assert (row.estimate.n, row.estimate.unscored) == (2, 1)
    assert stats.difference_by_case(("correct", "hybrid", "rag"), a, {"only b": 0.0}, {}) is None


def test_cases_of_one_cluster_are_not_independent() -> None:
    cases = [f"q{i}" for i in range(40)]
    a, b = ({case: float(i // 4 % 2 == turn) for i, case in enumerate(cases)} for turn in (0, 1))
    name = ("correct", "hybrid", "rag")
    apart = stats.difference_by_case(name, a, b, {})
    together = stats.difference_by_case(name, a, b, {case: f"d{i // 4}" for i, case in enumerate(cases)})
    assert apart is not None
    assert together is not None
    assert apart.estimate.high is not None
    assert together.estimate.high is not None
    assert together.estimate.high > apart.estimate.high


def test_holm_leaves_out_what_could_not_be_compared() -> None:
    column = {f"q{i}": float(i < 12) for i in range(40)}
    zero = dict.fromkeys(column, 0.0)
    rows = [
        stats.difference_by_case(("correct", "a", "b"), column, zero, {}),
        None,
        stats.difference_by_case(("schema", "a", "b"), column, column, {}),
    ]
    gained, same = stats.with_holm(rows)
    assert gained.p is not None
    assert gained.p_holm == 2 * gained.p
    assert (same.metric, same.p, same.p_holm) == ("schema", 1.0, 1.0)
