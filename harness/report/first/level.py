"""The level: task success of every arm with its interval on one scale from 0 to 100 %, and the best constant answer.

The first thing that a reader takes away, before any gain: an arm that beats another may still fail most questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.record.sections import ArmSection, Record
from harness.stats.numbers import show, show_interval
from harness.types import Case, Estimate
from harness.verdict.constant import best_constant

SUCCESS = "task_success"
MOST_ARMS = 6  # that are drawn


@dataclass(frozen=True, slots=True)
class LevelBar:
    """One arm; ends in per cent of the axis."""

    arm: str
    role: str  # "candidate", "to ship", "ceiling" or ""
    value: str
    interval: str
    low: float | None
    middle: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class ConstantLine:
    """What one and the same answer to every question would reach."""

    says: str
    value: str
    at: float  # per cent of the axis


@dataclass(frozen=True, slots=True)
class Level:
    bars: tuple[LevelBar, ...]
    constant: ConstantLine | None  # None: the golden set is not at hand, or no case decides
    left_out: int  # arms that are not drawn
    questions: int  # asked of the candidate
    groups: int  # independent groups of documents among them


def level(record: Record, cases: Sequence[Case] = ()) -> Level:
    """The level of a run.

    Args:
        cases: the golden set, of which the best constant answer is computed; none where it is not at hand.
    """
    arms = _visible(record)
    candidate = record.estimate(record.verdict.candidate, SUCCESS)
    return Level(
        bars=tuple(_bar(record, arm) for arm in arms),
        constant=_constant(cases),
        left_out=len(record.arms) - len(arms),
        questions=candidate.n if candidate else 0,
        groups=record.golden.clusters,
    )


def _visible(record: Record) -> list[ArmSection]:
    """The arms in their own order; where there are many, the marked ones and the best of the others."""
    marked = {record.verdict.candidate, record.verdict.ship, record.reference}
    by_level = sorted(record.arms, key=lambda arm: (arm.name not in marked, -_mean(record, arm.name)))
    names = {arm.name for arm in by_level[:MOST_ARMS]}
    return [arm for arm in record.arms if arm.name in names]


def _mean(record: Record, arm: str) -> float:
    estimate = record.estimate(arm, SUCCESS)
    return -1.0 if estimate is None or estimate.mean is None else estimate.mean


def _bar(record: Record, arm: ArmSection) -> LevelBar:
    return level_bar(arm.name, _role(record, arm), record.estimate(arm.name, SUCCESS))


def level_bar(arm: str, role: str, estimate: Estimate | None) -> LevelBar:
    """A bar of a rate."""
    if estimate is None or estimate.mean is None:
        return LevelBar(arm, role, "not measured", "", None, None, None)
    ends = [None if end is None else round(100 * end, 2) for end in (estimate.low, estimate.mean, estimate.high)]
    return LevelBar(arm, role, show(estimate.mean, estimate.unit), show_interval(estimate), *ends)


def _role(record: Record, arm: ArmSection) -> str:
    if arm.name == record.verdict.candidate:
        return "candidate, to ship" if arm.name == record.verdict.ship else "candidate"
    if arm.name == record.verdict.ship:
        return "to ship"
    return "ceiling" if arm.oracle else "tried" if arm.tried is not None else ""


def _constant(cases: Sequence[Case]) -> ConstantLine | None:
    if not any(case.split == "test" for case in cases):
        return None
    constant = best_constant(cases)
    values = [value for value in constant.success.values() if value is not None]
    if not values:
        return None
    share = sum(values) / len(values)
    return ConstantLine(constant.says, show(share, "fraction"), round(100 * share, 2))
