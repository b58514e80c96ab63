"""Drills as small multiples, and the freshness drill as a table. Both are None where the run made none.

Record fields read here: `drills`: [{"name", "title", "arms": {arm: {"before": Estimate, "after": Estimate}}}];
`freshness`: {"arms": {arm: {"new": Estimate, "old": Estimate, "update_seconds", "retune_seconds"}}}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.report.charts import Chart, names
from harness.report.numbers import show_estimate, show_seconds
from harness.report.vega import arm_scales, to_svg


@dataclass(frozen=True, slots=True)
class FreshRow:
    arm: str
    new: str
    old: str
    update: str
    retune: str


def freshness_rows(record: Mapping[str, Any]) -> list[FreshRow]:
    """Per arm: accuracy on the new facts, share that still gives the old one, seconds to update or to retune."""
    found = (record.get("freshness") or {}).get("arms") or {}
    return [
        FreshRow(
            arm,
            show_estimate(f.get("new")),
            show_estimate(f.get("old")),
            show_seconds(f.get("update_seconds")),
            show_seconds(f.get("retune_seconds")),
        )
        for arm, f in found.items()
    ]


def drill_charts(record: Mapping[str, Any]) -> list[tuple[str, Chart]]:
    """(title, chart) for each drill: task success before and after, by arm."""
    made = []
    for i, drill in enumerate(record.get("drills") or ()):
        chart = _drill(record, drill, i)
        if chart:
            made.append((drill["title"], chart))
    return made


def _drill(record: Mapping[str, Any], drill: Mapping[str, Any], number: int) -> Chart | None:
    arms = [a for a in names(record) if (drill["arms"].get(a) or {}).get("after", {}).get("mean") is not None]
    values = [
        {"arm": arm, "when": when, "y": e["mean"] * 100, "low": _end(e, "low"), "high": _end(e, "high")}
        for arm in arms
        for when in ("before", "after")
        if (e := drill["arms"][arm].get(when)) and e.get("mean") is not None
    ]
    if not values:
        return None
    colours, _ = arm_scales(names(record), arms)
    x = {"field": "when", "type": "nominal", "sort": ["before", "after"], "title": None, "axis": {"labelAngle": 0}}
    y = {"field": "y", "type": "quantitative", "title": "task success, %", "scale": {"domain": [0, 100]}}
    colour = {"field": "arm", "type": "nominal", "scale": colours}
    spec = {
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
    says = drill.get("says") or "A steep fall is a weakness."
    rows = tuple(
        (a, show_estimate(drill["arms"][a].get("before")), show_estimate(drill["arms"][a]["after"])) for a in arms
    )
    return Chart(to_svg(spec, f"drill{number}", f"{drill['title']}. {says}"), says, ("arm", "before", "after"), rows)


def _end(estimate: Mapping[str, Any], end: str) -> float:
    value = estimate.get(end)
    return float(estimate["mean"] if value is None else value) * 100
