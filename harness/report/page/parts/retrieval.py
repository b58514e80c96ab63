"""Retrieval: whether the evidence is found, and how far retrieval limits the arms: success with and without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.record.measurements import RerankerSection
from harness.record.sections import CorpusSection
from harness.report.charts.chart import Chart
from harness.report.charts.curves import recall_curve
from harness.report.charts.quality import QUALITY
from harness.report.page.view import RunView
from harness.stats import rate
from harness.stats.numbers import show_estimate
from harness.types import Estimate

RECALL = "recall@k"  # of the passages that were shown


@dataclass(frozen=True, slots=True)
class Ceiling:
    """One arm: its task success where all evidence stood in the prompt, and where some of it did not."""

    arm: str
    with_evidence: str
    without_evidence: str


@dataclass(frozen=True, slots=True)
class RetrievalPart:
    recall: Chart | None
    corpus: CorpusSection
    reranker: RerankerSection | None
    ceilings: tuple[Ceiling, ...]
    baseline: Estimate | None  # task success without any passage
    oracle: Estimate | None  # with the golden passages alone
    has_oracle: bool
    missed: int  # questions of which some arm was not shown all the evidence


def retrieval(run: RunView) -> RetrievalPart:
    record = run.record
    return RetrievalPart(
        recall=recall_curve(record.retrieval),
        corpus=record.corpus,
        reranker=record.retrieval.reranker if record.retrieval else None,
        ceilings=ceilings(run),
        baseline=record.estimate("baseline", QUALITY),
        oracle=record.estimate("oracle", QUALITY),
        has_oracle="oracle" in run.arms,
        missed=sum(any(recall < 1 for recall in _recalls(run, case.id)) for case in run.questions),
    )


def why_no_retrieval(run: RunView) -> str:
    """Why there is nothing to show."""
    record = run.record
    if record.retrieval is None and not any(arm.retriever for arm in record.arms):
        return "no arm of this run retrieves"
    reranker = record.retrieval.reranker if record.retrieval else None
    if reranker or record.corpus.skipped or record.corpus.remarks or recall_curve(record.retrieval) or ceilings(run):
        return ""
    return "no golden question names its evidence, so recall cannot be told"


def ceilings(run: RunView) -> tuple[Ceiling, ...]:
    """One row an arm that was shown passages; cases without evidence are no part of it."""
    rows = []
    for arm in run.arms:
        split: dict[bool, list[float]] = {True: [], False: []}
        for case in run.test_cases:
            recall, success = _value(run, case.id, arm, RECALL), _value(run, case.id, arm, QUALITY)
            if recall is not None and success is not None:
                split[recall >= 1.0].append(success)
        if split[True] or split[False]:
            rows.append(Ceiling(arm, _rate(split[True]), _rate(split[False])))
    return tuple(rows)


def _recalls(run: RunView, case: str) -> list[float]:
    """The recall of every arm that was shown passages for a question that names its evidence."""
    return [recall for arm in run.arms if (recall := _value(run, case, arm, RECALL)) is not None]


def _value(run: RunView, case: str, arm: str, metric: str) -> float | None:
    score = run.scores.get((case, arm), {}).get(metric)
    return score.value if score else None


def _rate(values: Sequence[float]) -> str:
    """The share of successes with its exact interval."""
    return show_estimate(rate(values)) if values else "no such question"
