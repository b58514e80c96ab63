"""Drills as small multiples: task success before and after, by arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.record.measurements import DrilledArm, DrillSection
from harness.report.charts.chart import Chart, ends
from harness.report.charts.vega import Row, Spec, arm_scales, to_svg
from harness.stats.numbers import show_estimate
from harness.types import Estimate

SOURCES = {"rule": "by rule", "scenario": "by the scenario"}  # who reworded a question


@dataclass(frozen=True, slots=True)
class _More:
    """A column that only some drills have."""

    title: str
    estimates: Mapping[str, Estimate]  # arm ->
    signed: bool = False


def drill_chart(drill: DrillSection, every: Sequence[str], number: int) -> Chart | None:
    """One drill. None where no arm has a figure.

    Args:
        every: all arms of the run, for their colours.
        number: of the drawing, unique in the page.
    """
    arms = {arm: row for arm in every if (row := drill.arms.get(arm)) and row.after.mean is not None}
    values: list[Row] = [
        {"arm": arm, "when": when, "y": middle, "low": low, "high": high}
        for arm, row in arms.items()
        for when, estimate in (("before", row.before), ("after", row.after))
        if (span := ends(estimate, 100))
        for low, middle, high in (span,)
    ]
    if not values:
        return None
    says = " ".join(filter(None, (drill.says or "A steep fall is a weakness.", _sources(drill))))
    more = _more(arms)
    rows = tuple(_line(arm, row, more) for arm, row in arms.items())
    columns = ("arm", "before", "after", "change", *(column.title for column in more))
    svg = to_svg(_spec(values, every, list(arms)), f"drill{number}", f"{drill.title}. {says}")
    return Chart(svg, says, columns, rows)


def _more(arms: Mapping[str, DrilledArm]) -> list[_More]:
    columns = (
        _More("change, form aside", {arm: d.change_without_form for arm, d in arms.items()}, signed=True),
        _More("still gives the answer", {arm: d.from_memory for arm, d in arms.items() if d.from_memory}),
        _More("obeys the hidden order", {arm: d.obeyed for arm, d in arms.items() if d.obeyed}),
    )
    return [column for column in columns if column.estimates]


def _line(arm: str, row: DrilledArm, more: Sequence[_More]) -> tuple[str, ...]:
    change = show_estimate(row.change, signed=True)
    others = (show_estimate(column.estimates.get(arm), signed=column.signed) for column in more)
    return (arm, show_estimate(row.before), show_estimate(row.after), change, *others)


def _sources(drill: DrillSection) -> str:
    """The sources of rewordings: written by the scenario's author, or made by rule."""
    counts = [f"{n} {SOURCES.get(source, source)}" for source, n in drill.sources.items()]
    return f"Reworded: {', '.join(counts)}." if counts else ""


def _spec(values: Sequence[Row], every: Sequence[str], arms: Sequence[str]) -> Spec:
    colours, _ = arm_scales(every, arms)
    x = {"field": "when", "type": "nominal", "sort": ["before", "after"], "title": None, "axis": {"labelAngle": 0}}
    y = {"field": "y", "type": "quantitative", "title": "task success, %", "scale": {"domain": [0, 100]}}
    # three names a row: a wider legend would shrink the whole chart beside its neighbours
    colour = {"field": "arm", "type": "nominal", "scale": colours, "legend": {"columns": 3}}
    return {
        "width": 260,
        "height": 180,
        "data": {"values": values},
        "layer": [
            {"mark": {"type": "line", "point": True}, "encoding": {"x": x, "y": y, "color": colour}},
            {
                "mark": {"type": "rule", "opacity": 0.5},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": colour},
            },
        ],
    }
