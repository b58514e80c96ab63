"""Latency rows and token counts as the record's sections."""

from __future__ import annotations

import pytest

from harness.record.measurements import CostSection
from harness.results.cost import cost_sections
from harness.results.latency import latency_section
from harness.scenario.settings import Prices
from harness.stages.latency import Latency
from harness.types import Estimate
from tests import make


def rows(arm: str, factor: float = 1.0, first_token: float | None = 0.01) -> list[Latency]:
    seconds = [0.1 * (i + 1) * factor for i in range(40)]
    return [Latency(arm, i, 0.02, s, first_token, 0.02 + s) for i, s in enumerate(seconds)]


def test_parts_are_in_milliseconds_and_ratios_are_against_the_reference() -> None:
    section = latency_section([*rows("rag"), *rows("hybrid", 2.0)], "rag", questions=40, repeats=3)
    assert (section.questions, section.repeats, list(section.arms)) == (40, 3, ["rag", "hybrid"])
    assert section.arms["rag"].retrieval.p50.mean == pytest.approx(20.0)
    assert section.arms["rag"].total.p50.mean == pytest.approx(20.0 + 2050.0)
    assert section.arms["rag"].ratio is not None
    assert section.arms["hybrid"].ratio is not None
    assert section.arms["rag"].ratio.mean == 1.0
    assert section.arms["hybrid"].ratio.mean == pytest.approx(2.0, rel=0.01)


def test_the_control_is_no_arm_and_is_held_against_its_own_first_run() -> None:
    section = latency_section([*rows("rag"), *rows("rag again", 1.1)], "rag", questions=40, repeats=1)
    assert list(section.arms) == ["rag"]
    assert section.control is not None
    assert section.control.mean == pytest.approx(1.1, rel=0.01)


def test_without_a_reference_there_is_no_ratio_and_without_rows_no_arm() -> None:
    assert latency_section(rows("tune"), None, questions=40, repeats=1).arms["tune"].ratio is None
    empty = latency_section((), "rag", questions=0, repeats=3)
    assert (empty.questions, dict(empty.arms), empty.control) == (0, {}, None)


def test_a_generator_that_cannot_tell_its_first_token_leaves_it_unscored() -> None:
    section = latency_section(rows("rag", first_token=None), "rag", questions=40, repeats=1)
    assert section.arms["rag"].first_token.p50.mean is None
    assert section.arms["rag"].first_token.p50.unscored == 40


def tokens(mean: float | None) -> Estimate:
    return Estimate(mean, None, None, 10, unit="tokens")


METRICS = {
    "rag": {"prompt_tokens": tokens(400.0), "completion_tokens": tokens(20.0)},
    "baseline": {"prompt_tokens": tokens(50.0), "completion_tokens": tokens(None)},
}


def test_a_thousand_questions_cost_their_look_ups_and_their_tokens() -> None:
    sections = cost_sections(METRICS, Prices(1.0, 5.0, retrieval_per_1000=0.2), {"rag"})
    cost = sections["rag"]
    assert cost.retrieval_per_1000 == 0.2
    assert cost.generation_per_1000 == pytest.approx(0.5)
    assert cost.per_1000 == pytest.approx(0.7)
    assert sections["baseline"] == CostSection(tokens(50.0), tokens(None), 0.0, None, None)


def test_without_token_prices_nothing_is_said_about_money() -> None:
    cost = cost_sections(METRICS, Prices(retrieval_per_1000=0.2), {"rag"})["rag"]
    assert (cost.retrieval_per_1000, cost.generation_per_1000, cost.per_1000) == (0.2, None, None)
    assert make.figures(make.script(world=make.World(n=6))).cost["rag"].per_1000 is None
