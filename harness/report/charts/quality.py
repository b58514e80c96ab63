"""The charts of the report: a record in, a drawing with its text alternative and its table of numbers out.

Every chart draws the uncertainty that the record has. A chart that has nothing to show is None; the section
then says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from harness.report.charts.vega import arm_scales, to_svg
from harness.stats.numbers import show_estimate

QUALITY = "task_success"
NARROW = 400  # CSS pixels of the plot; two stand side by side on a wide screen


@dataclass(frozen=True, slots=True)
class Chart:
    """One figure: drawing, what to see in it, and the numbers behind it."""

    svg: Markup
    says: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def names(record: Mapping[str, Any]) -> list[str]:
    """Arm names in the record's order."""
    return [arm["name"] for arm in record["arms"]]


def has(estimate: Mapping[str, Any] | None) -> bool:
    """Whether there is a value to draw."""
    return bool(estimate) and estimate is not None and estimate.get("mean") is not None


def ends(estimate: Mapping[str, Any], factor: float = 1.0) -> tuple[float, float, float]:
    """(low, mean, high); an estimate without interval is its own."""
    middle = estimate["mean"]
    low = middle if estimate.get("low") is None else estimate["low"]
    high = middle if estimate.get("high") is None else estimate["high"]
    return low * factor, middle * factor, high * factor


def frontier(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points that no other one beats on both: smaller x, larger y; by x."""
    best, kept = float("-inf"), []
    for x, y in sorted(points, key=lambda p: (p[0], -p[1])):
        if y > best:
            kept.append((x, y))
            best = y
    return kept


def quality_against(
    record: Mapping[str, Any], costs: Mapping[str, Mapping[str, Any]], axis: str, name: str
) -> Chart | None:
    """Arms as points: task success against `costs` (an Estimate an arm), intervals both ways, the frontier drawn."""
    metrics = record.get("metrics") or {}
    arms = [a for a in names(record) if has(costs.get(a)) and has(metrics.get(a, {}).get(QUALITY))]
    if len(arms) < 2:
        return None
    values: list[dict[str, Any]] = []
    for arm in arms:
        x_low, x, x_high = ends(costs[arm])
        y_low, y, y_high = ends(metrics[arm][QUALITY], 100)
        values.append({"arm": arm, "x": x, "xl": x_low, "xh": x_high, "y": y, "yl": y_low, "yh": y_high})
    _place_labels(values)
    edge = frontier([(v["x"], v["y"]) for v in values])
    on_edge = ", ".join(v["arm"] for v in sorted(values, key=lambda v: v["x"]) if (v["x"], v["y"]) in edge)
    rows = tuple((a, show_estimate(metrics[a][QUALITY]), show_estimate(costs[a])) for a in arms)
    says = f"Up and to the left is better. On the frontier: {on_edge}."
    svg = to_svg(
        _scatter(values, edge, names(record), arms, axis), name, f"Task success against {axis}, by arm. {says}"
    )
    return Chart(svg, says, ("arm", "task success", axis), rows)


def _place_labels(values: list[dict[str, Any]]) -> None:
    """Give every label a height at which it does not lie on a neighbour's."""
    widest = max(v["xh"] for v in values) or 1.0
    placed: list[dict[str, Any]] = []
    for value in sorted(values, key=lambda v: v["y"]):
        near = [p["label_y"] for p in placed if abs(p["x"] - value["x"]) < 0.35 * widest]
        value["label_y"] = max([value["y"] + 4, *(y + 6 for y in near)])
        placed.append(value)


def _scatter(
    values: list[dict[str, Any]], edge: list[tuple[float, float]], every: Sequence[str], arms: Sequence[str], axis: str
) -> dict[str, Any]:
    colours, shapes = arm_scales(every, arms)
    colour = {"field": "arm", "type": "nominal", "scale": colours, "legend": None}
    room = 1.3 * max(v["xh"] for v in values) or 1.0  # to the right of the last point, for its label
    x = {"field": "x", "type": "quantitative", "title": axis, "scale": {"domain": [0, room]}}
    y = {"field": "y", "type": "quantitative", "title": "task success, %", "scale": {"domain": [0, 100]}}
    return {
        "width": NARROW,
        "height": 280,
        "data": {"values": values},
        "layer": [
            {
                "data": {"values": [{"x": a, "y": b} for a, b in edge]},
                "mark": {
                    "type": "line",
                    "interpolate": "step-after",
                    "strokeDash": [4, 4],
                    "color": "var(--muted)",
                    "strokeWidth": 1,
                },
                "encoding": {"x": x, "y": y},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 1.5, "opacity": 0.6},
                "encoding": {"x": {**x, "field": "xl"}, "x2": {"field": "xh"}, "y": y, "color": colour},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 1.5, "opacity": 0.6},
                "encoding": {"x": x, "y": {**y, "field": "yl"}, "y2": {"field": "yh"}, "color": colour},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": colour,
                    "shape": {"field": "arm", "type": "nominal", "scale": shapes, "legend": None},
                },
            },
            {
                "mark": {"type": "text", "dx": 10, "align": "left", "fontWeight": 600},
                "encoding": {"x": x, "y": {**y, "field": "label_y"}, "text": {"field": "arm"}},
            },
        ],
    }


def latency_split(record: Mapping[str, Any]) -> Chart | None:
    """Retrieval and generation of the median question stacked, the first token and the p95 of the whole marked."""
    found = record.get("latency") or {}
    arms = [arm for arm in names(record) if has(((found.get(arm) or {}).get("total") or {}).get("p50"))]
    if not arms:
        return None
    bars = [
        {"arm": arm, "part": label, "ms": found[arm][key]["p50"]["mean"], "order": i}
        for arm in arms
        for i, (key, label) in enumerate((("retrieval", "retrieval L_r"), ("generation", "generation L_g")))
        if has((found[arm].get(key) or {}).get("p50"))
    ]
    marks = [mark for arm in arms for mark in _latency_marks(arm, found[arm])]
    says = "Bars are the median of retrieval and generation; the line is the p95 of the whole with its interval."
    rows = tuple((arm, *(_at(found[arm], key, q) for key, q in _LATENCY)) for arm in arms)
    columns = ("arm", "retrieval p50", "generation p50", "first token p50", "total p50", "total p95")
    return Chart(to_svg(_latency_spec(bars, marks, arms), "latency", f"Latency by arm. {says}"), says, columns, rows)


_LATENCY = (("retrieval", "p50"), ("generation", "p50"), ("first_token", "p50"), ("total", "p50"), ("total", "p95"))


def _at(found: Mapping[str, Any], key: str, quantile: str) -> str:
    return show_estimate((found.get(key) or {}).get(quantile))


def _latency_marks(arm: str, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    marks = []
    p95 = (found.get("total") or {}).get("p95")
    if p95 and has(p95):
        low, middle, high = ends(p95)
        marks.append({"arm": arm, "what": "p95 of the whole", "low": low, "ms": middle, "high": high})
    first = (found.get("first_token") or {}).get("p50")
    if first and has(first):
        retrieval = ((found.get("retrieval") or {}).get("p50") or {}).get("mean") or 0.0
        at = retrieval + first["mean"]
        marks.append({"arm": arm, "what": "first token (median)", "low": at, "ms": at, "high": at})
    return marks


def _latency_spec(bars: list[dict[str, Any]], marks: list[dict[str, Any]], arms: Sequence[str]) -> dict[str, Any]:
    y = {
        "field": "arm",
        "type": "nominal",
        "sort": list(arms),
        "title": None,
        "axis": {"ticks": False, "domain": False},
    }
    x = {"field": "ms", "type": "quantitative", "title": "ms, one question at a time"}
    parts = {"domain": ["retrieval L_r", "generation L_g"], "range": ["var(--muted)", "var(--accent-soft)"]}
    kinds = ["p95 of the whole", "first token (median)"]
    shape = {
        "field": "what",
        "type": "nominal",
        "scale": {"domain": kinds, "range": ["diamond", "triangle-down"]},
        "legend": {"orient": "bottom"},
    }
    return {
        "width": NARROW,
        "height": {"step": 38},
        "layer": [
            {
                "data": {"values": bars},
                "mark": {"type": "bar", "height": 16},
                "encoding": {
                    "x": {**x, "stack": "zero"},
                    "y": y,
                    "order": {"field": "order"},
                    "color": {"field": "part", "type": "nominal", "scale": parts},
                },
            },
            {
                "data": {"values": marks},
                "mark": {"type": "rule", "strokeWidth": 2, "color": "var(--ink)"},
                "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y},
            },
            {
                "data": {"values": marks},
                "mark": {"type": "point", "filled": True, "size": 60, "color": "var(--ink)", "opacity": 1, "angle": 0},
                "encoding": {"x": x, "y": y, "shape": shape},
            },
        ],
    }
