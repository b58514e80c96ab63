"""Retrieval metrics over the passages in the prompt, k being their number."""

from __future__ import annotations

import harness.metrics.retrieval as retrieval
from harness.metrics.reading import Reading
from harness.types import Unscored


def recall(reading: Reading) -> float | Unscored:
    """Evidence items that stand in the prompt / evidence items."""
    return _over_prompt("recall", reading)


def precision(reading: Reading) -> float | Unscored:
    """Passages in the prompt that carry evidence / passages in the prompt."""
    return _over_prompt("precision", reading)


def mrr(reading: Reading) -> float | Unscored:
    """1 / rank of the first passage in the prompt that carries evidence."""
    return _over_prompt("mrr", reading)


def ndcg(reading: Reading) -> float | Unscored:
    """nDCG of the prompt's passages in prompt order."""
    return _over_prompt("ndcg", reading)


def _over_prompt(name: str, reading: Reading) -> float | Unscored:
    if not reading.case.evidence:
        return Unscored("the case names no evidence", applicable=False)
    return retrieval.AT_K[name].value(reading.in_prompt, len(reading.case.evidence), len(reading.in_prompt))
