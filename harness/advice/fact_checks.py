"""Facts against answers: where a number contradicts a yes or a no, or would settle an unsure.

Each check knows the question a fact bears on and the answer the fact points to. The answer is never overruled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.advice.facts import Facts
from harness.advice.gpu_memory import METHODS, SIZES_B, estimate_memory
from harness.advice.questions import MIN_EXAMPLES, AnswerValue, answer_of
from harness.advice.signals import RETRIEVAL_MS

CHECKLIST = "decision guide, Nine-Question Decision Checklist"
SIGNALS = "decision guide, Six Signals"
MEMORY = "memory estimate (see before tuning)"


@dataclass(frozen=True, slots=True)
class FactReading:
    """A fact that disagrees with an answer, or that answers an unsure question."""

    fact: str
    question: int
    states: str  # the fact in words
    answer: AnswerValue  # as given
    points_to: AnswerValue  # yes or no
    threshold: str
    source: str

    @property
    def contradicts(self) -> bool:
        """Whether the answer says the opposite; else it is unsure, and the fact would settle it."""
        return self.answer is not AnswerValue.UNSURE

    @property
    def bearing(self) -> str:
        """The effect of the fact on the answer, inside a sentence."""
        if self.contradicts:
            return f"{self.states} against the {self.answer.value} to question {self.question}"
        return f"{self.states} would make question {self.question} a {self.points_to.value}"

    @property
    def text(self) -> str:
        """The disagreement in full."""
        if self.contradicts:
            bearing = f"contradicts question {self.question}, answered {self.answer.value} ({self.threshold})"
            rest = "The answer stands; correct whichever is wrong."
        else:
            settled = f"now unsure, as a {self.points_to.value} ({self.threshold})"
            bearing, rest = f"would settle question {self.question}, {settled}", "It stays unsure until you say so."
        return f"{self.states[0].upper()}{self.states[1:]}: this {bearing}. {rest}"


@dataclass(frozen=True, slots=True)
class _FactCheck:
    fact: str
    question: int
    points_to: Callable[[Facts], bool | None]  # the yes or no the fact points to; None: says nothing
    states: Callable[[Facts], str]  # the fact in words
    threshold: str
    source: str


def _smallest_tune_gb() -> float:
    return min(estimate_memory(SIZES_B[0], method).total_gb for method in METHODS)


def gpu_suffices(facts: Facts) -> bool | None:
    """Whether the memory holds the leanest tune of the model, of the smallest where none is named; None: not known."""
    if facts.gpu_memory_gb is None:
        return None
    need = _smallest_tune_gb()
    if facts.model_billions is not None:
        need = min(estimate_memory(facts.model_billions, method).total_gb for method in METHODS)
    return facts.gpu_memory_gb >= need


def _gpu_states(facts: Facts) -> str:
    size = facts.model_billions if facts.model_billions is not None else SIZES_B[0]
    need = min(estimate_memory(size, method).total_gb for method in METHODS)
    return f"{facts.gpu_memory_gb:g} GB of GPU memory (the leanest tune of a {size:g}B model needs about {need:.1f} GB)"


_CHECKS: tuple[_FactCheck, ...] = (
    _FactCheck(
        "updates_per_month",
        1,
        lambda f: None if f.updates_per_month is None else f.updates_per_month > 1,
        lambda f: f"{f.updates_per_month:g} updates a month",
        "more than one a month is a yes",
        CHECKLIST,
    ),
    _FactCheck(
        "citation_duty",
        2,
        lambda f: f.citation_duty,
        lambda f: "a duty to cite sources" if f.citation_duty else "no duty to cite sources",
        "a duty to cite is a yes",
        CHECKLIST,
    ),
    _FactCheck(
        "labelled_examples",
        4,
        lambda f: None if f.labelled_examples is None else f.labelled_examples > MIN_EXAMPLES,
        lambda f: f"{f.labelled_examples} labelled examples",
        f"more than {MIN_EXAMPLES} is a yes",
        CHECKLIST,
    ),
    _FactCheck(
        "latency_budget_ms",
        5,
        lambda f: None if f.latency_budget_ms is None else f.latency_budget_ms >= RETRIEVAL_MS,
        lambda f: f"a budget of {f.latency_budget_ms:g} ms",
        f"retrieval alone takes 100 to {RETRIEVAL_MS} ms",
        SIGNALS,
    ),
    _FactCheck("gpu_memory_gb", 6, gpu_suffices, _gpu_states, "enough to train is a yes", MEMORY),
)


def read_facts(answers: Mapping[int, AnswerValue], facts: Facts) -> tuple[FactReading, ...]:
    """The facts that contradict an answer or would settle an unsure one, in question order."""
    return tuple(_reading(c, answer_of(answers, c.question), facts) for c in _CHECKS if _speaks(c, answers, facts))


def _speaks(check: _FactCheck, answers: Mapping[int, AnswerValue], facts: Facts) -> bool:
    points = check.points_to(facts)
    if points is None:
        return False
    return answer_of(answers, check.question) is not (AnswerValue.YES if points else AnswerValue.NO)


def contradictions(answers: Mapping[int, AnswerValue], facts: Facts) -> tuple[FactReading, ...]:
    """The facts that say the opposite of an answer, in question order."""
    return tuple(reading for reading in read_facts(answers, facts) if reading.contradicts)


def _reading(check: _FactCheck, answer: AnswerValue, facts: Facts) -> FactReading:
    points = AnswerValue.YES if check.points_to(facts) else AnswerValue.NO
    return FactReading(check.fact, check.question, check.states(facts), answer, points, check.threshold, check.source)
