"""From rows to the tensors of one micro-batch, and the positions that something is learned from."""

from __future__ import annotations

from random import Random
from typing import Any

from recipes.pocket import encoding

LIGHT, KEEP = 0.5, 10


def pack(batch: list[encoding.Row], draw: Random) -> tuple[Any, Any, Any]:
    """(ids, targets, weights), each (B, T), T a multiple of 16, padded on the right.

    Light tokens, the context's, are learned from one in KEEP, with KEEP times the weight: the same loss on average,
    for a fraction of the output layer's work.
    """
    import torch

    length = -(-max(len(row.ids) for row in batch) // 16) * 16
    ids = torch.zeros(len(batch), length + 1, dtype=torch.long)
    weights = torch.zeros(len(batch), length + 1)
    for i, row in enumerate(batch):
        ids[i, : len(row.ids)] = torch.tensor(row.ids)
        weights[i, : len(row.ids)] = torch.tensor(row.weights)
    drawn = torch.rand(weights.shape, generator=torch.Generator().manual_seed(draw.getrandbits(40))) * KEEP < 1
    weights = torch.where(weights < LIGHT, weights * KEEP * drawn, weights)
    return ids[:, :-1], ids[:, 1:], weights[:, 1:]


def blocks(batch: list[encoding.Row], length: int) -> Any:
    """The rows' blocks (B, length), 0 where a row has none; None when no row has any."""
    import torch

    if not any(row.blocks for row in batch):
        return None
    padded = torch.zeros(len(batch), length, dtype=torch.long)
    for i, row in enumerate(batch):
        held = row.blocks[:length]
        padded[i, : len(held)] = torch.tensor(held, dtype=torch.long)
    return padded


def positions(weights: Any) -> tuple[Any, Any]:
    """Where something is learned: positions (B, Q) by row, and 1 or, where a row has fewer of them, 0 (B, Q)."""
    import torch

    learned = weights > 0
    counts = learned.sum(1)
    places = torch.zeros(len(weights), int(counts.max()), dtype=torch.long)
    for i, row in enumerate(learned):
        places[i, : int(counts[i])] = row.nonzero()[:, 0]
    return places, (torch.arange(places.shape[1])[None] < counts[:, None]).float()
