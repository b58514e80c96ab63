"""The fourteen known ways in which RAG, tuning or both go wrong: cause, fix, and the setting that applies the fix.

Sources: the decision guide's table of seven, the hybrid chapter's three (7.10) and the workflow notes' four pitfalls.
Whether a run shows one of them is measured in `harness.diagnosis.diagnose`; here is only what is known about each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from harness.scenario.settings import Scenario

Source = Literal["decision guide", "hybrid chapter", "workflow notes"]
Change = Mapping[str, Any]  # dotted setting -> value to try; empty where data or prompt must change, not a setting

MOST_PASSAGES = 6  # that a prompt is given
SMALLEST_CHUNK = 40  # tokens; below it a passage loses the sentence around a fact
ENOUGH_EXAMPLES = 500
LEAST_DROPOUT = 0.05  # of LoRA, where dropout is the fix


@dataclass(frozen=True, slots=True)
class FailureMode:
    """One failure mode."""

    name: str
    title: str
    source: Source
    cause: str
    fix: str
    change: Callable[[Scenario], Change]


def _smaller_chunks(scenario: Scenario) -> Change:
    retrieval = scenario.retrieval
    halved = max(SMALLEST_CHUNK, retrieval.chunk_tokens // 2)
    if halved < retrieval.chunk_tokens and retrieval.chunk_tokens > 256:
        return {
            "retrieval.chunk_tokens": halved,
            "retrieval.overlap_tokens": min(retrieval.overlap_tokens, halved // 8),
        }
    if retrieval.top_k < MOST_PASSAGES:
        return {"retrieval.top_k": min(MOST_PASSAGES, retrieval.top_k + 2)}
    return {"retrieval.candidates": 2 * retrieval.candidates}


def _fewer_passages(scenario: Scenario) -> Change:
    return {"retrieval.top_k": max(1, scenario.retrieval.top_k - 1)}


def _approximate_search(scenario: Scenario) -> Change:
    return {"retrieval.exact_below": 0, "retrieval.candidates": max(5, scenario.retrieval.candidates // 2)}


def _gentler(scenario: Scenario) -> Change:
    tuning = scenario.tuning
    dropout = round(min(0.2, max(LEAST_DROPOUT, tuning.dropout * 2)), 3)
    return {"tuning.learning_rate": tuning.learning_rate / 2, "tuning.dropout": dropout}


def _fewer_epochs(scenario: Scenario) -> Change:
    return {"tuning.epochs": max(1.0, scenario.tuning.epochs - 1)}


def _lower_rank(scenario: Scenario) -> Change:
    rank = max(2, scenario.tuning.rank // 2)
    return {"tuning.rank": rank, "tuning.alpha": 2 * rank}


def _more_replay(scenario: Scenario) -> Change:
    return {"tuning.replay": round(min(0.2, scenario.tuning.replay + 0.05), 3)}


def _only_current(scenario: Scenario) -> Change:
    return {"retrieval.filters": {**scenario.retrieval.filters, "status": "current"}}


def _add_retrieval(scenario: Scenario) -> Change:
    return {"candidate": "hybrid" if "hybrid" in scenario.arms else "rag"}


def _nothing(scenario: Scenario) -> Change:
    return {}


FAILURES: tuple[FailureMode, ...] = (
    FailureMode(
        "retrieval_misses", "Retrieval misses the passage", "decision guide",
        "Passages so long that their embedding blurs, or a ranking that puts distant ones first.",
        "Split recursively into shorter passages, show more of them, or add a re-ranker.", _smaller_chunks,
    ),
    FailureMode(
        "context_ignored", "The model answers from memory, past its passages", "decision guide",
        "The passages drown in a long prompt, so the model falls back on what it knew before.",
        "Keep passages next to the question, shorten the system message, show fewer passages.", _fewer_passages,
    ),
    FailureMode(
        "slow_retrieval", "Retrieval is slow", "decision guide",
        "Exact search compares the question with every passage.",
        "Search an HNSW index, re-rank fewer candidates, cache frequent questions.", _approximate_search,
    ),
    FailureMode(
        "stale_facts", "The tuned model keeps stating facts that have changed", "decision guide",
        "Facts were tuned into the weights; only training again can change them there.",
        "Tune behaviour only and look facts up: add retrieval.", _add_retrieval,
    ),
    FailureMode(
        "forgetting", "General ability degrades after tuning", "decision guide",
        "A learning rate so high that the adapter overwrites what the layers share.",
        "Lower the learning rate, warm up with a cosine schedule, raise LoRA dropout.", _gentler,
    ),
    FailureMode(
        "paraphrase_brittleness", "Tuned to the wording of its examples", "decision guide",
        f"Too few examples (under {ENOUGH_EXAMPLES}), or examples that are all phrased alike.",
        "Add paraphrases of the examples, stop earlier, or train on preference pairs.", _fewer_epochs,
    ),
    FailureMode(
        "weights_against_context", "Tuned beliefs override the passages", "decision guide",
        "The adapter carries strong beliefs that win over what it reads.",
        "Tell the model in the system message to prefer the passages; lower the LoRA rank.", _lower_rank,
    ),
    FailureMode(
        "answers_without_citing", "The tuned model answers without citing", "hybrid chapter",
        "It memorised its examples and answers from them.",
        "Add refusals and uncertain cases to the examples, train fewer epochs.", _fewer_epochs,
    ),
    FailureMode(
        "over_formatting", "The form is kept at the cost of the answer", "hybrid chapter",
        "Examples so uniform that the tuned model insists on their style where the task differs.",
        "Add varied tasks to the examples (general replay); keep the system message authoritative.", _more_replay,
    ),
    FailureMode(
        "citation_drift", "Right answers cite wrong passages", "hybrid chapter",
        "Training rewarded having a citation more than having the right one.",
        "Train on retrieved passages in changing order, and weigh citations in the choice of the adapter.", _nothing,
    ),
    FailureMode(
        "unsupported_despite_evidence", "Unsupported claims beside the right passage", "workflow notes",
        "Passages are joined where the model pays them little attention, or distractors lead it astray.",
        "Put passages before the instruction and the question; show fewer distractors.", _fewer_passages,
    ),
    FailureMode(
        "stale_passages", "Superseded passages are retrieved", "workflow notes",
        "Old versions of documents stay in the index and rank beside the new ones.",
        "Filter by status, re-index when documents change, and date the passages.", _only_current,
    ),
    FailureMode(
        "latency_bursts", "Retrieval latency comes in bursts", "workflow notes",
        "A cold or crowded part of the vector store.",
        "Keep the index warm, cache frequent questions, look at the store's shards.", _approximate_search,
    ),
    FailureMode(
        "order_sensitivity", "Answers hang on the order of the passages", "workflow notes",
        "Training always showed the passages in the same order, so their place was learned.",
        "Shuffle the passages of the training examples.", _nothing,
    ),
)  # fmt: skip
BY_NAME: Mapping[str, FailureMode] = {mode.name: mode for mode in FAILURES}
