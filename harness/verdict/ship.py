"""The arm to ship: the simplest that holds its own gates and is not proven to fall behind another by the margin.

Between arms without a proven difference the simpler one ships, so that none is shipped because it was lucky.
"""

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
    near_best: bool  # no other arm is proven better by more than the margin may be

    @property
    def shippable(self) -> bool:
        return self.near_best and not self.open_gates


def fitness(sheet: ScoreSheet, thresholds: Thresholds) -> tuple[Fitness, ...]:
    """Every arm that could be shipped, simplest first."""
    arms = sorted((arm for arm in sheet.arms.values() if not arm.beside), key=complexity)
    success = {arm.name: _success(sheet, arm.name) for arm in arms}
    means = {name: estimate.mean for name, estimate in success.items() if estimate and estimate.mean is not None}
    best = max(means, key=lambda name: means[name], default=None)
    ahead = {name: [other for other in means if means[other] > mean] for name, mean in means.items()}
    return tuple(
        _fitness(sheet, arm.name, best, success[arm.name], thresholds, ahead.get(arm.name, ())) for arm in arms
    )


def complexity(arm: ArmSection) -> tuple[bool, ...]:
    """Sorts baseline < rag < tune < hybrid: an adapter costs more to keep than an index; a re-ranker of its own,
    examples and a form that is enforced cost less, in this order. A lean prompt is simpler than a whole one."""
    return arm.adapter is not None, arm.retriever, arm.reranker is not None, arm.few_shot, arm.constrained, not arm.lean


def simplest(candidates: Sequence[Fitness]) -> Fitness | None:
    """The first shippable arm of a list that runs from simple to complex."""
    return next((row for row in candidates if row.shippable), None)


def _success(sheet: ScoreSheet, arm: str) -> Estimate | None:
    success = rate_of(sheet, arm, "task_success", 0.0)
    return success.estimate if isinstance(success, Measurement) else None


def _fitness(
    sheet: ScoreSheet,
    arm: str,
    best: str | None,
    success: Estimate | None,
    thresholds: Thresholds,
    ahead: Sequence[str],
) -> Fitness:
    """The claim of one arm; `ahead` are the arms with a higher task success."""
    gates = judge_all(sheet, arm, thresholds, absolute_only=True)
    open_gates = tuple(gate for gate in gates if not STATUSES[gate.status].holds)
    if best is None or success is None:
        return Fitness(arm, success, None, open_gates, near_best=False)
    if arm == best:
        return Fitness(arm, success, None, open_gates, near_best=True)
    deficit = gain_of(sheet, best, arm)
    near = all(_keeps_up(sheet, other, arm, thresholds) for other in {best, *ahead})
    return Fitness(arm, success, deficit.estimate if isinstance(deficit, Measurement) else None, open_gates, near)


def _keeps_up(sheet: ScoreSheet, other: str, arm: str, thresholds: Thresholds) -> bool:
    """Whether `arm` is not proven behind the other, or by no more than the margin; its unscored cases counted lost."""
    deficit = gain_of(sheet, other, arm)
    if not isinstance(deficit, Measurement):
        return False
    return all(_near(estimate, thresholds) for estimate in (deficit.estimate, _feared_deficit(sheet, other, arm)))


def _feared_deficit(sheet: ScoreSheet, other: str, arm: str) -> Estimate | None:
    """The deficit with every unscored case against `arm`: the mirrored worst case of its gain over the other."""
    mirrored = gain_of(sheet, arm, other)
    worst = mirrored.worst if isinstance(mirrored, Measurement) else None
    if worst is None or worst.mean is None or worst.low is None or worst.high is None:
        return None
    return Estimate(-worst.mean, -worst.high, -worst.low, worst.n, worst.unscored, worst.unit, worst.method)


def _near(deficit: Estimate | None, thresholds: Thresholds) -> bool:
    if deficit is None or deficit.mean is None:
        return False
    if thresholds.policy == "point":
        return deficit.mean <= thresholds.margin
    if deficit.low is None or deficit.high is None:
        return False
    return deficit.low <= 0 or deficit.high <= thresholds.margin
