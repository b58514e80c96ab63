"""Arms as points: task success against what it costs, with the frontier of those that nothing beats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.record.sections import Figures
from harness.report.charts.chart import NARROW, Chart, ends
from harness.report.charts.vega import Row, Spec, arm_scales, to_svg
from harness.stats.numbers import show_estimate
from harness.types import Estimate

QUALITY = "task_success"


def frontier(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points that no other one beats on both: smaller x, larger y; by x."""
    best, edge = float("-inf"), []
    for x, y in sorted(points, key=lambda p: (p[0], -p[1])):
        if y > best:
            edge.append((x, y))
            best = y
    return edge


def quality_against(figures: Figures, costs: Mapping[str, Estimate], axis: str, name: str) -> Chart | None:
    """Arms as points: task success against `costs` (an Estimate an arm), intervals both ways, the frontier drawn."""
    values: list[Row] = []
    for arm in figures.arm_names:
        across, up = ends(costs.get(arm)), ends(figures.estimate(arm, QUALITY), 100)
        if across and up:
            (x_low, x, x_high), (y_low, y, y_high) = across, up
            values.append({"arm": arm, "x": x, "xl": x_low, "xh": x_high, "y": y, "yl": y_low, "yh": y_high})
    if len(values) < 2:
        return None
    arms = [v["arm"] for v in values]
    _place_labels(values)
    edge = frontier([(v["x"], v["y"]) for v in values])
    on_edge = ", ".join(v["arm"] for v in sorted(values, key=lambda v: v["x"]) if (v["x"], v["y"]) in edge)
    rows = tuple((arm, show_estimate(figures.estimate(arm, QUALITY)), show_estimate(costs[arm])) for arm in arms)
    says = f"Up and to the left is better. On the frontier: {on_edge}."
    spec = _scatter(values, edge, figures.arm_names, arms, axis)
    svg = to_svg(spec, name, f"Task success against {axis}, by arm. {says}")
    return Chart(svg, says, ("arm", "task success", axis), rows)


def _place_labels(values: list[Row]) -> None:
    """Give every label a height at which it does not lie on a neighbour's."""
    widest = max(v["xh"] for v in values) or 1.0
    placed: list[Row] = []
    for value in sorted(values, key=lambda v: v["y"]):
        near = [p["label_y"] for p in placed if abs(p["x"] - value["x"]) < 0.35 * widest]
        value["label_y"] = max([value["y"] + 4, *(y + 6 for y in near)])
        placed.append(value)


def _scatter(
    values: Sequence[Row], edge: Sequence[tuple[float, float]], every: Sequence[str], arms: Sequence[str], axis: str
) -> Spec:
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
