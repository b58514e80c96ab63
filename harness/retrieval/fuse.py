"""Two rankings -> one. Pure functions over dictionaries of row -> score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Scores = Mapping[int, float]


def rrf(rankings: Sequence[Sequence[int]], k: int = 60, weights: Sequence[float] | None = None) -> dict[int, float]:
    """Reciprocal rank fusion: sum over rankings of weight / (k + rank), ranks from 1 (Cormack et al. 2009)."""
    fused: dict[int, float] = {}
    for ranking, weight in zip(rankings, weights or [1.0] * len(rankings), strict=True):
        for rank, row in enumerate(ranking, start=1):
            fused[row] = fused.get(row, 0.0) + weight / (k + rank)
    return fused


def convex(dense: Scores, sparse: Scores, weight: float = 0.5) -> dict[int, float]:
    """weight * dense + (1 - weight) * sparse, each scaled to [0, 1] over its own results (Bruch et al. 2023).

    BM25 is scaled from its theoretical minimum 0, the cosine from the lowest found. A row that only one side found gets
    0 from the other.
    """
    return weighted([(_scaled(dense, min(dense.values(), default=0.0)), weight), (_scaled(sparse, 0.0), 1 - weight)])


def weighted(parts: Sequence[tuple[Scores, float]]) -> dict[int, float]:
    """Sum of weight * score over the parts; a row that a part lacks gets 0 from it."""
    total: dict[int, float] = {}
    for scores, weight in parts:
        for row, score in scores.items():
            total[row] = total.get(row, 0.0) + weight * score
    return total


def add_headings(scores: Scores, headings: Scores, weight: float) -> dict[int, float]:
    """Fused scores plus weight * BM25 over title and headings, scaled to [0, 1]: headings as a field of their own."""
    return weighted([(scores, 1.0), (_scaled(headings, 0.0), weight)])


def _scaled(scores: Scores, low: float) -> dict[int, float]:
    high = max(scores.values(), default=low)
    if high <= low:
        return dict.fromkeys(scores, 1.0)
    return {row: (value - low) / (high - low) for row, value in scores.items()}


def mixed(reranked: Scores, fused: Scores, weight: float) -> Scores:
    """weight * re-ranker + (1 - weight) * fusion, each scaled to [0, 1] over these candidates.

    With weight 1 the re-ranker decides alone. A cross-encoder that was trained on little is a second opinion rather
    than a judge of its own.
    """
    if weight == 1:
        return reranked
    parts = ((reranked, weight), ({row: fused[row] for row in reranked}, 1 - weight))
    return weighted([(_scaled(scores, min(scores.values(), default=0.0)), share) for scores, share in parts])


def lift_by_document(scores: Scores, documents: Sequence[int], sizes: Sequence[int], weight: float) -> dict[int, float]:
    """Passages of one document vouch for each other: score + weight * mean score of its document's passages.

    Args:
        scores: fused scores of the candidates; passages that are no candidate count as 0.
        documents: document number of every row.
        sizes: passages of every document.
        weight: 0 leaves the scores as they are.
    """
    if weight == 0:
        return dict(scores)
    total: dict[int, float] = {}
    for row, score in scores.items():
        total[documents[row]] = total.get(documents[row], 0.0) + score
    return {row: score + weight * total[documents[row]] / sizes[documents[row]] for row, score in scores.items()}


def order(scores: Scores) -> list[int]:
    """Rows by score, best first; ties by row, so that runs repeat."""
    return sorted(scores, key=lambda row: (-scores[row], row))
