"""Choosing passages that do not repeat each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def mmr_order(
    rows: Sequence[int], vectors: NDArray[np.float32], relevance_weight: float, scores: Mapping[int, float]
) -> list[int]:
    """Maximal marginal relevance (Carbonell & Goldstein 1998): best first, each new one unlike those before it.

    Args:
        rows: candidates, best first.
        vectors: unit vectors of the candidates, shape (len(rows), dimension).
        relevance_weight: 1 keeps the order, towards 0 only novelty counts.
        scores: relevance of each row; scaled to [0, 1] here, so that any ranker's scores will do.
    """
    if len(rows) < 2:
        return list(rows)
    relevance = _scaled([scores[row] for row in rows])
    likeness = vectors @ vectors.T
    rest, order = list(range(len(rows))), list[int]()
    while rest:
        best = max(rest, key=lambda i: (_gain(i, order, relevance, likeness, relevance_weight), -i))
        order.append(best)
        rest.remove(best)
    return [rows[i] for i in order]


def _gain(i: int, order: list[int], relevance: list[float], likeness: NDArray[np.float32], weight: float) -> float:
    nearest = max((float(likeness[i, j]) for j in order), default=0.0)
    return weight * relevance[i] - (1 - weight) * nearest


def _scaled(values: Sequence[float]) -> list[float]:
    low, high = min(values), max(values)
    return [(v - low) / (high - low) if high > low else 1.0 for v in values]
