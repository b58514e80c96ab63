"""Tuning: how each adapter learned, what it is, what another seed does, and how many examples it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.record.measurements import AdapterSection
from harness.record.sections import Record
from harness.record.variants import LearningSection, SeedSection
from harness.report.charts.chart import Chart
from harness.report.charts.curves import loss_curve
from harness.report.charts.learning import learning_chart
from harness.report.page.view import RunView
from harness.report.text.training import rows_text
from harness.stats.numbers import in_a_row, number, show, show_estimate


@dataclass(frozen=True, slots=True)
class TunedArm:
    """An adapter, with every arm that carries it."""

    arms: str
    chart: Chart | None
    adapter: AdapterSection
    rows: str  # what it was trained on
    seconds: float  # wall time of its stage
    identical: bool  # all its answers are those of the base, under the first of the arms


@dataclass(frozen=True, slots=True)
class SeedRows:
    """The seeds of one arm as a table."""

    arm: str
    says: str
    rows: tuple[tuple[str, ...], ...]  # seed, task success, form, adapter


@dataclass(frozen=True, slots=True)
class TuningPart:
    arms: tuple[TunedArm, ...]
    seeds: tuple[SeedRows, ...]
    learning: LearningSection | None
    learning_chart: Chart | None


def why_no_tuning(run: RunView) -> str:
    """Why there is nothing to show."""
    return "" if run.record.tuning else "no arm of this run was tuned"


def tuning(run: RunView) -> TuningPart:
    record = run.record
    carriers: dict[str, list[str]] = {}
    for arm, training in record.tuning.items():
        carriers.setdefault(training.adapter.id, []).append(arm)
    return TuningPart(
        tuple(_tuned(record, arms, i) for i, arms in enumerate(carriers.values())),
        tuple(_seed_rows(arm, section) for arm, section in record.seeds.items()),
        record.learning,
        learning_chart(record.learning),
    )


def _tuned(record: Record, arms: Sequence[str], number: int) -> TunedArm:
    training, names = record.tuning[arms[0]], in_a_row(arms)
    return TunedArm(
        arms=names,
        chart=loss_curve(names, training.adapter, number),
        adapter=training.adapter,
        rows=rows_text(training.adapter),
        seconds=training.seconds,
        identical=bool(record.identical_outputs.get(arms[0])),
    )


def _seed_rows(arm: str, section: SeedSection) -> SeedRows:
    says = f"{len(section.outcomes)} seeds"
    if section.low is not None and section.high is not None and section.deviation is not None:
        low, high = number(section.low, "fraction"), show(section.high, "fraction")
        says += f": task success from {low} to {high}, standard deviation {show(section.deviation, 'fraction')}"
    rows = tuple(
        (str(o.seed), show_estimate(o.success), "none demanded" if o.form is None else show_estimate(o.form), o.adapter)
        for o in section.outcomes
    )
    return SeedRows(arm, says, rows)
