"""Tuning: how each adapter learned, and what it is."""

from __future__ import annotations

from dataclasses import dataclass

from harness.record.measurements import AdapterSection
from harness.report.charts.chart import Chart
from harness.report.charts.curves import loss_curve
from harness.report.page.view import RunView


@dataclass(frozen=True, slots=True)
class TunedArm:
    """The adapter of one arm."""

    arm: str
    chart: Chart | None
    adapter: AdapterSection
    seconds: float  # wall time of its stage
    identical: bool  # all its answers are those of the base


@dataclass(frozen=True, slots=True)
class TuningPart:
    arms: tuple[TunedArm, ...]


def why_no_tuning(run: RunView) -> str:
    """Why there is nothing to show."""
    return "" if run.record.tuning else "no arm of this run was tuned"


def tuning(run: RunView) -> TuningPart:
    record = run.record
    return TuningPart(
        tuple(
            TunedArm(
                arm=arm,
                chart=loss_curve(arm, training.adapter, i),
                adapter=training.adapter,
                seconds=training.seconds,
                identical=bool(record.identical_outputs.get(arm)),
            )
            for i, (arm, training) in enumerate(record.tuning.items())
        )
    )
