"""Figures and terms as the page writes them."""

from __future__ import annotations

import pytest

from harness.report.page.terms import stacked, with_terms
from harness.stats.numbers import show_estimate
from harness.types import Estimate


@pytest.mark.parametrize(
    ("estimate", "value", "below"),
    [
        (Estimate(0.915, 0.861, 0.956, 130), "91.5 %", "86.1 to 95.6 %, n = 130"),
        (Estimate(-8.46, -12.0, -5.0, 1300, 2, "points"), "−8.5 points", "−12.0 to −5.0, n = 1,300, 2 unscored"),
        (Estimate(1.05, None, None, 15, 0, "ratio"), "1.05 ×", "no interval, n = 15"),
        (Estimate(412.0, 400.0, 420.0, 40, 0, "ms"), "412 ms", "400 to 420 ms, n = 40"),
    ],
)
def test_an_estimate_has_its_interval_on_a_line_of_its_own(estimate: Estimate, value: str, below: str) -> None:
    text = show_estimate(estimate, signed=estimate.unit == "points")
    written = str(stacked(text))
    assert f">{value}</span>" in written
    assert "<small" in written
    assert below.split(",")[-1] in written
    assert written.count("n = ") == 1
    assert "(" not in written


@pytest.mark.parametrize("text", ["rag (candidate)", "none", "2 of 5 (n = 3) of them", "<b>5 % (1 to 2 %)</b>", ""])
def test_any_other_text_is_left_as_it_is(text: str) -> None:
    assert str(stacked(text)) == text.replace("<", "&lt;").replace(">", "&gt;")
    assert str(stacked(7)) == "7"


def test_a_term_is_explained_the_first_time_alone() -> None:
    assert str(with_terms("gate after gate")).count('href="#term-gate"') == 1
