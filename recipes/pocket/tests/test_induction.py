"""Planted heads."""

from __future__ import annotations

import pytest


def test_planted_heads_copy_before_any_training():
    torch = pytest.importorskip("torch")
    from recipes.pocket import induction, lean

    model = lean.new_model(1)
    induction.plant(model, 1)
    block = torch.randperm(1000, generator=torch.Generator().manual_seed(2))[:40] + 100
    ids = torch.cat([block, block])[None]
    layout = lean.layout(lean.rope_tables(80, 64), 80)
    with torch.no_grad():
        weights, every = lean.parameters_of(model), torch.arange(80)[None]
        guesses = lean.scores(weights, lean.Pass().hidden(weights, ids, every, layout)[0]).argmax(-1)[0]
    assert (guesses[40:79] == ids[0, 41:]).float().mean() > 0.8
