"""Everything the advice says, as one frozen value: the JSON object, and what terminal and page are drawn from.

    content(advise({1: AnswerValue.YES})).recommendation    # 'rag'

Keys of `harness advise --json` are the field names: recommendation, wanted, first_step, reason, walk, tiers, signals,
conflicts, stability and flips are promised, the rest is additional. Shares are fractions of 1, memory is in GB, money
in the currency named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from harness.advice.architectures import Architecture, architectures, which_fits
from harness.advice.conflicts import Conflict
from harness.advice.facts import FACT_SPECS, FactValue, as_mapping
from harness.advice.gpu_memory import METHODS, SIZES_B, Method
from harness.advice.memory_figures import FIGURES, MemoryComparison, compare_memory
from harness.advice.profile import ProfileRow, ProfileTexts, profile
from harness.advice.questions import BY_NUMBER, MIN_EXAMPLES, MIN_PAIRS, AnswerValue
from harness.advice.reasons import Premise
from harness.advice.recommend import Advice
from harness.advice.recommendations import FirstStep, Outcome, Recommendation
from harness.advice.signals import Signal, SignalTally, tally
from harness.advice.sources import SOURCES, SourceRow
from harness.advice.stability import Flip, Stability
from harness.advice.tuning_needs import DEFAULT_BILLIONS, Need, TuningCost, memory_table, tuning_cost, tuning_needs
from harness.advice.walk import Tier, WalkStep, walk_outcome

SCHEMA_VERSION = 1
FIRST_STEPS: Mapping[FirstStep, str] = {
    "rag": "RAG with an untuned model: index the documents and answer from them. "
    "What it gets wrong tells you what tuning would have to teach.",
    "prompt": "A better prompt with a few worked examples and a constrained output format. "
    "Retrieval does not repair tone; this is the cheap test of whether tuning is needed at all.",
}


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One of the nine questions with its answer."""

    question: int
    topic: str
    text: str
    answer: AnswerValue


@dataclass(frozen=True, slots=True)
class MemoryCell:
    """GPU memory for one method and size."""

    billions: float
    gb: float
    card_gb: float | None  # the smallest usual amount of GPU memory that holds it; None: more than sixteen 80 GB cards


@dataclass(frozen=True, slots=True)
class MemoryTable:
    """GPU memory by method and model size."""

    sizes: tuple[float, ...]  # billions of parameters
    methods: Mapping[Method, str]
    rows: Mapping[Method, tuple[MemoryCell, ...]]


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """The memory estimate beside a published figure."""

    method: str
    billions: float
    published_gb: float
    relation: Literal["about", "fits"]
    estimate_gb: float
    error: float | None  # relative; None for a limit
    holds: bool | None  # for a limit; None for a figure
    source: str


@dataclass(frozen=True, slots=True)
class BeforeTuning:
    """The needs of tuning: conditions, GPU memory, money."""

    needs: tuple[Need, ...]
    memory_gb: MemoryTable
    memory_setting: str
    published: tuple[PublishedRow, ...]
    model_billions: float
    cost: TuningCost


@dataclass(frozen=True, slots=True)
class ArchitectureList:
    """The four ways to combine retrieval and tuning, and the one that fits, in a sentence."""

    fitting: str
    all: tuple[Architecture, ...]


@dataclass(frozen=True, slots=True)
class NextStep:
    """Something to do now."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceContent:
    """The whole advice; field names are keys of the JSON object."""

    schema_version: int = SCHEMA_VERSION
    title: str
    recommendation: Recommendation
    wanted: Outcome
    first_step: FirstStep
    first_step_text: str
    reason: str
    confirm: tuple[int, ...]  # questions to confirm
    carried_by: tuple[Premise, ...]
    answers: tuple[AnswerRow, ...]
    facts: Mapping[str, FactValue]  # that are known
    fact_labels: Mapping[str, str]
    walk: tuple[WalkStep, ...]
    walk_outcome: Outcome
    tiers: Mapping[Recommendation, Tier]
    signals: Mapping[str, Signal]
    signal_tally: SignalTally
    conflicts: tuple[Conflict, ...]
    stability: Stability
    flips: tuple[Flip, ...]
    before_tuning: BeforeTuning
    profile: tuple[ProfileRow, ...]
    profile_from: str | None  # the run that filled the profile
    patterns: ArchitectureList
    next: tuple[NextStep, ...]
    sources: tuple[SourceRow, ...] = SOURCES


def content(
    advice: Advice, title: str = "", texts: ProfileTexts | None = None, run: str | None = None
) -> AdviceContent:
    """The whole advice. `texts` are profile cells that the run of id `run` measured."""
    facts = as_mapping(advice.facts)
    return AdviceContent(
        title=title,
        recommendation=advice.recommendation,
        wanted=advice.wanted,
        first_step=advice.first_step,
        first_step_text=FIRST_STEPS[advice.first_step],
        reason=advice.reason,
        confirm=advice.confirm,
        carried_by=advice.premises,
        answers=tuple(AnswerRow(n, BY_NUMBER[n].topic, BY_NUMBER[n].text, a) for n, a in advice.answers.items()),
        facts=facts,
        fact_labels={name: FACT_SPECS[name].label for name in facts},
        walk=advice.walk,
        walk_outcome=walk_outcome(advice.walk),
        tiers=advice.tiers,
        signals=advice.signals,
        signal_tally=tally(advice.signals.values()),
        conflicts=advice.conflicts,
        stability=advice.stability,
        flips=advice.flips,
        before_tuning=_before_tuning(advice),
        profile=profile(texts),
        profile_from=run if texts else None,
        patterns=ArchitectureList(
            fitting=which_fits(advice.recommendation, advice.wanted),
            all=architectures(advice.recommendation, advice.wanted),
        ),
        next=_next_steps(advice.recommendation),
    )


def _before_tuning(advice: Advice) -> BeforeTuning:
    return BeforeTuning(
        needs=tuning_needs(advice.answers, advice.facts),
        memory_gb=_memory(advice.facts.model_billions),
        memory_setting="batch 1 x 1,024 tokens, gradient checkpointing; larger batches by accumulation",
        published=tuple(_published(compare_memory(figure)) for figure in FIGURES),
        model_billions=advice.facts.model_billions or DEFAULT_BILLIONS,
        cost=tuning_cost(advice.facts, advice.answers),
    )


def _memory(own_size: float | None) -> MemoryTable:
    sizes = tuple(sorted({*SIZES_B, *([own_size] if own_size else [])}))
    rows: dict[Method, tuple[MemoryCell, ...]] = dict.fromkeys(METHODS, ())
    for need, card in memory_table(sizes):
        rows[need.method] += (MemoryCell(need.billions, round(need.total_gb, 1), card),)
    return MemoryTable(sizes, METHODS, rows)


def _published(comparison: MemoryComparison) -> PublishedRow:
    figure = comparison.figure
    return PublishedRow(
        method=METHODS[figure.method],
        billions=figure.billions,
        published_gb=round(figure.gb, 1),
        relation=figure.relation,
        estimate_gb=round(comparison.estimate_gb, 1),
        error=None if comparison.error is None else round(comparison.error, 3),
        holds=comparison.holds,
        source=figure.source,
    )


def _next_steps(recommendation: Recommendation) -> tuple[NextStep, ...]:
    """The next measurements, in order. The advice is a guess until arms have been measured on a golden set."""
    steps = (
        NextStep(
            "Write the golden set", "50 or more real questions, answers checked by a person, before anything is built."
        ),
        NextStep(
            "Make it a scenario",
            "`harness init DIR --docs FOLDER --questions FILE --advice ANSWERS` makes one of your own material "
            "that runs as it is; `harness advise --init DIR` writes these answers alone.",
        ),
        NextStep("Measure the arms", "`harness run DIR` builds the arms that your material allows and compares them."),
    )
    if recommendation != "rag_first":
        return steps
    shortfall = f"Keep what the first step gets wrong: {MIN_EXAMPLES} corrected answers or {MIN_PAIRS} pairs."
    return (*steps, NextStep("Collect while it runs", shortfall))
