"""Small runs for verdict tests: a healthy one, and what changes about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from harness import stats
from harness.types import Case, Estimate, Evidence, Score

ARMS = (
    {"name": "baseline", "title": "Baseline", "retriever": False, "adapter": None, "few_shot": False},
    {"name": "rag", "title": "RAG only", "retriever": True, "adapter": None, "few_shot": False},
    {"name": "tune", "title": "Tune only", "retriever": False, "adapter": "closed_book", "few_shot": False},
    {"name": "hybrid", "title": "Hybrid", "retriever": True, "adapter": "open_book", "few_shot": False},
)
N = 120
HITS = {"baseline": 24, "rag": 84, "tune": 36, "hybrid": 114}  # of 120 cases, the first ones


def cases(n: int = N, per_document: int = 1, unanswerable: int = 0) -> list[Case]:
    """The last `unanswerable` of them are right to be refused."""
    return [_case(i, f"d{i // per_document}", i >= n - unanswerable) for i in range(n)]


def _case(i: int, doc: str, unanswerable: bool) -> Case:
    if unanswerable:
        return Case(id=f"q{i:03}", question="?", kind="unanswerable", source=doc)
    return Case(id=f"q{i:03}", question="?", accept=("x",), evidence=(Evidence(doc=doc),))


def scores(hits: Mapping[str, int] = HITS, n: int = N) -> list[Score]:
    """The first `hits` cases of each arm succeed; every passage-fed answer is grounded."""
    success = [Score(f"q{i:03}", arm, "task_success", float(i < k)) for arm, k in hits.items() for i in range(n)]
    grounded = [Score(f"q{i:03}", arm, "groundedness", 1.0) for arm in ("rag", "hybrid") for i in range(n)]
    clean = [Score(f"q{i:03}", arm, "hallucination", 0.0) for arm in ("rag", "hybrid") for i in range(n)]
    return success + grounded + clean


def replaced(
    rows: Iterable[Score], arm: str, metric: str, values: Mapping[str, float | None], why: str = "lost"
) -> list[Score]:
    """The same scores with some values of one arm and metric changed; None becomes unscored for the reason `why`."""
    return [
        replace(row, value=values[row.case_id], reason=why if values[row.case_id] is None else None)
        if (row.arm, row.metric) == (arm, metric) and row.case_id in values
        else row
        for row in rows
    ]


def proportion(hits: int, n: int) -> Estimate:
    return stats.rate([1.0] * hits + [0.0] * (n - hits))


def around(middle: float, reach: float, unit: str, n: int = 200) -> Estimate:
    return Estimate(middle, middle - reach, middle + reach, n, 0, unit, "given")


def record(**changes: Any) -> dict[str, Any]:
    """A complete run in which the hybrid holds every gate."""
    forms = {
        "schema": proportion(1120, 1120),
        "schema_first_try": proportion(1110, 1120),
        "repair": proportion(5, 1120),
    }
    tuned = {"difference": around(-0.5, 1.5, "points")}
    healthy = {
        "arms": ARMS,
        "complete": True,
        "test_double": False,
        "partial": None,
        "seeds": [7],
        "advice": {"recommendation": "both"},
        "golden": {"path": "golden.jsonl", "verified_by": {"two people": N}, "runs_on_this_set": 1},
        "forms": {arm["name"]: forms for arm in ARMS},
        "latency_ratio": {arm["name"]: around(1.0, 0.04, "ratio", 60) for arm in ARMS},
        "latency": {arm["name"]: {"total": {"p95": around(400.0, 30.0, "ms", 120)}} for arm in ARMS},
        "latency_aa": around(1.0, 0.02, "ratio", 60),
        "forgetting": {"status": "measured", "arms": {"tune": tuned, "hybrid": tuned}},
        "safety": {"status": "measured", "arms": {"tune": tuned, "hybrid": tuned}},
        "identical_outputs": {"tune": False, "hybrid": False},
        "tuning": {"hybrid": {"seeds": [7, 8, 9]}, "tune": {"seed": 7}},
        "unmeasured": [],
    }
    return healthy | changes
