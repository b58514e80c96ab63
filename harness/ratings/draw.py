"""Which answers people are asked about: drawn by seed, within each arm and outcome, the same cases in every arm first.

Every stratum (an arm and one outcome of its answers) gives a simple random part. All arms go through the cases in one
random order (Ohlsson's permanent random numbers), so that the parts overlap as far as they can: a difference of two
arms is seen best where both were rated.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

FEWEST = 5  # answers of a stratum, where it has them: errors are rare, and no rarer for being asked about


@dataclass(frozen=True, slots=True)
class Drawn:
    """One answer that is to be rated."""

    case: str
    arm: str
    stratum: str  # its outcome
    chance: float  # with which an answer of its arm and outcome was drawn


def draw(outcomes: Mapping[str, Mapping[str, str]], per_arm: int, seed: int) -> tuple[Drawn, ...]:
    """The answers to rate, arm by arm.

    Args:
        outcomes: arm -> case id -> outcome, over the answers that can be rated.
        per_arm: answers of each arm, or all of them where it has fewer.
    """
    cases = sorted({case for by_case in outcomes.values() for case in by_case})
    random.Random(seed).shuffle(cases)
    return tuple(row for arm, by_case in outcomes.items() for row in _of_arm(arm, by_case, cases, per_arm))


def _of_arm(arm: str, by_case: Mapping[str, str], order: Sequence[str], number: int) -> list[Drawn]:
    strata: dict[str, list[str]] = {}
    for case in order:
        if case in by_case:
            strata.setdefault(by_case[case], []).append(case)
    counts = shares({stratum: len(cases) for stratum, cases in strata.items()}, number)
    return [
        Drawn(case, arm, stratum, counts[stratum] / len(cases))
        for stratum, cases in strata.items()
        for case in cases[: counts[stratum]]
    ]


def shares(sizes: Mapping[str, int], number: int) -> dict[str, int]:
    """How many of each stratum: by the root of its size, so that rare outcomes are seen, at least FEWEST of each."""
    counts = {stratum: min(size, FEWEST, number // len(sizes)) for stratum, size in sizes.items() if size}
    rest = min(number, sum(sizes.values())) - sum(counts.values())
    while rest > 0:
        open_ones = [stratum for stratum in counts if counts[stratum] < sizes[stratum]]
        # one by one to the stratum that is furthest behind its share
        stratum = max(open_ones, key=lambda name: (sqrt(sizes[name]) / (counts[name] + 1), name))
        counts[stratum] += 1
        rest -= 1
    return {stratum: counts.get(stratum, 0) for stratum in sizes}
