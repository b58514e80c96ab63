"""Which arm to ship: the simplest that holds its own gates and is not more than the margin behind the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.record.sections import ArmSection
from harness.types import Estimate, Gate
from harness.verdict.gates import Thresholds, judge_all
from harness.verdict.measures import Measurement, gain_of, rate_of
from harness.verdict.score_sheet import ScoreSheet
from harness.verdict.status import STATUSES


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


def fitness(sheet: ScoreSheet, thresholds: Thresholds) -> tuple[Fitness, ...]:
    """Every arm that could be shipped, simplest first."""
    arms = sorted((arm for arm in sheet.arms.values() if not arm.beside), key=complexity)
    success = {arm.name: _success(sheet, arm.name) for arm in arms}
    scored = {name: estimate.mean for name, estimate in success.items() if estimate and estimate.mean is not None}
    best = max(scored, key=lambda name: scored[name], default=None)
    return tuple(_fitness(sheet, arm.name, best, success[arm.name], thresholds) for arm in arms)


def complexity(arm: ArmSection) -> tuple[bool, bool, bool]:
    """Sorts baseline < rag < tune < hybrid: an adapter costs more to keep than an index; examples cost least."""
    return arm.adapter is not None, arm.retriever, arm.few_shot


def simplest(candidates: Sequence[Fitness]) -> Fitness | None:
    """The first shippable arm of a list that runs from simple to complex."""
    return next((row for row in candidates if row.shippable), None)


def _success(sheet: ScoreSheet, arm: str) -> Estimate | None:
    success = rate_of(sheet, arm, "task_success", 0.0)
    return success.estimate if isinstance(success, Measurement) else None


def _fitness(
    sheet: ScoreSheet, arm: str, best: str | None, success: Estimate | None, thresholds: Thresholds
) -> Fitness:
    judged = judge_all(sheet, arm, thresholds, absolute_only=True)
    open_gates = tuple(gate for gate in judged if not STATUSES[gate.status].holds)
    if best is None or success is None:
        return Fitness(arm, success, None, open_gates, near_best=False)
    if arm == best:
        return Fitness(arm, success, None, open_gates, near_best=True)
    deficit = gain_of(sheet, best, arm)
    if not isinstance(deficit, Measurement):
        return Fitness(arm, success, None, open_gates, near_best=False)
    near = all(_within(estimate, thresholds) for estimate in (deficit.estimate, _feared_deficit(sheet, best, arm)))
    return Fitness(arm, success, deficit.estimate, open_gates, near)


def _feared_deficit(sheet: ScoreSheet, best: str, arm: str) -> Estimate | None:
    """The deficit with every unscored case against `arm`: the mirrored worst case of its gain over the best."""
    mirrored = gain_of(sheet, arm, best)
    worst = mirrored.worst if isinstance(mirrored, Measurement) else None
    if worst is None or worst.mean is None or worst.low is None or worst.high is None:
        return None
    return Estimate(-worst.mean, -worst.high, -worst.low, worst.n, worst.unscored, worst.unit, worst.method)


def _within(deficit: Estimate | None, thresholds: Thresholds) -> bool:
    if deficit is None or deficit.mean is None:
        return False
    limit = deficit.mean if thresholds.policy == "point" else deficit.high
    return limit is not None and limit <= thresholds.margin
