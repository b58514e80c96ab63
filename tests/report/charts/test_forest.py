"""Gates as bars and words."""

from __future__ import annotations

from dataclasses import replace

from harness.report.charts.forest import WIDTH, forest, more_needed
from tests.report.runs import gate, span


def test_a_gate_bar_lies_right_of_the_line_exactly_where_the_gate_clears() -> None:
    rows = forest(
        [
            gate("pass", span(0.95, 0.92, 0.97), 0.9),
            gate("fail", span(0.09, 0.06, 0.14), 0.05, direction="<="),
            gate("not proven", span(1.05, 0.99, 1.2, "ratio"), 1.1, direction="<=", n_needed=80),
            gate("not measured", unit="ratio", direction="<="),
        ]
    ).rows
    bars = [row.bar for row in rows]
    assert bars[3] is None
    clears = [bar.low > WIDTH / 2 for bar in bars[:3] if bar]
    misses = [bar.high < WIDTH / 2 for bar in bars[:3] if bar]
    assert clears == [True, False, False]
    assert misses == [False, True, False]
    assert all(0 <= end <= WIDTH for bar in bars[:3] if bar for end in (bar.low, bar.mid, bar.high))


def test_a_gate_says_how_many_more_would_settle_it() -> None:
    open_gate = gate("not proven", span(6, 1, 11, "points", 130), 5.0, n_needed=210)
    assert more_needed(open_gate) == "80 more questions (210 in all)"
    assert more_needed(replace(open_gate, counts="answers")) == "80 more answers (210 in all)"
    assert more_needed(replace(open_gate, n_needed=100)) == "100 questions in all"
    assert more_needed(replace(open_gate, status="fail")) == ""
    assert more_needed(replace(open_gate, n_needed=None)) == ""


def test_differences_in_points_and_in_fractions_read_alike() -> None:
    row = forest([gate("pass", span(8.0, 6.0, 10.0, "points"), 5.0, absolute=False)]).rows[0]
    assert row.value == "+8.0 points"
    assert row.interval == "+6.0 to +10.0 points"


def test_no_text_of_a_gate_contradicts_how_it_compares() -> None:
    row = forest([gate("not proven", span(0.8996, 0.86, 0.93), 0.9)]).rows[0]
    assert (row.value, row.threshold) == ("89.96 %", "≥ 90 %")


def test_an_estimate_without_a_threshold_is_shown_all_the_same() -> None:
    row = forest([gate("not applicable", span(0.5, 0.4, 0.6))]).rows[0]
    assert (row.value, row.interval, row.threshold, row.bar) == ("50.0 %", "40.0 to 60.0 %", "–", None)
