"""ranx's metric functions as plain Python, question by question: an outside check of our metric values.

Compiling ranx takes minutes on a small machine and nothing here is large enough to need it, so numba's compiler is
switched off while ranx is imported.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence

import numpy as np

NAMES = {
    "recall": ("recall", "_recall"),
    "precision": ("precision", "_precision"),
    "hit": ("hit_rate", "_hit_rate"),
    "mrr": ("reciprocal_rank", "_reciprocal_rank"),
    "ndcg": ("ndcg", "_ndcg"),
}


def ranx_score(metric: str, relevant: Sequence[str], ranked: Sequence[str], k: int) -> float:
    """ranx's value of a metric at k for one question, with binary relevance."""
    import numba

    compiled, numba.config.DISABLE_JIT = numba.config.DISABLE_JIT, True
    try:
        module, function = NAMES[metric]
        score = getattr(importlib.import_module(f"ranx.metrics.{module}"), function)
    finally:
        numba.config.DISABLE_JIT = compiled
    numbers = {name: i for i, name in enumerate(dict.fromkeys([*relevant, *ranked]))}
    qrels = np.array([[numbers[name], 1.0] for name in relevant])
    run = np.array([[numbers[name], float(-rank)] for rank, name in enumerate(ranked)])
    extra = (True,) if metric == "ndcg" else ()
    return float(score(qrels, run, k, 1, *extra))
