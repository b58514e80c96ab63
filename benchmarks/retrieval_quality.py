"""How good the retriever is on public sets, with no language model anywhere.

    python -m benchmarks.retrieval_quality ladder SHARED_DATA     # documentation questions beside the published rungs
    python -m benchmarks.retrieval_quality sets SHARED_DATA       # Cranfield and SQuAD 2.0, checked against ranx

Prints one JSON object. Embeddings are kept under build/ and reused.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.plain_ranx import ranx_score
from benchmarks.retrieval_datasets import DATASETS
from harness.golden.load import load_cases
from harness.metrics.retrieval import per_case
from harness.retrieval.analyse import normalise
from harness.retrieval.pipeline import HybridRetriever, Index, open_index
from harness.scenario.settings import RetrievalSettings
from harness.types import Case, Passage

BUILD = Path("build/benchmarks/retrieval")
FOLDERS = {"anthropic": "anthropic_docs_rag", "cranfield": "cranfield", "squad2": "squad2"}
FOLDS = 5
Values = dict[str, list[float | None]]


class StoredQueries:
    """The index's own embedder, asked once for every question of the set."""

    def __init__(self, index: Index, questions: Sequence[str], file: Path) -> None:
        self.identity = index.embedder.identity
        queries = [normalise(q) for q in questions]
        if not file.is_file():
            np.save(file, index.embedder.embed(queries))
        self._vectors = dict(zip(queries, np.load(file), strict=True))

    def embed(self, texts: Sequence[str]) -> Any:
        return np.stack([self._vectors[text] for text in texts])


def opened(name: str, data: Path) -> tuple[Index, tuple[Case, ...]]:
    folder = DATASETS[name](data / FOLDERS[name], BUILD / name)
    index = open_index(folder / "corpus.jsonl", RetrievalSettings(), "minilm", BUILD / f"{name}-index")
    cases = load_cases(folder / "golden.jsonl", answers_required=False)
    index.embedder = StoredQueries(index, [c.question for c in cases], BUILD / f"{name}.npy")  # type: ignore[assignment]
    return index, cases


def ranked(index: Index, cases: Sequence[Case], settings: RetrievalSettings, depth: int) -> list[list[Passage]]:
    found = HybridRetriever(index, settings, depth=depth).retrieve([c.question for c in cases])
    return [[hit.passage for hit in retrieval.hits] for retrieval in found]


def settings_tried() -> list[RetrievalSettings]:
    fusions = [{"fusion": "rrf"}, *({"fusion": "convex", "convex_weight": w} for w in (0.3, 0.4, 0.5, 0.6))]
    return [
        replace(RetrievalSettings(), heading_weight=heading, document_weight=document, **fusion)  # type: ignore[arg-type]
        for fusion in fusions
        for heading in (0.0, 0.1, 0.2)
        for document in (0.0, 0.2, 0.4)
    ]


def ladder(data: Path) -> dict[str, Any]:
    """k = 3: the default on all 100 questions, and settings chosen on four folds scored on the fifth."""
    index, cases = opened("anthropic", data)
    tried = settings_tried()
    values = [per_case(cases, ranked(index, cases, settings, 3), 3) for settings in tried]
    default = per_case(cases, ranked(index, cases, RetrievalSettings(), 3), 3)
    rungs = [
        json.loads((data / FOLDERS["anthropic"] / f"evaluation_results_{rung}.json").read_text())
        for rung in ("one", "level_two", "level_three")
    ]
    return {
        "questions": len(cases),
        "default": {"settings": "as shipped", **summary(default)},
        "nested": {"settings_tried": len(tried), "folds": FOLDS, **summary(nested(values))},
        "best_of_all_tried": {m: max(mean(v[m]) for v in values) for m in ("recall", "precision", "mrr")},
        "published": [{key.removeprefix("average_"): value for key, value in rung.items()} for rung in rungs],
    }


def nested(values: Sequence[Values]) -> Values:
    """Each question scored with the settings that did best on the folds it is not in (recall + MRR)."""
    n = len(values[0]["recall"])
    order = random.Random(7).sample(range(n), n)
    chosen: Values = {metric: [None] * n for metric in values[0]}
    for fold in range(FOLDS):
        held = set(order[fold::FOLDS])
        rest = [i for i in range(n) if i not in held]
        best = max(values, key=lambda v: mean([v["recall"][i] for i in rest]) + mean([v["mrr"][i] for i in rest]))
        for metric, column in best.items():
            for i in held:
                chosen[metric][i] = column[i]
    return chosen


def mean(values: Sequence[float | None]) -> float:
    return statistics.fmean(v for v in values if v is not None)


def summary(values: Values) -> dict[str, Any]:
    """Mean and 95 % percentile bootstrap over questions."""
    return {
        metric: [round(x, 4) for x in _interval([v for v in column if v is not None])]
        for metric, column in values.items()
    }


def _interval(column: Sequence[float]) -> tuple[float, float, float]:
    draws = np.random.default_rng(7).choice(np.asarray(column), (4000, len(column))).mean(axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(np.mean(column)), float(low), float(high)


def sets(data: Path) -> dict[str, Any]:
    """Sparse, dense and fused search on both sets; the largest gap between our metric values and ranx's."""
    results: dict[str, Any] = {}
    for name, depths in (("cranfield", (10, 100)), ("squad2", (1, 5, 10))):
        index, cases = opened(name, data)
        rows: dict[str, Any] = {"questions": len(cases), "passages": len(index.entries)}
        variants = {"bm25": "sparse", "dense": "dense", "rrf": "rrf", "convex": "convex"}
        for label, fusion in variants.items():
            plain = label in ("bm25", "dense")
            base = replace(RetrievalSettings(), fusion=fusion)  # type: ignore[arg-type]
            found = ranked(index, cases, replace(base, heading_weight=0.0) if plain else base, max(depths))
            at = {k: per_case(cases, found, k) for k in depths}
            rows[label] = {f"{m}@{k}": round(mean(v[m]), 4) for k, v in at.items() for m in ("recall", "ndcg", "mrr")}
            rows[label]["largest_gap_to_ranx"] = _gap(cases, found, at)
        results[name] = rows
    return results


def _gap(cases: Sequence[Case], found: Sequence[Sequence[Passage]], at: dict[int, Values]) -> float:
    """The largest difference to ranx on any of 200 questions, over recall, precision, MRR and nDCG at every depth."""
    rows = range(0, len(cases), max(1, len(cases) // 200))
    gaps = [
        abs(
            float(values[m][i] or 0.0)
            - ranx_score(m, [str(e.id) for e in cases[i].evidence], [p.id for p in found[i]], k)
        )
        for k, values in at.items()
        for m in ("recall", "precision", "mrr", "ndcg")
        for i in rows
    ]
    return max(gaps)


if __name__ == "__main__":
    BUILD.mkdir(parents=True, exist_ok=True)
    print(json.dumps({"ladder": ladder, "sets": sets}[sys.argv[1]](Path(sys.argv[2])), indent=1))
