"""One function formats every number: two decimals at most, a unit always, and no rounding across an edge."""

from __future__ import annotations

import math

import pytest

from harness.report import numbers as n


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.915, "fraction", "91.5 %"),
        (1.0, "fraction", "100.0 %"),
        (0.0, "fraction", "0.0 %"),
        (0.9997, "fraction", "99.97 %"),  # never 100 %
        (0.0004, "fraction", "0.04 %"),  # never 0 %
        (8.46, "points", "8.5 points"),
        (1.076, "ratio", "1.08 ×"),
        (411.6, "ms", "412 ms"),
        (41.26, "ms", "41.3 ms"),
        (0.126, "ms", "0.13 ms"),
        (12345.6, "ms", "12,346 ms"),
        (0.4249, "seconds", "0.42 s"),
        (417.25, "tokens", "417.2 tokens"),
        (2.5, "furlongs", "2.50 furlongs"),
    ],
)
def test_a_number_with_its_unit(value: float, unit: str, shown: str) -> None:
    assert n.show(value, unit) == shown


def test_differences_have_a_sign_and_fractions_become_points() -> None:
    assert n.show(0.0846, "fraction", signed=True) == "+8.5 points"
    assert n.show(-8.46, "points", signed=True) == "−8.5 points"
    assert n.show(-0.0001, "points", signed=True) == "0.0 points"  # no sign on what reads zero
    assert n.show(0.0, "points", signed=True) == "0.0 points"


def test_rounding_does_not_carry_a_value_onto_its_threshold() -> None:
    assert n.show(0.8996, "fraction", against=0.9) == "89.96 %"
    assert n.show(0.9, "fraction", against=0.9) == "90.0 %"
    assert n.show(4.96, "points", signed=True, against=5.0) == "+4.96 points"


def test_figures_split_at_the_point_so_that_columns_align() -> None:
    assert n.figure(0.915, "fraction") == n.Figure("91", ".5", "%")
    assert n.figure(412.0, "ms") == n.Figure("412", "", "ms")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="no figure"):
        n.figure(value, "ms")


def test_unknown_is_said_and_never_zero() -> None:
    assert n.show(None, "ms") == "not measured"
    assert n.show_estimate({"mean": None, "low": None, "high": None, "n": 0}) == "not measured"
    assert n.show_interval({"mean": 1.0, "low": None, "high": None, "n": 1}) == "no interval"


def test_an_estimate_says_interval_n_and_what_was_unscored() -> None:
    estimate = {"mean": 0.915, "low": 0.861, "high": 0.956, "n": 128, "unscored": 2, "unit": "fraction"}
    assert n.show_estimate(estimate) == "91.5 % (86.1 to 95.6 %, n = 128, 2 unscored)"


def test_limits_durations_and_p_values() -> None:
    assert [n.show_threshold(v, u) for v, u in ((0.9, "fraction"), (1.1, "ratio"), (-5.0, "points"))] == [
        "90 %",
        "1.1 ×",
        "−5 points",
    ]
    assert [n.show_seconds(s) for s in (0.424, 71.4, 3900, None)] == [
        "0.42 s",
        "1 min 11 s",
        "1 h 5 min",
        "not measured",
    ]
    assert [n.show_p(p) for p in (None, 0.004, 0.25)] == ["not tested", "p < 0.01", "p = 0.25"]
    assert [n.show_count(c, "question") for c in (1, 1200)] == ["1 question", "1,200 questions"]
