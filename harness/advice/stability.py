"""How firm is the recommendation? Every completion of the unsure answers, and every single answer that flips it.

Exact enumeration, no sampling: u unsure answers have 2^u completions, at most 512.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

from harness.advice.decision import decide, pairs_suffice
from harness.advice.facts import Facts
from harness.advice.questions import RECOMMENDATIONS, AnswerValue, Outcome, Recommendation, read_unsure

_EITHER = (AnswerValue.YES, AnswerValue.NO)


@dataclass(frozen=True, slots=True)
class Stability:
    """The recommendation under every completion of the unsure answers, each completion counted once."""

    unsure: tuple[int, ...]
    completions: int  # 2 ** len(unsure)
    counts: Mapping[Recommendation, int]  # sums to completions

    @property
    def shares(self) -> dict[Recommendation, float]:
        """Share of completions per recommendation, as fractions of 1."""
        return {r: self.counts[r] / self.completions for r in RECOMMENDATIONS}


@dataclass(frozen=True, slots=True)
class Flip:
    """One answer that, changed alone, changes the recommendation."""

    question: int
    given: AnswerValue
    instead: AnswerValue
    recommendation: Recommendation
    wanted: Outcome


def completions(answers: Mapping[int, AnswerValue]) -> Iterator[dict[int, AnswerValue]]:
    """Every way to answer the unsure questions with yes or no, the others as given."""
    unsure = [n for n, a in answers.items() if a is AnswerValue.UNSURE]
    for choice in product(_EITHER, repeat=len(unsure)):
        yield {**answers, **dict(zip(unsure, choice, strict=True))}


def measure_stability(answers: Mapping[int, AnswerValue], facts: Facts) -> Stability:
    """Count the recommendation over all completions of nine answers."""
    enough = pairs_suffice(facts)
    seen = Counter(decide(full, enough).recommendation for full in completions(answers))
    unsure = tuple(n for n, a in answers.items() if a is AnswerValue.UNSURE)
    return Stability(unsure, seen.total(), MappingProxyType({r: seen[r] for r in RECOMMENDATIONS}))


def find_flips(answers: Mapping[int, AnswerValue], facts: Facts) -> tuple[Flip, ...]:
    """Single answers that would change the recommendation, in question order; other unsure answers stay as read."""
    enough, read = pairs_suffice(facts), read_unsure(answers)
    now = decide(read, enough).recommendation
    flips: list[Flip] = []
    for number, given in answers.items():
        for instead in _EITHER:
            if instead is given:
                continue
            then = decide({**read, number: instead}, enough)
            if then.recommendation != now:
                flips.append(Flip(number, given, instead, then.recommendation, then.wanted))
    return tuple(flips)
