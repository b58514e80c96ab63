"""Variants of the search against what is configured, best first."""

from __future__ import annotations

from collections.abc import Sequence

from harness.report.charts.chart import NARROW, Chart, ends
from harness.report.charts.vega import Row, Spec, to_svg
from harness.results.retrieval_figures import GridFigures
from harness.stats.numbers import show_estimate


def grid_chart(grid: GridFigures) -> Chart | None:
    """Difference of each variant to what is configured, with its paired interval, best first."""
    others = [row for row in grid.variants if row.name != grid.against]
    values: list[Row] = [
        {"variant": row.name, "low": low, "d": middle, "high": high}
        for row in others
        if (span := ends(row.difference["ndcg"]))
        for low, middle, high in (span,)
    ]
    if not values:
        return None
    says = "Right of zero is better on the same questions; an interval that crosses zero shows no difference."
    rows = tuple((row.name, show_estimate(row.difference["ndcg"], signed=True)) for row in others)
    svg = to_svg(_spec(values, grid.k), "grid", f"Variants against what is configured. {says}")
    return Chart(svg, says, ("variant", "difference"), rows)


def _spec(values: Sequence[Row], depth: int) -> Spec:
    x = {"field": "d", "type": "quantitative", "title": f"nDCG@{depth}, points against what is configured"}
    y = {
        "field": "variant",
        "type": "nominal",
        "sort": [v["variant"] for v in values],
        "title": None,
        "axis": {"ticks": False, "domain": False},
    }
    zero = {
        "data": {"values": [{"zero": 0}]},
        "mark": {"type": "rule", "strokeDash": [3, 3], "aria": False},
        "encoding": {"x": {"field": "zero", "type": "quantitative"}},
    }
    line = {
        "mark": {"type": "rule", "strokeWidth": 2, "color": "var(--accent)", "opacity": 0.55},
        "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y},
    }
    dot = {
        "mark": {"type": "point", "filled": True, "size": 70, "color": "var(--accent)", "opacity": 1},
        "encoding": {"x": x, "y": y},
    }
    return {"width": NARROW, "height": {"step": 24}, "data": {"values": values}, "layer": [zero, line, dot]}
