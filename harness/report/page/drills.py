"""Drills as small multiples, and the freshness drill as a table. Both are None where the run made none.

Record fields read here: `drills`: [{"name", "title", "says", "sources", "arms": {arm: {"before", "after", "change",
"from_memory", "obeyed": Estimates}}}]; `freshness`: {"facts", "documents", "embedded", "reused", "reason", "arms":
{arm: {"before", "new", "old": Estimates, "update_seconds", "retune_seconds"}}}.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.report.charts.quality import Chart, names
from harness.report.charts.vega import arm_scales, to_svg
from harness.stats.numbers import show_count, show_estimate, show_seconds


@dataclass(frozen=True, slots=True)
class FreshRow:
    arm: str
    before: str
    new: str
    old: str
    update: str
    retune: str


def freshness_rows(record: Mapping[str, Any]) -> list[FreshRow]:
    """Per arm: accuracy on the new facts, share that still gives the old one, seconds to update or to retune."""
    found = (record.get("freshness") or {}).get("arms") or {}
    of = {row["name"]: row for row in record.get("arms") or ()}
    return [
        FreshRow(
            arm,
            show_estimate(f.get("before")),
            show_estimate(f.get("new")),
            show_estimate(f.get("old")),
            show_seconds(f.get("update_seconds")) if of.get(arm, {}).get("retriever") else "no index",
            show_seconds(f.get("retune_seconds")) if of.get(arm, {}).get("adapter") else "no adapter",
        )
        for arm, f in found.items()
    ]


def freshness_says(record: Mapping[str, Any]) -> str:
    """What was changed, in a sentence; why nothing was, where nothing could be."""
    found = record.get("freshness") or {}
    if found.get("reason"):
        return str(found["reason"])
    if not found.get("facts"):
        return ""
    pages = f"{show_count(found['facts'], 'fact')} replaced in {show_count(found['documents'], 'document')}"
    if found.get("embedded") is None:
        return f"{pages}; no arm retrieves, so no index had to be refreshed."
    return f"{pages}; {found['embedded']} passages embedded again, {found['reused']} taken over."


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
    # three names a row: a wider legend would shrink the whole chart beside its neighbours
    colour = {"field": "arm", "type": "nominal", "scale": colours, "legend": {"columns": 3}}
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
    says = " ".join(filter(None, (drill.get("says") or "A steep fall is a weakness.", _sources(drill))))
    more = [key for key in MORE if any(key in drill["arms"][a] for a in arms)]
    rows = tuple(_line(a, drill["arms"][a], more) for a in arms)
    columns = ("arm", "before", "after", "change", *(MORE[key] for key in more))
    return Chart(to_svg(spec, f"drill{number}", f"{drill['title']}. {says}"), says, columns, rows)


MORE = {
    "change_without_form": "change, form aside",
    "from_memory": "still gives the answer",
    "obeyed": "obeys the hidden order",
}


def _line(arm: str, found: Mapping[str, Any], more: Sequence[str]) -> tuple[str, ...]:
    figures = [show_estimate(found.get(key)) for key in ("before", "after")]
    change = show_estimate(found.get("change"), signed=True)
    return (arm, *figures, change, *(show_estimate(found.get(key), signed=key.startswith("change")) for key in more))


def _sources(drill: Mapping[str, Any]) -> str:
    """Where rewordings are from: written by the scenario's author, or made by rule."""
    words = {"rule": "by rule", "scenario": "by the scenario"}
    counts = [f"{n} {words.get(where, where)}" for where, n in (drill.get("sources") or {}).items()]
    return f"Reworded: {', '.join(counts)}." if counts else ""


def _end(estimate: Mapping[str, Any], end: str) -> float:
    value = estimate.get(end)
    return float(estimate["mean"] if value is None else value) * 100
