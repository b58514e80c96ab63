"""ranx's metric functions as plain Python, question by question: an outside check of our metric values.

Compiling ranx takes minutes on a small machine and nothing here is large enough to need it, so numba's compiler is
switched off while a metric is imported; and of the package nothing but that metric's module is, for the whole of ranx
brings pandas, plots and data sets along.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from functools import cache
from types import ModuleType
from typing import Any

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
    numbers = {name: i for i, name in enumerate(dict.fromkeys([*relevant, *ranked]))}
    qrels = np.array([[numbers[name], 1.0] for name in relevant])
    run = np.array([[numbers[name], float(-rank)] for rank, name in enumerate(ranked)])
    extra = (True,) if metric == "ndcg" else ()
    return float(_function(metric)(qrels, run, k, 1, *extra))


@cache
def _function(metric: str) -> Any:
    """The metric's own function, as plain Python."""
    import numba

    module, function = NAMES[metric]
    compiled, numba.config.DISABLE_JIT = numba.config.DISABLE_JIT, True
    stubs = _stubs() if "ranx" not in sys.modules else {}
    sys.modules.update(stubs)
    try:
        return getattr(importlib.import_module(f"ranx.metrics.{module}"), function)
    finally:
        numba.config.DISABLE_JIT = compiled
        for name in stubs:  # so that whoever imports ranx later gets all of it
            del sys.modules[name]


def _stubs() -> dict[str, ModuleType]:
    """The packages `ranx` and `ranx.metrics` with their places and nothing in them."""
    spec = importlib.util.find_spec("ranx")
    assert spec is not None
    assert spec.submodule_search_locations
    stubs = {"ranx": ModuleType("ranx"), "ranx.metrics": ModuleType("ranx.metrics")}
    stubs["ranx"].__path__ = list(spec.submodule_search_locations)
    stubs["ranx.metrics"].__path__ = [f"{folder}/metrics" for folder in spec.submodule_search_locations]
    return stubs
