"""Optional facts beside the nine answers: numbers a team knows, each with its unit and what it means.

A fact never overrules an answer. It rates signals, settles feasibility where the sources allow (preference
pairs, wishes that still change), and is named as a conflict where it contradicts an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

FactValue = int | float | bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts beyond yes and no. None: not known."""

    labelled_examples: int | None = None  # checked question-answer pairs
    preference_pairs: int | None = None  # a better and a worse answer to the same prompt
    updates_per_month: float | None = None  # changes a month that would make an answer wrong
    latency_budget_ms: float | None = None  # 95th percentile of the whole answer
    gpu_memory_gb: float | None = None  # all cards together, as sold (80 for one A100 80 GB); 0: none
    citation_duty: bool | None = None  # must answers name their source?
    model_billions: float | None = None  # size of the model to tune, in billions of parameters
    gpu_hour_price: float | None = None  # what an hour of one card costs, in your currency
    requirements_change: bool | None = None  # does what answers should be like still change, monthly or faster?


@dataclass(frozen=True, slots=True)
class FactSpec:
    """A fact's question, and the values that it may have."""

    kind: type  # int, float or bool
    label: str  # for tables
    prompt: str
    unit: str


FACT_SPECS: Mapping[str, FactSpec] = MappingProxyType(
    {
        "labelled_examples": FactSpec(int, "labelled examples", "How many labelled examples do you have?", "examples"),
        "preference_pairs": FactSpec(
            int, "preference pairs", "How many preference pairs (better and worse answer)?", "pairs"
        ),
        "updates_per_month": FactSpec(
            float, "updates a month", "How many changes a month would make an answer wrong?", "a month"
        ),
        "latency_budget_ms": FactSpec(
            float, "latency budget, ms", "How long may an answer take (95th percentile)?", "ms"
        ),
        "gpu_memory_gb": FactSpec(float, "GPU memory, GB", "How much GPU memory, all cards together (0: none)?", "GB"),
        "citation_duty": FactSpec(
            bool, "duty to cite sources", "Is there a duty to name the source of an answer?", "yes/no"
        ),
        "model_billions": FactSpec(
            float, "model size, billion parameters", "How large is the model you would tune?", "billion parameters"
        ),
        "gpu_hour_price": FactSpec(float, "price of a GPU hour", "What does one GPU hour cost you?", "per hour"),
        "requirements_change": FactSpec(
            bool, "wishes still change", "Does what answers should be like still change, monthly or faster?", "yes/no"
        ),
    }
)


def as_mapping(facts: Facts) -> dict[str, FactValue]:
    """The facts that are known, by name, in their fixed order."""
    pairs = ((f.name, getattr(facts, f.name)) for f in fields(facts))
    return {name: value for name, value in pairs if value is not None}
