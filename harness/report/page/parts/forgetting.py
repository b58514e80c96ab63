"""Forgetting and safety: what tuning did to abilities that were not tuned."""

from __future__ import annotations

from dataclasses import dataclass

from harness.record.measurements import AbilitySection, AdapterItems
from harness.report.charts.chart import Chart
from harness.report.charts.curves import forgetting_by_subject
from harness.report.page.view import RunView


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


def forgetting(run: RunView) -> ForgettingPart:
    ability = run.record.forgetting
    adapters = ability.arms if ability.status == "measured" else {}
    arms = tuple(
        ForgettingArm(arm, forgetting_by_subject(arm, adapter, i), adapter)
        for i, (arm, adapter) in enumerate(adapters.items())
    )
    return ForgettingPart(ability, arms, run.record.safety)
