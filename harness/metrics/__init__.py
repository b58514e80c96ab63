"""The table of metrics: each maps one case and one arm's answer to a value, or says why there is none (layer 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from harness.metrics import retrieval
from harness.metrics.answer import complete, correct
from harness.metrics.citation import citation_precision, citation_recall
from harness.metrics.form import repair, schema, schema_first_try
from harness.metrics.grounding import groundedness, hallucination
from harness.metrics.refusal import refusal_missed, refusal_needless, refusal_right
from harness.metrics.task import task_success, task_success_without_form
from harness.types import Answer, Case, Unscored

Scorer = Callable[[Case, Answer], "float | Unscored"]


@dataclass(frozen=True, slots=True)
class Metric:
    name: str
    title: str  # as a report prints it
    unit: str  # of Estimate: fraction, tokens
    better: Literal["higher", "lower"]
    needs_passages: bool  # structurally not applicable to an arm without a retriever
    score: Scorer


def _over_shown(name: str) -> Scorer:
    """A retrieval metric over the passages in the prompt, k being their number."""

    def score(case: Case, answer: Answer) -> float | Unscored:
        if not answer.hits:
            return Unscored("no passages were given", applicable=False)
        values = retrieval.scores(case.evidence, [hit.passage for hit in answer.hits], len(answer.hits))
        return Unscored("the case names no evidence", applicable=False) if values is None else values[name]

    return score


def _prompt_tokens(case: Case, answer: Answer) -> float:
    return float(answer.prompt_tokens)


def _completion_tokens(case: Case, answer: Answer) -> float:
    return float(answer.completion_tokens)


_TABLE = (
    Metric("task_success", "Task success", "fraction", "higher", False, task_success),
    Metric(
        "task_success_without_form", "Task success, form aside", "fraction", "higher", False, task_success_without_form
    ),
    Metric("correct", "Correct", "fraction", "higher", False, correct),
    Metric("complete", "Key points mentioned", "fraction", "higher", False, complete),
    Metric("groundedness", "Groundedness", "fraction", "higher", True, groundedness),
    Metric("hallucination", "Hallucination", "fraction", "lower", True, hallucination),
    Metric("schema", "Schema adherence", "fraction", "higher", False, schema),
    Metric("schema_first_try", "Schema adherence at first try", "fraction", "higher", False, schema_first_try),
    Metric("repair", "Repair rate", "fraction", "lower", False, repair),
    Metric("citation_precision", "Citation precision", "fraction", "higher", True, citation_precision),
    Metric("citation_recall", "Citation recall", "fraction", "higher", True, citation_recall),
    Metric("refusal_right", "Unanswerable, refused", "fraction", "higher", False, refusal_right),
    Metric("refusal_missed", "Unanswerable, answered all the same", "fraction", "lower", False, refusal_missed),
    Metric("refusal_needless", "Answerable, refused", "fraction", "lower", False, refusal_needless),
    Metric("recall@k", "Recall of the passages shown", "fraction", "higher", True, _over_shown("recall")),
    Metric("precision@k", "Precision of the passages shown", "fraction", "higher", True, _over_shown("precision")),
    Metric("mrr", "MRR of the passages shown", "fraction", "higher", True, _over_shown("mrr")),
    Metric("ndcg@k", "nDCG of the passages shown", "fraction", "higher", True, _over_shown("ndcg")),
    Metric("prompt_tokens", "Prompt tokens", "tokens", "lower", False, _prompt_tokens),
    Metric("completion_tokens", "Completion tokens", "tokens", "lower", False, _completion_tokens),
)
METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _TABLE}
