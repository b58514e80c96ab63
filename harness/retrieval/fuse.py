"""Two rankings -> one. Pure functions over dictionaries of row -> score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Scores = Mapping[int, float]


def rrf(rankings: Sequence[Sequence[int]], k: int = 60) -> dict[int, float]:
    """Reciprocal rank fusion: sum over rankings of 1 / (k + rank), ranks from 1 (Cormack, Clarke, Büttcher 2009)."""
    fused: dict[int, float] = {}
    for ranking in rankings:
        for rank, row in enumerate(ranking, start=1):
            fused[row] = fused.get(row, 0.0) + 1.0 / (k + rank)
    return fused


def convex(dense: Scores, sparse: Scores, weight: float = 0.5) -> dict[int, float]:
    """weight * dense + (1 - weight) * sparse, each scaled to [0, 1] over its own results (Bruch et al. 2023).

    BM25 is scaled from its theoretical minimum 0, the cosine from the lowest found. A row that only one side found gets
    0 from the other.
    """
    left = _scaled(dense, min(dense.values(), default=0.0))
    right = _scaled(sparse, 0.0)
    rows = sorted({*left, *right})
    return {row: weight * left.get(row, 0.0) + (1 - weight) * right.get(row, 0.0) for row in rows}


def _scaled(scores: Scores, low: float) -> dict[int, float]:
    high = max(scores.values(), default=low)
    if high <= low:
        return dict.fromkeys(scores, 1.0)
    return {row: (value - low) / (high - low) for row, value in scores.items()}


def lift_by_document(scores: Scores, documents: Sequence[int] | Mapping[int, int], weight: float) -> dict[int, float]:
    """Passages of one document vouch for each other: score + weight * mean of its document's other best 3.

    Args:
        scores: fused scores of the candidates.
        documents: document number of every row.
        weight: 0 leaves the scores as they are.
    """
    if weight == 0:
        return dict(scores)
    by_document: dict[int, list[float]] = {}
    for row, score in scores.items():
        by_document.setdefault(documents[row], []).append(score)
    ranked = {document: sorted(values, reverse=True) for document, values in by_document.items()}
    return {row: score + weight * _others(ranked[documents[row]], score) for row, score in scores.items()}


def _others(ranked: list[float], own: float) -> float:
    rest = list(ranked)
    rest.remove(own)
    return sum(rest[:3]) / 3


def order(scores: Scores) -> list[int]:
    """Rows by score, best first; ties by row, so that runs repeat."""
    return sorted(scores, key=lambda row: (-scores[row], row))
