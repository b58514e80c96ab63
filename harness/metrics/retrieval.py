"""Retrieval metrics of a ranked list of passages: recall, precision, hit, reciprocal rank, nDCG at k.

Example: two evidence items; the second of three passages carries one of them -> recall@3 1/2, precision@3 1/3,
hit@3 1, MRR@3 1/2, nDCG@3 (1/log2(3)) / (1 + 1/log2(3)) = 0.39.

Where every item is a passage's id these are the binary metrics of ranx and trec_eval (a test holds them equal).
Where an item is a quote or a document, several passages may carry it: the first counts for recall and nDCG, all for
precision. Of a quote that no passage holds as a whole each passage brings its share.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import harness.stats as stats
from harness.evidence.carry import ItemShares, covered, item_shares
from harness.types import Case, Estimate, Evidence, Passage

Carried = Sequence[ItemShares]  # for each rank, what its passage carries of the evidence items


def carried_items(evidence: Sequence[Evidence], passages: Sequence[Passage]) -> Carried:
    """For each passage, best first, the evidence items it carries."""
    return tuple(item_shares(evidence, passage) for passage in passages)


def recall(carried: Carried, items: int, k: int) -> float:
    """Evidence items carried by the first k passages / evidence items."""
    return covered(carried[:k]) / items


def precision(carried: Carried, items: int, k: int) -> float:
    """Passages among the first k that carry an item / k. Fewer than k retrieved count as misses."""
    return sum(map(bool, carried[:k])) / k


def hit(carried: Carried, items: int, k: int) -> float:
    """1 when any of the first k passages carries an item."""
    return float(any(carried[:k]))


def mrr(carried: Carried, _items: int, k: int) -> float:
    """1 / rank of the first passage that carries an item; 0 when none of the first k does (Voorhees 1999)."""
    return next((1.0 / rank for rank, items in enumerate(carried[:k], start=1) if items), 0.0)


def ndcg(carried: Carried, items: int, k: int) -> float:
    """DCG@k / ideal DCG@k; a passage gains the items that none before it carried (Järvelin & Kekäläinen 2002).

    The ideal has one item a rank; a passage with two items can beat it, hence the cap at 1. A cut quote is brought
    at best by passages that each hold as much of it as the one that holds most.
    """
    sums = [covered(carried[:rank]) for rank in range(min(k, len(carried)) + 1)]
    gained = sum((now - before) / math.log2(rank + 1) for rank, (before, now) in enumerate(pairwise(sums), start=1))
    ideal = sum(gain / math.log2(rank + 1) for rank, gain in enumerate(_best_gains(carried, items)[:k], start=1))
    return min(1.0, gained / ideal)


def _best_gains(carried: Carried, items: int) -> list[float]:
    """The gains of an ideal order rank by rank: 1 for an item that one passage can carry, shares of one that is cut."""
    gains: list[float] = []
    for i in range(items):
        most = max((covered([{0: row[i]}]) for row in carried if i in row), default=1.0)
        pieces = int(1 / most)
        gains += [*[most] * pieces, 1 - most * pieces]
    return sorted(gains, reverse=True)


@dataclass(frozen=True, slots=True)
class MetricAtK:
    """A metric of a ranked list."""

    title: str  # as a report prints it, before its @k
    value: Callable[[Carried, int, int], float]


AT_K: Mapping[str, MetricAtK] = {
    "recall": MetricAtK("recall", recall),
    "precision": MetricAtK("precision", precision),
    "hit": MetricAtK("hit", hit),
    "mrr": MetricAtK("MRR", mrr),
    "ndcg": MetricAtK("nDCG", ndcg),
}


def scores(evidence: Sequence[Evidence], passages: Sequence[Passage], k: int) -> dict[str, float] | None:
    """Every metric at k for one question; None when it has no evidence."""
    if not evidence:
        return None
    carried = carried_items(evidence, passages)
    return {name: metric.value(carried, len(evidence), k) for name, metric in AT_K.items()}


def per_case(cases: Sequence[Case], rankings: Sequence[Sequence[Passage]], k: int) -> dict[str, list[float | None]]:
    """Values of every metric at k, case by case; None for a case without evidence."""
    rows = [scores(case.evidence, passages, k) for case, passages in zip(cases, rankings, strict=True)]
    return {name: [None if row is None else row[name] for row in rows] for name in AT_K}


def curves(
    cases: Sequence[Case],
    rankings: Sequence[Sequence[Passage]],
    ks: Sequence[int],
    clusters: Sequence[str] | None = None,
) -> dict[str, dict[str, Estimate]]:
    """Every metric at every k as Estimates in fractions of 1, keyed by k as text, then by metric.

    Args:
        cases: golden cases; those without evidence count as unscored.
        rankings: retrieved passages of each case, best first, at least max(ks) deep where so many were retrieved.
        clusters: the source of each case; intervals are over these.
    """
    return {
        str(k): {name: _estimate(values, clusters) for name, values in per_case(cases, rankings, k).items()} for k in ks
    }


def _estimate(values: Sequence[float | None], clusters: Sequence[str] | None) -> Estimate:
    """The estimate of one metric: exact interval for hits and misses, bootstrap for fractions, inside 0 to 1."""
    if all(value is None or value in (0.0, 1.0) for value in values):
        return stats.rate(values, clusters)
    estimate = stats.mean(values, clusters, unit="fraction")
    return replace(estimate, low=_inside(estimate.low), high=_inside(estimate.high))


def _inside(limit: float | None) -> float | None:
    return None if limit is None else min(1.0, max(0.0, limit))
