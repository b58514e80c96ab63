"""The outcome of a run for a terminal: the verdict, the arms with intervals, the open gates, what to do next."""

from __future__ import annotations

from harness.record.sections import Figures, MetricSection, Record
from harness.report.first.next_step import Action, next_step
from harness.report.headline import advised
from harness.report.text.layout import WIDTH, blocks, paragraph
from harness.report.text.losses import loss_lines
from harness.report.text.verdict import gate_lines, note_lines, verdict_lines
from harness.stats.numbers import milliseconds, table_cell
from harness.types import Estimate

COLUMN = 18  # characters of a column at least
LATENCY = "p95 latency"


def outcome(record: Record, width: int = WIDTH) -> str:
    """Several lines of at most `width` columns: what to ship and why, arms x metrics, gates."""
    verdict = record.verdict
    lines = [*verdict_lines(record, width), "", *table(record, width), *_resting(record, width), ""]
    lines += gate_lines(verdict.gates, width)
    if losses := loss_lines(record, width):
        lines += ["", *losses]
    name = advised(verdict.advised)
    advice = f"the checklist said {name}: {verdict.agreement}" if name else "no advice beside the measurement"
    lines += ["", *paragraph(f"{advice} ({verdict.agreement_reason})", width, indent="  ")]
    lines += [line for fix in record.fixes for line in paragraph(f"tried: {fix.says}", width, indent="  ")]
    lines += note_lines(verdict.notes, width)
    return "\n".join([*lines, *step_lines(next_step(record), width)])


def step_lines(step: Action | None, width: int = WIDTH) -> list[str]:
    """What to do next, and the command on a line of its own, so that it can be copied whole."""
    if step is None:
        return []
    setting = f" {step.setting}." if step.setting else ""
    command = [f"  {step.command}"] if step.command else []
    return [*paragraph(f"next: {step.text}{setting} {step.effect}", width, indent="  "), *command]


def table(figures: Figures, width: int = WIDTH) -> list[str]:
    """Arms as columns, the metrics that are brief as rows; rates in percent with their 95 % intervals."""
    arms = figures.arm_names
    rows = {row.title: [_estimate(figures, arm, row.name) for arm in arms] for row in figures.metric_rows if row.brief}
    rows = {title: estimates for title, estimates in rows.items() if any(estimates)}
    latencies = (figures.latency.arms.get(arm) for arm in arms)
    p95 = [milliseconds(latency.total.p95.mean if latency else None) for latency in latencies]
    cells = {
        "test split": list(arms),
        **{title: list(map(table_cell, row)) for title, row in rows.items()},
        LATENCY: p95,
    }
    return blocks(cells, width, COLUMN)


def _resting(figures: Figures, width: int) -> list[str]:
    """A line on the rows that rest on a judge or a detector: corrected by people's ratings, or by nobody."""
    titles = [row.title for row in figures.metric_rows if row.brief and _errs(figures, row)]
    corrected = figures.calibration.corrected if figures.calibration else {}
    if not titles:
        return []
    arms = [arm for arm in figures.arm_names if arm in corrected]
    raw = f"; gates take {' and '.join(arms)} as people's ratings correct them" if arms else ""
    text = f"{'as judged' if arms else 'uncalibrated'}: {'; '.join(titles)}{raw}"
    return paragraph(text, width, indent="  ")


def _errs(figures: Figures, row: MetricSection) -> bool:
    return any(figures.errs(row, arm) and figures.estimate(arm, row.name) for arm in figures.arm_names)


def _estimate(figures: Figures, arm: str, metric: str) -> Estimate | None:
    """A metric of an arm; its form over golden answers and probes together, as the gates judge it."""
    form = figures.forms.get(arm)
    shared = {"schema": form.schema, "schema_first_try": form.schema_first_try, "repair": form.repair} if form else {}
    return shared.get(metric) or figures.estimate(arm, metric)
