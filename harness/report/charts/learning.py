"""The learning curve: task success over the number of tuning examples, with intervals."""

from __future__ import annotations

from harness.record.variants import LearningPoint, LearningSection
from harness.report.charts.chart import NARROW, Chart, ends
from harness.report.charts.vega import Row, Spec, to_svg
from harness.stats.numbers import show_estimate
from harness.types import Estimate

COLUMNS = ("examples", "task success", "form", "general ability", "likelihood", "gain of all examples")


def learning_chart(learning: LearningSection | None) -> Chart | None:
    """Task success over the number of examples; None where there is no curve."""
    if learning is None or len(learning.points) < 2:
        return None
    values: list[Row] = []
    for point in learning.points:
        if (span := ends(point.success, 100)) is not None:
            low, middle, high = span
            values.append({"examples": point.examples, "low": low, "success": middle, "high": high})
    if not values:
        return None
    svg = to_svg(_spec(values), "learning", f"Task success of {learning.arm} over tuning examples. {learning.says}")
    return Chart(svg, f"{learning.says}.", COLUMNS, tuple(map(_row, learning.points)))


def _row(point: LearningPoint) -> tuple[str, ...]:
    return (
        f"{point.examples:,}", show_estimate(point.success), _cell(point.form),
        _cell(point.forgetting, signed=True), _cell(point.likelihood, signed=True), _cell(point.gain, signed=True),
    )  # fmt: skip


def _cell(estimate: Estimate | None, signed: bool = False) -> str:
    return "–" if estimate is None else show_estimate(estimate, signed=signed)


def _spec(values: list[Row]) -> Spec:
    sizes = [value["examples"] for value in values]
    x = {"field": "examples", "type": "quantitative", "title": "tuning examples", "axis": {"values": sizes}}
    y = {"field": "success", "type": "quantitative", "title": "task success, %", "scale": {"domain": [0, 100]}}
    colour = {"value": "var(--accent)"}
    return {
        "width": NARROW,
        "height": 230,
        "data": {"values": values},
        "layer": [
            {
                "mark": {"type": "area", "opacity": 0.12},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": colour},
            },
            {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"x": x, "y": y, "color": colour}},
            {
                "mark": {"type": "point", "filled": True, "size": 45, "opacity": 1},
                "encoding": {"x": x, "y": y, "color": colour},
            },
        ],
    }
