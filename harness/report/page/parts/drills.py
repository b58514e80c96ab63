"""Freshness and drills: facts that changed as a table, harder questions and passages as small multiples."""

from __future__ import annotations

from dataclasses import dataclass

from harness.record.sections import Figures
from harness.report.charts.chart import Chart
from harness.report.charts.drills import drill_chart
from harness.report.page.view import RunView, unanswered
from harness.stats.numbers import show_count, show_estimate, show_seconds


@dataclass(frozen=True, slots=True)
class FreshRow:
    """One arm after facts changed."""

    arm: str
    before: str
    new: str
    old: str
    update: str
    retune: str


@dataclass(frozen=True, slots=True)
class DrillsPart:
    fresh: tuple[FreshRow, ...]
    fresh_says: str  # what was changed, or why nothing was
    charts: tuple[tuple[str, Chart], ...]  # title, drawing
    command: str  # that makes the drills
    unanswered: tuple[str, ...] = ()  # a line an arm and drill: asked, answered, why not


def drills(run: RunView) -> DrillsPart:
    record = run.record
    charts = [(drill.title, drill_chart(drill, run.arms, i)) for i, drill in enumerate(record.drills or ())]
    return DrillsPart(
        fresh=freshness_rows(record),
        fresh_says=freshness_says(record),
        charts=tuple((title, chart) for title, chart in charts if chart is not None),
        command=f"harness run {record.scenario.dir} --drills",
        unanswered=unanswered(record, "drills"),
    )


def why_no_drills(run: RunView) -> str:
    """Why there is nothing to show."""
    record = run.record
    if record.drills or record.freshness is not None or unanswered(record, "drills"):
        return ""
    return f"this run made none: harness run {record.scenario.dir} --drills"


def freshness_rows(figures: Figures) -> tuple[FreshRow, ...]:
    """Per arm: accuracy on the new facts, share that still gives the old one, seconds to update or to retune."""
    rows = []
    for name, fresh in (figures.freshness.arms if figures.freshness else {}).items():
        arm = figures.arm(name)
        rows.append(
            FreshRow(
                name,
                show_estimate(fresh.before),
                show_estimate(fresh.new),
                show_estimate(fresh.old),
                show_seconds(fresh.update_seconds) if arm and arm.retriever else "no index",
                show_seconds(fresh.retune_seconds) if arm and arm.adapter else "no adapter",
            )
        )
    return tuple(rows)


def freshness_says(figures: Figures) -> str:
    """The changed facts in a sentence; the reason, where none could be."""
    fresh = figures.freshness
    if fresh is None:
        return ""
    if fresh.reason:
        return fresh.reason
    if not fresh.facts:
        return ""
    changes = f"{show_count(fresh.facts, 'fact')} replaced in {show_count(fresh.documents, 'document')}"
    if fresh.embedded is None:
        return f"{changes}; no arm retrieves, so no index had to be refreshed."
    return f"{changes}; {show_count(fresh.embedded, 'passage')} embedded again, {fresh.reused} taken over."
