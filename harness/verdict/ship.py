"""Which arm to ship: the simplest that holds its own gates and is not more than the margin behind the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.types import Estimate, Gate
from harness.verdict.evidence import Facts, Found, gain_of, rate_of
from harness.verdict.gates import Thresholds, judge_all

HELD = ("pass", "not applicable")


@dataclass(frozen=True, slots=True)
class Fitness:
    """One arm's claim to be shipped."""

    arm: str
    success: Estimate | None
    deficit: Estimate | None  # best arm minus this one, in points; None for the best itself or where unknown
    open_gates: tuple[Gate, ...]  # its own gates that do not hold
    near_best: bool

    @property
    def shippable(self) -> bool:
        return self.near_best and not self.open_gates


def fitness(facts: Facts, thresholds: Thresholds) -> tuple[Fitness, ...]:
    """Every arm that could be shipped, simplest first."""
    arms = sorted((a for a in facts.arms.values() if not a.beside), key=lambda arm: arm.complexity)
    success = {arm.name: _success(facts, arm.name) for arm in arms}
    scored = {name: estimate.mean for name, estimate in success.items() if estimate and estimate.mean is not None}
    best = max(scored, key=lambda name: scored[name], default=None)
    return tuple(_fitness(facts, arm.name, best, success[arm.name], thresholds) for arm in arms)


def simplest(candidates: Sequence[Fitness]) -> Fitness | None:
    """The first shippable arm of a list that runs from simple to complex."""
    return next((row for row in candidates if row.shippable), None)


def _success(facts: Facts, arm: str) -> Estimate | None:
    found = rate_of(facts, arm, "task_success", 0.0)
    return found.estimate if isinstance(found, Found) else None


def _fitness(facts: Facts, arm: str, best: str | None, success: Estimate | None, thresholds: Thresholds) -> Fitness:
    gates = tuple(g for g in judge_all(facts, arm, thresholds, absolute_only=True) if g.status not in HELD)
    if best is None or success is None:
        return Fitness(arm, success, None, gates, near_best=False)
    if arm == best:
        return Fitness(arm, success, None, gates, near_best=True)
    deficit = gain_of(facts, best, arm)
    if not isinstance(deficit, Found):
        return Fitness(arm, success, None, gates, near_best=False)
    near = all(_within(estimate, thresholds) for estimate in (deficit.estimate, _feared_deficit(facts, best, arm)))
    return Fitness(arm, success, deficit.estimate, gates, near)


def _feared_deficit(facts: Facts, best: str, arm: str) -> Estimate | None:
    """The deficit with every unscored case against `arm`: the mirrored worst case of its gain over the best."""
    mirrored = gain_of(facts, arm, best)
    worst = mirrored.worst if isinstance(mirrored, Found) else None
    if worst is None or worst.mean is None or worst.low is None or worst.high is None:
        return None
    return Estimate(-worst.mean, -worst.high, -worst.low, worst.n, worst.unscored, worst.unit, worst.method)


def _within(deficit: Estimate | None, thresholds: Thresholds) -> bool:
    if deficit is None or deficit.mean is None:
        return False
    limit = deficit.mean if thresholds.policy == "point" else deficit.high
    return limit is not None and limit <= thresholds.margin
