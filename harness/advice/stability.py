"""The stability of a recommendation: every completion of the open answers, and every single answer that flips it.

Open are the unsure answers and those that a fact contradicts: a yes beside a fact that says no settles nothing.

Exact enumeration, no sampling: u unsure answers have 2^u completions, at most 512.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

from harness.advice.fact_checks import contradictions
from harness.advice.facts import Facts
from harness.advice.questions import AnswerValue, read_unsure
from harness.advice.recommendations import RECOMMENDATIONS, Outcome, Recommendation
from harness.advice.rules import apply_rules, means_of

_EITHER = (AnswerValue.YES, AnswerValue.NO)


@dataclass(frozen=True, slots=True)
class Stability:
    """The recommendation under every completion of the open answers, each completion counted once."""

    unsure: tuple[int, ...]
    contradicted: tuple[int, ...]  # answered yes or no, and a fact says the opposite
    completions: int  # 2 ** (len(unsure) + len(contradicted))
    counts: Mapping[Recommendation, int]  # sums to completions
    shares: Mapping[Recommendation, float]  # of the completions, as fractions of 1


@dataclass(frozen=True, slots=True)
class Flip:
    """One answer that, changed alone, changes the recommendation."""

    question: int
    given: AnswerValue
    instead: AnswerValue
    recommendation: Recommendation
    wanted: Outcome


def completions(answers: Mapping[int, AnswerValue], doubted: Sequence[int] = ()) -> Iterator[dict[int, AnswerValue]]:
    """Every way to answer the unsure and the doubted questions with yes or no, the others as given."""
    open_ones = [n for n, a in answers.items() if a is AnswerValue.UNSURE or n in doubted]
    for choice in product(_EITHER, repeat=len(open_ones)):
        yield {**answers, **dict(zip(open_ones, choice, strict=True))}


def measure_stability(answers: Mapping[int, AnswerValue], facts: Facts) -> Stability:
    """Count the recommendation over all completions of nine answers."""
    means = means_of(facts)
    contradicted = tuple(reading.question for reading in contradictions(answers, facts))
    outcomes = Counter(apply_rules(full, means).recommendation for full in completions(answers, contradicted))
    unsure = tuple(n for n, a in answers.items() if a is AnswerValue.UNSURE)
    total = outcomes.total()
    return Stability(
        unsure=unsure,
        contradicted=contradicted,
        completions=total,
        counts=MappingProxyType({r: outcomes[r] for r in RECOMMENDATIONS}),
        shares=MappingProxyType({r: outcomes[r] / total for r in RECOMMENDATIONS}),
    )


def find_flips(answers: Mapping[int, AnswerValue], facts: Facts) -> tuple[Flip, ...]:
    """Single answers that would change the recommendation, in question order; other unsure answers stay as read."""
    means, read = means_of(facts), read_unsure(answers)
    now = apply_rules(read, means).recommendation
    flips: list[Flip] = []
    for number, answer in answers.items():
        for instead in _EITHER:
            if instead is answer:
                continue
            then = apply_rules({**read, number: instead}, means)
            if then.recommendation != now:
                flips.append(Flip(number, answer, instead, then.recommendation, then.wanted))
    return tuple(flips)
