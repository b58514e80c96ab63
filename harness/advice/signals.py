"""The six signals, rated from the answers and, where one is known, from the fact that measures them.

Source: the decision guide, "Six Signals That Tell You Which Tool to Reach For". A signal that nothing rates is
unknown, with the reason; the guide counts check marks per column, so `both` marks both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from harness.advice.facts import Facts
from harness.advice.questions import MIN_EXAMPLES, AnswerValue, answer_of

Rating = Literal["rag", "fine_tune", "both", "unknown"]

WEEKLY = 4  # updates a month: the guide's RAG column says weekly or daily
MONTHLY = 1  # at most this many updates a month: the other column's "stable"
RETRIEVAL_MS = 500  # upper end of the guide's 100-500 ms round trip


@dataclass(frozen=True, slots=True)
class Signal:
    """One row of the guide's table: the column it points to and the answer or fact that says so."""

    name: str
    rating: Rating
    basis: str  # what rated it, or why nothing could


@dataclass(frozen=True, slots=True)
class SignalTally:
    """Check marks per column, how many signals nothing rates, and the column with more marks."""

    rag: int
    fine_tune: int
    unknown: int
    leaning: Rating  # the guide's starting recommendation; a tie is `both`, no marks `unknown`


def rate_signals(answers: Mapping[int, AnswerValue], facts: Facts) -> dict[str, Signal]:
    """The six signals by key, in the guide's order."""
    return {
        "data_freshness": _freshness(answers, facts),
        "knowledge_type": _knowledge(answers),
        "data_volume": _volume(answers, facts),
        "latency_budget": _latency(answers, facts),
        "infrastructure": _infrastructure(answers, facts),
        "auditability": _audit(answers, facts),
    }


def tally(signals: Iterable[Signal]) -> SignalTally:
    """The guide's count of check marks: a signal rated `both` marks both columns."""
    ratings = [signal.rating for signal in signals]
    rag, fine_tune = (sum(rating in (column, "both") for rating in ratings) for column in ("rag", "fine_tune"))
    return SignalTally(rag, fine_tune, ratings.count("unknown"), _leaning(rag, fine_tune))


def _leaning(rag: int, fine_tune: int) -> Rating:
    if rag == fine_tune:
        return "both" if rag else "unknown"
    return "rag" if rag > fine_tune else "fine_tune"


def _from_answer(number: int, answers: Mapping[int, AnswerValue], yes: Rating) -> tuple[Rating, str]:
    """Rate by one yes/no answer; the other column is the opposite of `yes`."""
    answer = answer_of(answers, number)
    if answer is AnswerValue.UNSURE:
        return "unknown", f"question {number} is unsure and no fact is given"
    other: Rating = "fine_tune" if yes == "rag" else "rag"
    return (yes if answer is AnswerValue.YES else other), f"question {number} is {answer.value}"


def _freshness(answers: Mapping[int, AnswerValue], facts: Facts) -> Signal:
    rating, basis = _from_answer(1, answers, "rag")
    updates = facts.updates_per_month
    if updates is not None and (updates >= WEEKLY or updates <= MONTHLY):
        rating, basis = ("rag" if updates >= WEEKLY else "fine_tune"), f"{updates:g} updates a month"
    return Signal("Data freshness", rating, basis)


def _knowledge(answers: Mapping[int, AnswerValue]) -> Signal:
    """Facts and documents (1, 2, 8) on one side, style and terminology (3, 7, 8) on the other."""
    sides: list[tuple[Rating, tuple[int, ...]]] = [("rag", (1, 2, 8)), ("fine_tune", (3, 7, 8))]
    yes = {side: [n for n in ns if answer_of(answers, n) is AnswerValue.YES] for side, ns in sides}
    marks = [side for side, _ in sides if yes[side]]
    name = "Knowledge type"
    if not marks:
        return Signal(name, "unknown", "none of questions 1, 2, 3, 7 and 8 is yes")
    numbers = sorted({n for ns in yes.values() for n in ns})
    basis = ("questions " if len(numbers) > 1 else "question ") + ", ".join(map(str, numbers)) + ": yes"
    return Signal(name, "both" if len(marks) == 2 else marks[0], basis)


def _volume(answers: Mapping[int, AnswerValue], facts: Facts) -> Signal:
    rating, basis = _from_answer(4, answers, "fine_tune")
    if facts.labelled_examples is not None:
        rating = "fine_tune" if facts.labelled_examples > MIN_EXAMPLES else "rag"
        basis = f"{facts.labelled_examples} labelled examples"
    return Signal("Data volume", rating, basis)


def _latency(answers: Mapping[int, AnswerValue], facts: Facts) -> Signal:
    rating, basis = _from_answer(5, answers, "rag")
    if facts.latency_budget_ms is not None:
        rating = "rag" if facts.latency_budget_ms >= RETRIEVAL_MS else "fine_tune"
        basis = f"budget of {facts.latency_budget_ms:g} ms"
    return Signal("Latency budget", rating, basis)


def _infrastructure(answers: Mapping[int, AnswerValue], facts: Facts) -> Signal:
    rating, basis = _from_answer(6, answers, "fine_tune")
    if facts.gpu_memory_gb is not None:
        rating = "fine_tune" if facts.gpu_memory_gb > 0 else "rag"
        basis = f"{facts.gpu_memory_gb:g} GB of GPU memory"
    return Signal("Infrastructure", rating, basis)


def _audit(answers: Mapping[int, AnswerValue], facts: Facts) -> Signal:
    rating, basis = _from_answer(2, answers, "rag")
    if facts.citation_duty is not None:
        rating = "rag" if facts.citation_duty else "fine_tune"
        basis = "duty to cite sources" if facts.citation_duty else "no duty to cite sources"
    return Signal("Auditability", rating, basis)
