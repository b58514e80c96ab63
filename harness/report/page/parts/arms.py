"""Arms and metrics: the matrix, task success by slice, and form over golden answers and probes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.record.judges import JudgeSection
from harness.record.sections import Figures
from harness.report.matrix import UNCALIBRATED, Block, matrix, without_figures
from harness.report.page.view import RunView
from harness.stats.numbers import show_estimate
from harness.types import CATEGORIES, KINDS

KNOWN: Mapping[str, Sequence[str]] = {"category": CATEGORIES, "kind": KINDS}


@dataclass(frozen=True, slots=True)
class SliceTable:
    """Task success by one field of the cases: a value and one Estimate an arm in each row."""

    name: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ArmsPart:
    blocks: tuple[Block, ...]
    titles: tuple[tuple[str, str], ...]  # arm, what it is
    slices: tuple[SliceTable, ...]
    empty_slices: Mapping[str, str]
    forms: tuple[tuple[str, ...], ...]
    judge: JudgeSection | None
    uncalibrated: tuple[str, ...]  # titles of metrics whose figures nobody rated
    without_figures: tuple[str, ...]  # titles of metrics that no answer could be scored by
    judged: tuple[tuple[str, ...], ...]  # metric, answers, scored, judged otherwise when asked again, failures


def arms(run: RunView) -> ArmsPart:
    record = run.record
    blocks = matrix(record)
    return ArmsPart(
        blocks=blocks,
        titles=tuple((arm.name, arm.title) for arm in record.arms),
        slices=slice_tables(record),
        empty_slices=empty_slices(record),
        forms=_forms(record),
        judge=record.judge,
        without_figures=without_figures(record),
        uncalibrated=tuple(
            line.row.title
            for block in blocks
            for line in block.lines
            if any(cell.people == UNCALIBRATED for cell in line.cells)
        ),
        judged=_judge_rows(record),
    )


def slice_tables(figures: Figures) -> tuple[SliceTable, ...]:
    """Task success by category and by kind, where there is more than one."""
    tables = []
    for name, values in figures.slices.items():
        rows = tuple(
            (value.replace("_", " "), *(show_estimate(by_arm.get(arm)) for arm in figures.arm_names))
            for value, by_arm in values.items()
        )
        if len(rows) > 1:
            tables.append(SliceTable(name, rows))
    return tuple(tables)


def empty_slices(figures: Figures) -> dict[str, str]:
    """slice name -> what has no test case: of those this run says nothing, and the page says that."""
    words = {}
    for name, values in figures.slices.items():
        missing = [value.replace("_", " ") for value in KNOWN.get(name, ()) if value not in values]
        if missing:
            words[name] = f"No test case of {name} {', '.join(missing)}: nothing is known about them."
    return words


def _judge_rows(figures: Figures) -> tuple[tuple[str, ...], ...]:
    metrics = figures.judge.metrics if figures.judge is not None else {}
    return tuple(
        (
            figures.title(name),
            f"{metric.answers:,}",
            f"{metric.scored:,}",
            f"{metric.disagree:,}",
            ", ".join(f"{kind} {count:,}" for kind, count in metric.failures.items()) or "none",
        )
        for name, metric in metrics.items()
    )


def _forms(figures: Figures) -> tuple[tuple[str, ...], ...]:
    forms = ((arm, figures.forms.get(arm)) for arm in figures.arm_names)
    return tuple(
        (
            arm,
            show_estimate(form.schema),
            show_estimate(form.schema_first_try),
            show_estimate(form.repair),
            f"{form.n_cases} + {form.n_probes}",
        )
        for arm, form in forms
        if form is not None
    )
