"""The time of an arm by part: retrieval and generation of the median question, and the p95 of the whole."""

from __future__ import annotations

from collections.abc import Sequence

from harness.record.measurements import ArmLatency
from harness.record.sections import Figures
from harness.report.charts.chart import NARROW, Chart, ends
from harness.report.charts.vega import Row, Spec, to_svg
from harness.stats.numbers import show_estimate
from harness.types import Estimate

RETRIEVAL, GENERATION = "retrieval", "generation"
P95, FIRST_TOKEN = "p95 of the whole", "first token (median)"
COLUMNS = ("arm", "retrieval p50", "generation p50", "first token p50", "total p50", "total p95")


def latency_split(figures: Figures) -> Chart | None:
    """Retrieval and generation of the median question stacked, the first token and the p95 of the whole marked."""
    latencies = {arm: latency for arm in figures.arm_names if (latency := figures.latency.arms.get(arm))}
    latencies = {arm: latency for arm, latency in latencies.items() if latency.total.p50.mean is not None}
    if not latencies:
        return None
    bars = [bar for arm, latency in latencies.items() for bar in _bars(arm, latency)]
    marks = [mark for arm, latency in latencies.items() for mark in _marks(arm, latency)]
    says = "Bars are the median of retrieval and generation; the line is the p95 of the whole with its interval."
    rows = tuple((arm, *map(show_estimate, _columns(latency))) for arm, latency in latencies.items())
    svg = to_svg(_latency_spec(bars, marks, list(latencies)), "latency", f"Latency by arm. {says}")
    return Chart(svg, says, COLUMNS, rows)


def _columns(latency: ArmLatency) -> tuple[Estimate, ...]:
    whole = latency.total
    return latency.retrieval.p50, latency.generation.p50, latency.first_token.p50, whole.p50, whole.p95


def _bars(arm: str, latency: ArmLatency) -> list[Row]:
    parts = ((RETRIEVAL, latency.retrieval.p50.mean), (GENERATION, latency.generation.p50.mean))
    return [
        {"arm": arm, "part": label, "ms": mean, "order": i} for i, (label, mean) in enumerate(parts) if mean is not None
    ]


def _marks(arm: str, latency: ArmLatency) -> list[Row]:
    marks: list[Row] = []
    if (span := ends(latency.total.p95)) is not None:
        low, middle, high = span
        marks.append({"arm": arm, "what": P95, "low": low, "ms": middle, "high": high})
    if (first := latency.first_token.p50.mean) is not None:
        at = (latency.retrieval.p50.mean or 0.0) + first
        marks.append({"arm": arm, "what": FIRST_TOKEN, "low": at, "ms": at, "high": at})
    return marks


def _latency_spec(bars: Sequence[Row], marks: Sequence[Row], arms: Sequence[str]) -> Spec:
    y = {
        "field": "arm",
        "type": "nominal",
        "sort": list(arms),
        "title": None,
        "axis": {"ticks": False, "domain": False},
    }
    x = {"field": "ms", "type": "quantitative", "title": "ms, one question at a time"}
    parts = {"domain": [RETRIEVAL, GENERATION], "range": ["var(--muted)", "var(--accent-soft)"]}
    kinds = [P95, FIRST_TOKEN]
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
