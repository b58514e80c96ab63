"""Probes are left out only where they could not change what a gate on form says."""

from __future__ import annotations

from dataclasses import replace

import pytest

import harness.stats as stats
from harness.engine.probes import FLOOR, PROVABLE, left_out
from harness.types import Answer, Form, Trace

ANSWER = Answer(
    raw="{}", text="", parsed={}, form=Form(True, True, True, False), refused=False, cited=(), hits=(), retrieved=(),
    prompt_tokens=1, completion_tokens=1, seconds=0.1, truncated=False,
)  # fmt: skip


def traces(valid: int, invalid: int, demanded: bool = True) -> list[Trace]:
    forms = [Form(demanded, ok, ok, False) for ok in [True] * valid + [False] * invalid]
    return [Trace(f"c{i}", "rag", replace(ANSWER, form=form), None, False) for i, form in enumerate(forms)]


@pytest.mark.parametrize(
    ("valid", "invalid", "asked"), [(259, 0, True), (250, 9, True), (240, 19, False), (200, 59, False), (0, 7, False)]
)
def test_an_arm_is_asked_where_its_form_is_still_open(valid: int, invalid: int, asked: bool) -> None:
    reason = left_out(traces(valid, invalid), 1000, candidate=True)
    assert (reason is None) == asked
    high = stats.clopper_pearson(valid, valid + invalid)[1]
    assert asked == (high >= FLOOR)


@pytest.mark.parametrize(
    ("valid", "invalid", "probes", "asked"),
    [(259, 0, 400, True), (258, 1, 400, True), (256, 3, 400, False), (254, 5, 1000, True), (253, 6, 1000, False)],
)
def test_an_arm_beside_the_candidate_is_asked_while_99_percent_can_still_be_proven(
    valid: int, invalid: int, probes: int, asked: bool
) -> None:
    assert (left_out(traces(valid, invalid), probes, candidate=False) is None) == asked
    low = stats.clopper_pearson(valid + probes, valid + invalid + probes)[0]
    assert asked == (low >= PROVABLE)


def test_where_99_percent_is_out_of_reach_of_any_arm_probes_are_asked_all_the_same() -> None:
    assert left_out(traces(24, 1), 30, candidate=False) is None


def test_nothing_is_asked_for_a_form_that_nobody_demands() -> None:
    assert left_out(traces(9, 0, demanded=False), 30, candidate=True) == "no form is demanded"


def test_errors_alone_decide_nothing() -> None:
    assert left_out([Trace("c0", "rag", None, "no answer", False)], 30, candidate=True) is None
    assert left_out([], 30, candidate=True) is None
