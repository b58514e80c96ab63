"""The gates as a forest plot: one row a gate, its interval against its threshold, all thresholds on one line.

Plain SVG geometry instead of a chart library: every row has a unit of its own, so the shared axis is the distance to
the threshold, and each row has to line up with the words and figures of its own line of the page.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.stats.numbers import beside, show_estimate, show_n, show_threshold

WIDTH, INSET = 420.0, 14.0
BEND = 1.5  # distances well below it are drawn to scale, those well above it logarithmically (asinh)
TICKS = (2, 10, 50)

COUNTED = {
    "schema": "answers",
    "repair": "answers",
    "forgetting": "items",
    "safety": "prompts",
}  # what n counts, by gate

MARKS: dict[str, tuple[str, str]] = {  # status -> (symbol id, words)
    "pass": ("ok", "pass"),
    "fail": ("no", "fail"),
    "not proven": ("open", "not proven"),
    "not measured": ("none", "not measured"),
    "not applicable": ("skip", "not applicable"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval on the axis; x in SVG units, larger is better whatever the gate's direction."""

    low: float
    mid: float
    high: float


@dataclass(frozen=True, slots=True)
class GateRow:
    """One gate, ready to be shown."""

    name: str
    title: str
    status: str
    mark: str
    value: str
    interval: str
    n: str
    threshold: str
    reason: str
    more: str  # what would settle it, or ""
    hover: str
    bar: Bar | None
    order: float  # distance to the threshold, for sorting


@dataclass(frozen=True, slots=True)
class Forest:
    rows: tuple[GateRow, ...]
    width: float
    zero: float  # x of every threshold
    ticks: tuple[tuple[str, float], ...]  # words and x, on both sides of the threshold


def forest(gates: Sequence[Mapping[str, Any]]) -> Forest:
    """Lay the gates out in their own order; the axis reaches as far as the furthest end of an interval."""
    spans = [_distances(gate) for gate in gates]
    reach = max([10.0, *(abs(x) for span in spans if span for x in span)]) * 1.05
    rows = tuple(_row(gate, span, reach) for gate, span in zip(gates, spans, strict=True))
    ticks = tuple(
        (f"{sign}{tick}", _at(side * tick, reach))
        for tick in TICKS
        if tick < reach
        for sign, side in (("−", -1), ("+", 1))
    )
    return Forest(rows, WIDTH, WIDTH / 2, ticks)


def _distances(gate: Mapping[str, Any]) -> tuple[float, float, float] | None:
    """(worst end, middle, best end) of the interval as distance past the threshold, in points or per cent of it."""
    found, threshold = gate.get("estimate"), gate.get("threshold")
    if not found or found.get("mean") is None or threshold is None:
        return None
    middle = found["mean"]
    low = middle if found.get("low") is None else found["low"]
    high = middle if found.get("high") is None else found["high"]
    scale = _scale(found.get("unit", "fraction"), threshold)
    sign = -1 if gate["direction"] == "<=" else 1
    worst, best = sorted(sign * (end - threshold) * scale for end in (low, high))
    return worst, sign * (middle - threshold) * scale, best


def _scale(unit: str, threshold: float) -> float:
    if unit == "points":
        return 1.0
    return 100.0 if unit == "fraction" or threshold == 0 else 100.0 / abs(threshold)


def _row(gate: Mapping[str, Any], span: tuple[float, float, float] | None, reach: float) -> GateRow:
    found = gate.get("estimate")
    measured = bool(found and found.get("mean") is not None)
    unit = found.get("unit", gate["unit"]) if found else gate["unit"]
    threshold = gate.get("threshold")
    signed = (not gate.get("absolute", True) and unit in ("points", "fraction")) or unit == "points"
    texts = beside(found, threshold, gate["direction"], signed=signed) if measured and threshold is not None else None
    limit = texts.limit_as_set if texts else show_threshold(threshold, unit)
    limit = f"{_DIRECTION[gate['direction']]} {limit}" if threshold is not None else "–"
    value = texts.value if texts else "–"
    spread = texts.ends if texts else ""
    judged = f"{gate['status']}: {gate['reason']}"
    return GateRow(
        name=gate["name"],
        title=gate["title"],
        status=gate["status"],
        mark=MARKS.get(gate["status"], MARKS["not measured"])[0],
        value=value,
        interval=spread,
        n=show_n(found) if found and measured else "",
        threshold=limit,
        reason=gate["reason"],
        more=more_needed(gate),
        hover=f"{gate['title']}: {show_estimate(found, signed=signed)}; threshold {limit}; {judged}",
        bar=_bar(span, reach) if span else None,
        order=span[1] if span else -1e9,
    )


_DIRECTION = {">=": "≥", ">": ">", "<=": "≤"}


def more_needed(gate: Mapping[str, Any]) -> str:
    """`80 more questions (210 in all)`, or "" where nothing of the kind would settle the gate."""
    needed = gate.get("n_needed")
    if gate["status"] != "not proven" or not needed:
        return ""
    have = (gate.get("estimate") or {}).get("n") or 0
    noun = COUNTED.get(gate["name"], "questions")
    return f"{needed - have:,} more {noun} ({needed:,} in all)" if needed > have else f"{needed:,} {noun} in all"


def _bar(span: tuple[float, float, float], reach: float) -> Bar:
    return Bar(*(_at(distance, reach) for distance in span))


def _at(distance: float, reach: float) -> float:
    """x of a distance: so drawn that half a point at a 99 % gate and fifty points of gain are both to be seen."""
    share = math.asinh(distance / BEND) / math.asinh(reach / BEND)
    return round(WIDTH / 2 + share * (WIDTH / 2 - INSET), 2)
