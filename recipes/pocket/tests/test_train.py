"""The curriculum and the learning rate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recipes.pocket import train


def test_curriculum_moves_on_only_when_mastered():
    state = train.State(exact=train.MASTERED - 0.01, tokens=900_000, level=2)
    mastered = replace(state, exact=train.MASTERED + 0.01)
    assert train.advance(state, 0.6).level == 2
    assert train.advance(mastered, 0.9).level == 3
    assert train.advance(replace(mastered, level=train.LEVELS), 0.9).level == train.LEVELS


def test_rate_falls_to_a_hundredth_and_never_to_zero(tmp_path):
    plan = train.Plan(out=str(tmp_path), tokens=1000)
    state = train.State(step=500, tokens=1000, decay_from=750)
    assert train.rate_factor(replace(state, decay_from=0), plan) == 1.0
    assert train.rate_factor(replace(state, tokens=875), plan) == pytest.approx(0.5)
    assert train.rate_factor(state, plan) == 0.01
