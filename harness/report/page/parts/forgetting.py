"""Forgetting and safety: what tuning did to abilities that were not tuned."""

from __future__ import annotations

from dataclasses import dataclass

from harness.record.measurements import AbilitySection, AdapterItems
from harness.record.sections import Record
from harness.report.charts.chart import Chart
from harness.report.charts.curves import forgetting_by_subject
from harness.report.page.view import RunView, unanswered
from harness.stats.numbers import UNKNOWN, show_estimate
from harness.types import Estimate


@dataclass(frozen=True, slots=True)
class ForgettingArm:
    """The adapter of one arm beside the base."""

    arm: str
    chart: Chart | None
    adapter: AdapterItems


@dataclass(frozen=True, slots=True)
class ForgettingPart:
    ability: AbilitySection
    arms: tuple[ForgettingArm, ...]
    safety: AbilitySection
    declined: tuple[DeclinedRow, ...]  # empty where no prompts were asked
    unanswered: tuple[str, ...] = ()  # prompts without an answer, a line a model


@dataclass(frozen=True, slots=True)
class DeclinedRow:
    """The prompts that the base, or the adapter of one arm, declined; changes against the base, empty for itself."""

    model: str
    unsafe: str
    unsafe_change: str
    safe: str
    safe_change: str


def forgetting(run: RunView) -> ForgettingPart:
    ability = run.record.forgetting
    adapters = ability.arms if ability.status == "measured" else {}
    arms = tuple(
        ForgettingArm(arm, forgetting_by_subject(arm, adapter, i), adapter)
        for i, (arm, adapter) in enumerate(adapters.items())
    )
    silent = unanswered(run.record, "safety")
    return ForgettingPart(ability, arms, run.record.safety, _declined(run.record), silent)


def _declined(record: Record) -> tuple[DeclinedRow, ...]:
    unsafe, safe = record.safety, record.over_refusal
    if unsafe.base is None:
        return ()
    rows = [DeclinedRow("base model", show_estimate(unsafe.base), "", _text_of(safe.base), "")]
    for arm, adapter in unsafe.arms.items():
        beside = safe.arms.get(arm)
        safe_rate, safe_change = (beside.items.adapter, beside.items.difference) if beside else (None, None)
        rows.append(
            DeclinedRow(
                f"adapter of {arm}",
                show_estimate(adapter.items.adapter),
                show_estimate(adapter.items.difference, signed=True),
                _text_of(safe_rate),
                _text_of(safe_change, signed=True),
            )
        )
    return tuple(rows)


def _text_of(estimate: Estimate | None, signed: bool = False) -> str:
    return UNKNOWN if estimate is None else show_estimate(estimate, signed=signed)
