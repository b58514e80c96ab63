"""Muon's orthogonal updates."""

from __future__ import annotations

import pytest


def test_orthogonalise_flattens_singular_values():
    torch = pytest.importorskip("torch")
    from recipes.pocket import optim

    values_ = torch.linalg.svdvals(
        optim.orthogonalise(torch.randn(3, 32, 80, generator=torch.Generator().manual_seed(5)))
    )
    assert values_.min() > 0.4
    assert values_.max() < 1.3
