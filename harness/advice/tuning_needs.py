"""The needs of tuning before it starts: examples, GPU memory, money. Each need says have, need and met (or unknown).

Compute: 6 floating-point operations per parameter and token when the base is frozen (forward, backward to the adapters,
recomputed forward), 8 for full tuning, after Kaplan et al. 2020, section 2.1 (2 forward, 4 backward).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from harness.advice.fact_checks import gpu_suffices
from harness.advice.facts import Facts
from harness.advice.gpu_memory import METHODS, MemoryEstimate, Method, card_for, estimate_memory
from harness.advice.questions import MIN_EXAMPLES, MIN_PAIRS, AnswerValue, answer_of
from harness.advice.rules import pairs_suffice

DEFAULT_BILLIONS = 7.0
PRICE_RANGE = (1.10, 3.00)  # USD an hour, one A100 80 GB on demand: public price lists compared in May 2026
PRICE_SOURCE = "public price lists of May 2026 for one A100 80 GB, specialist to large clouds (mercatus-ai.com)"
PEAK_FLOPS = 312e12  # A100, dense bf16 (NVIDIA data sheet)
UTILISATION = 0.3  # of the peak; single-card tuning jobs commonly reach 0.3 to 0.5
EPOCHS = 3
TOKENS_PER_EXAMPLE = 600  # a prompt with passages and its answer
HOURS_PER_MONTH = 730
MINUTES_PER_EXAMPLE = (5, 15)  # to write, review and correct one: an assumption of ours, to be replaced by yours
USUAL_EXAMPLES = (1000, 2000)  # the hybrid chapter: what a good data set for behaviour has


@dataclass(frozen=True, slots=True)
class Need:
    """One condition. `met` is None where nothing is known; `detail` then says what to find out."""

    name: str
    need: str
    have: str
    met: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class TuningCost:
    """Rough money for one training run and for keeping a tuned model up. Low and high follow the price of an hour."""

    gpu_hours: float  # one training run on one A100, order of magnitude
    training: tuple[float, float]
    serving_month: tuple[float, float]
    currency: str
    basis: str
    examples_lacking: int = 0  # labelled examples that are still to be written, for the least that tuning needs
    curation_hours: tuple[float, float] = (0.0, 0.0)  # of people who know the subject, for those


def tuning_needs(answers: Mapping[int, AnswerValue], facts: Facts) -> tuple[Need, ...]:
    """The conditions of tuning, whatever is recommended: examples, GPU, and a golden set to measure with."""
    return (_examples(answers, facts), _gpu(answers, facts), *_wishes(facts), _golden())


def _examples(answers: Mapping[int, AnswerValue], facts: Facts) -> Need:
    need = f"more than {MIN_EXAMPLES} labelled examples, or {MIN_PAIRS} preference pairs"
    four = answer_of(answers, 4)
    met = _enough_examples(four, facts)
    counts = [(facts.labelled_examples, "labelled examples"), (facts.preference_pairs, "preference pairs")]
    have = ", ".join(f"{n} {what}" for n, what in counts if n is not None) or f"question 4: {four.value}"
    return Need("examples", need, have, met, _examples_detail(met, facts))


def _enough_examples(four: AnswerValue, facts: Facts) -> bool | None:
    """A count speaks before a yes; a no is only withdrawn by whoever gave it."""
    if pairs_suffice(facts):
        return True
    if facts.labelled_examples is not None and four is not AnswerValue.NO:
        return facts.labelled_examples > MIN_EXAMPLES
    return {AnswerValue.YES: True, AnswerValue.NO: False}.get(four)


def _examples_detail(met: bool | None, facts: Facts) -> str:
    if met:
        return "hold some back: a golden set must share nothing with the training examples"
    if met is None:
        return "count what a person has checked; raw logs do not count"
    short = MIN_EXAMPLES + 1 - (facts.labelled_examples or 0)
    pairs = MIN_PAIRS - (facts.preference_pairs or 0)
    if short <= 0:
        return "the count you gave would suffice: see the conflict with question 4"
    source = "what the first step gets wrong is the best source"
    return f"collect {short} more examples or {pairs} more preference pairs; {source}"


def _gpu(answers: Mapping[int, AnswerValue], facts: Facts) -> Need:
    size = facts.model_billions or DEFAULT_BILLIONS
    lean = estimate_memory(size, "qlora").total_gb
    need = f"about {lean:.0f} GB for QLoRA of a {size:g}B model, and a card that serves it"
    six = answer_of(answers, 6)
    have = f"question 6: {six.value}" if facts.gpu_memory_gb is None else f"{facts.gpu_memory_gb:g} GB"
    met: bool | None = {AnswerValue.YES: True, AnswerValue.NO: False}.get(six)
    if gpu_suffices(facts) is False:
        met = False
    return Need("gpu", need, have, met, _gpu_detail(facts, size))


def _gpu_detail(facts: Facts, size: float) -> str:
    if facts.gpu_memory_gb is None:
        return "say how much GPU memory you have, and the methods that fit are named"
    fitting = [METHODS[m] for m in fitting_methods(size, facts.gpu_memory_gb)]
    return f"fits a {size:g}B model: {'; '.join(fitting)}" if fitting else f"no method fits a {size:g}B model"


def _wishes(facts: Facts) -> tuple[Need, ...]:
    """Wishes that stand still, where somebody says whether they do."""
    changes = facts.requirements_change
    if changes is None:
        return ()
    detail = (
        "keep them in prompts until then: a prompt is changed in minutes" if changes else "what is trained stays wanted"
    )
    have = "they change monthly or faster" if changes else "they do"
    return (Need("wishes", "what answers should be like stands still", have, not changes, detail),)


def _golden() -> Need:
    need = "50 or more questions with answers a person has checked, made before anything is built"
    return Need(
        "golden_set", need, "not asked", None, "`harness golden check` looks at size, balance, leaks and personal data"
    )


def fitting_methods(billions: float, memory_gb: float) -> tuple[Method, ...]:
    """The methods whose estimate fits into this much memory, most memory first."""
    return tuple(m for m in METHODS if estimate_memory(billions, m).total_gb <= memory_gb)


def memory_table(sizes: tuple[float, ...]) -> tuple[tuple[MemoryEstimate, float | None], ...]:
    """Every method at every size, with the smallest usual amount of GPU memory (GB) that holds it, or None."""
    cells = (estimate_memory(size, method) for method in METHODS for size in sizes)
    return tuple((cell, card_for(cell.total_gb)) for cell in cells)


def training_hours(billions: float, examples: int, method: Method) -> float:
    """GPU hours of one run on one A100: examples x 3 epochs x 600 tokens. Order of magnitude; excludes loading."""
    per_token = 8 if method.startswith("full") else 6
    operations = per_token * billions * 1e9 * examples * EPOCHS * TOKENS_PER_EXAMPLE
    return operations / (PEAK_FLOPS * UTILISATION) / 3600


def tuning_cost(facts: Facts, answers: Mapping[int, AnswerValue] = MappingProxyType({})) -> TuningCost:
    """The cost of one QLoRA run, of a month of serving on one card (your price, or the public range), of examples."""
    size = facts.model_billions or DEFAULT_BILLIONS
    hours = training_hours(size, max(facts.labelled_examples or 0, MIN_EXAMPLES), "qlora")
    own = facts.gpu_hour_price
    there = _enough_examples(answer_of(answers, 4), facts)
    lacking = 0 if there else max(0, MIN_EXAMPLES + 1 - (facts.labelled_examples or 0))
    low, high = (own, own) if own is not None else PRICE_RANGE
    return TuningCost(
        gpu_hours=hours,
        training=(hours * low, hours * high),
        serving_month=(HOURS_PER_MONTH * low, HOURS_PER_MONTH * high),
        currency="" if own is not None else "USD",
        basis="your price for an hour" if own is not None else PRICE_SOURCE,
        examples_lacking=lacking,
        curation_hours=(lacking * MINUTES_PER_EXAMPLE[0] / 60, lacking * MINUTES_PER_EXAMPLE[1] / 60),
    )
