"""One module makes text of every number: a unit always, and no rounding across an edge or a threshold."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.stats import numbers as n
from harness.types import Estimate


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.915, "fraction", "91.5 %"),
        (1.0, "fraction", "100.0 %"),
        (0.0, "fraction", "0.0 %"),
        (0.9997, "fraction", "99.97 %"),  # never 100 %
        (0.0004, "fraction", "0.04 %"),  # never 0 %
        (0.999996, "fraction", "99.9996 %"),
        (1 - 1e-16, "fraction", "100.0 %"),  # rounding error of the arithmetic
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


@pytest.mark.parametrize(
    ("value", "limit", "unit", "direction", "shown"),
    [
        (0.8996, 0.9, "fraction", ">=", ("89.96 %", "90.00 %")),
        (0.9, 0.9, "fraction", ">=", ("90.0 %", "90.0 %")),
        (0.9004, 0.9, "fraction", ">=", ("90.0 %", "90.0 %")),  # clears it, and reads so
        (1.1049, 1.1, "ratio", "<=", ("1.105 ×", "1.100 ×")),
        (0.6996, 0.7, "", ">=", ("0.6996", "0.7000")),
        (2.96, 3.0, "times", ">=", ("2.96 times", "3.00 times")),
        (0.02, 0.0, "points", ">", ("0.02 points", "0.00 points")),
        (2000.3, 2000.0, "ms", "<=", ("2,000.3 ms", "2,000.0 ms")),
        (0.92534, 0.92535, "fraction", ">=", ("92.534 %", "92.535 %")),
        (4.999999999999999, 5.0, "points", ">=", ("4.999999999999999 points", "5.0 points")),
    ],
)
def test_digits_grow_until_a_value_reads_on_its_side_of_the_threshold(
    value: float, limit: float, unit: str, direction: n.Comparison, shown: tuple[str, str]
) -> None:
    assert n.against(value, limit, unit, direction) == shown


def test_a_difference_beside_its_threshold_keeps_its_sign() -> None:
    assert n.against(4.96, 5.0, "points", ">=", signed=True) == ("+4.96 points", "5.00 points")


def test_no_figure_of_an_estimate_contradicts_what_is_said_of_its_threshold() -> None:
    misses = n.beside(Estimate(0.8997, 0.8985, 0.89998, 130), 0.9, ">=")
    assert (misses.value, misses.ends) == ("89.970 %", "89.850 to 89.998 %")
    assert misses.interval == "95 % interval 89.850 to 89.998, n = 130"
    assert (misses.limit, misses.limit_as_set) == ("90.000 %", "90 %")
    plain = n.beside(Estimate(0.915, 0.861, 0.956, 130), 0.9, ">=")
    assert (plain.value, plain.ends, plain.limit) == ("91.5 %", "86.1 to 95.6 %", "90.0 %")
    assert n.beside(Estimate(1.12, None, 1.3, 9, unit="ratio"), 1.1, "<=").interval == (
        "95 % interval open to 1.30, n = 9"
    )


_FACTORS = {"fraction": 1, "ratio": 1, "points": 100, "ms": 10_000, "seconds": 10, "furlongs": 10}
_NEAR = st.one_of(
    st.floats(-1.5, 1.5, allow_subnormal=False),
    st.integers(-200, 200).map(lambda i: i / 100),
    st.builds(
        lambda i, e, s: i / 100 + s * 10.0**-e, st.integers(0, 110), st.integers(2, 17), st.sampled_from([-1, 1])
    ),
)


def _read(text: str) -> Decimal:
    match = re.match(r"[+−]?[\d,]+(\.\d+)?", text)
    assert match, text
    return Decimal(match[0].replace(",", "").replace("−", "-"))


@given(
    st.lists(_NEAR, min_size=3, max_size=3),
    _NEAR,
    st.sampled_from(sorted(_FACTORS)),
    st.sampled_from((">=", ">", "<=")),
    st.booleans(),
)
@settings(deadline=None)  # two busy cores
def test_texts_compare_as_the_values_do(
    values: list[float], limit: float, unit: str, direction: n.Comparison, signed: bool
) -> None:
    low, mean, high = sorted(value * _FACTORS[unit] for value in values)
    threshold = limit * _FACTORS[unit]
    texts = n.beside(Estimate(mean, low, high, 40, unit=unit), threshold, direction, signed=signed)
    told = n.beside(Estimate(mean, low, high, 40, unit=unit), threshold, direction).interval
    low_text, high_text = texts.ends.split(" to ")
    told_low, told_high = told.removeprefix("95 % interval ").split(" to ")
    for limit_text in (texts.limit, texts.limit_as_set):
        for value, text in ((mean, texts.value), (low, low_text), (high, high_text)):
            assert n.meets(_read(text), direction, _read(limit_text)) == n.meets(value, direction, threshold)
    if not signed:
        assert (_read(told_low), _read(told_high)) == (_read(low_text), _read(high_text))
    value_text, limit_text = n.against(mean, threshold, unit, direction, signed=signed)
    assert n.meets(_read(value_text), direction, _read(limit_text)) == n.meets(mean, direction, threshold)


def test_figures_split_at_the_point_so_that_columns_align() -> None:
    assert n.figure(0.915, "fraction") == n.SplitNumber("91", ".5", "%")
    assert n.figure(412.0, "ms") == n.SplitNumber("412", "", "ms")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="no figure"):
        n.figure(value, "ms")


def test_unknown_is_said_and_never_zero() -> None:
    assert n.show(None, "ms") == "not measured"
    assert n.number(None, "ms") == "unknown"
    assert n.show_estimate(None) == n.show_estimate(Estimate(None, None, None, 0)) == "not measured"
    assert n.show_interval(None) == n.show_interval(Estimate(1.0, None, None, 1)) == "no interval"
    assert n.interval(Estimate(1.0, None, None, 1)) == "no interval, n = 1"
    assert [n.table_cell(e) for e in (None, Estimate(None, None, None, 0))] == ["n/a", "unknown"]
    assert n.milliseconds(None) == "n/a"


ESTIMATE = Estimate(0.915, 0.861, 0.956, 128, unscored=2)


def test_an_estimate_says_interval_n_and_what_was_unscored() -> None:
    assert n.show_estimate(ESTIMATE) == "91.5 % (86.1 to 95.6 %, n = 128, 2 unscored)"


def test_a_sentence_has_the_same_digits_as_the_page() -> None:
    assert f"{n.number(ESTIMATE.mean, 'fraction')} ({n.interval(ESTIMATE)})" == (
        "91.5 % (95 % interval 86.1 to 95.6, n = 128)"
    )
    assert n.interval(replace(ESTIMATE, high=None)) == "95 % interval 86.1 to open, n = 128"
    assert n.number(-8.46, "points") == "−8.5 points"


def test_a_cell_of_a_terminal_is_the_figure_with_its_interval() -> None:
    assert n.table_cell(ESTIMATE) == "91.5 [86.1 95.6]"
    assert n.table_cell(replace(ESTIMATE, low=None)) == "91.5"


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
    assert [n.duration(s) for s in (95.4, 400, 9000)] == ["95 s", "7 min", "2.5 h"]
    assert [n.milliseconds(v) for v in (411.6, 41.26, 0.126)] == ["412 ms", "41 ms", "0.13 ms"]
    assert [n.in_a_row(names) for names in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0 %"), (1, "100 %"), (0.5, "50 %"), (0.002, "<1 %"), (0.998, ">99 %"), (1 / 3, "33 %")]
)
def test_percent_never_rounds_to_certainty(share: float, text: str) -> None:
    assert n.percent(share) == text
