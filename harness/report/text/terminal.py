"""The outcome of a run for a terminal: the verdict, the arms with intervals, the open gates. Text, 100 columns."""

from __future__ import annotations

from harness.record.sections import Figures, MetricSection, Record
from harness.report.headline import advised
from harness.report.text.verdict import gate_lines
from harness.stats.numbers import milliseconds, table_cell
from harness.types import Estimate

COLUMN = 18  # characters at least; wider where a title or a figure is
LATENCY = "p95 latency"


def outcome(record: Record) -> str:
    """Several lines: what to ship and why, arms x metrics, gates."""
    verdict = record.verdict
    lines = [f"{verdict.word}: {verdict.sentence}", "", *table(record), *_resting(record), ""]
    lines += gate_lines(verdict.gates)
    name = advised(verdict.advised)
    advice = f"the checklist said {name}: {verdict.agreement}" if name else "no checklist answers in the scenario"
    lines += ["", f"{advice} ({verdict.agreement_reason})"]
    lines += [f"tried: {fix.says}" for fix in record.fixes]
    return "\n".join([*lines, *(f"note: {note}" for note in verdict.notes)])


def table(figures: Figures) -> list[str]:
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
    first = max(COLUMN, *(len(title) + 2 for title in cells))
    column = max(COLUMN, *(len(cell) + 1 for row in cells.values() for cell in row))
    return [f"{title:<{first}}" + "".join(f"{cell:>{column}}" for cell in row) for title, row in cells.items()]


def _resting(figures: Figures) -> list[str]:
    """A line on the rows that rest on a judge or a detector: corrected by people's ratings, or by nobody."""
    titles = [row.title for row in figures.metric_rows if row.brief and _errs(figures, row)]
    corrected = figures.calibration.corrected if figures.calibration else {}
    if not titles:
        return []
    arms = [arm for arm in figures.arm_names if arm in corrected]
    raw = f"; gates take {' and '.join(arms)} as people's ratings correct them" if arms else ""
    return [f"{'as judged' if arms else 'uncalibrated'}: {', '.join(titles)}{raw}"]


def _errs(figures: Figures, row: MetricSection) -> bool:
    return any(row.errs(arm.retriever) and figures.estimate(arm.name, row.name) for arm in figures.arms)


def _estimate(figures: Figures, arm: str, metric: str) -> Estimate | None:
    """A metric of an arm; its form over golden answers and probes together, as the gates judge it."""
    form = figures.forms.get(arm)
    shared = {"schema": form.schema, "schema_first_try": form.schema_first_try, "repair": form.repair} if form else {}
    return shared.get(metric) or figures.estimate(arm, metric)
