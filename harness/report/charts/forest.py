"""The gates as a forest plot: one row a gate, its interval against its threshold, all thresholds on one line.

Plain SVG geometry instead of a chart library: every row has a unit of its own, so the shared axis is the distance to
the threshold, and each row has to line up with the words and figures of its own line of the page.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.stats.numbers import beside, show, show_estimate, show_interval, show_n, show_threshold
from harness.types import Estimate, Gate, GateStatus
from harness.verdict.gates import MOST_MORE
from harness.verdict.status import STATUSES

WIDTH, INSET = 420.0, 14.0
BEND = 1.5  # distances well below it are drawn to scale, those well above it logarithmically (asinh)
TICKS = (2, 10, 50)
DIRECTIONS = {">=": "≥", ">": ">", "<=": "≤"}


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval on the axis; x in SVG units, larger is better whatever the gate's direction."""

    low: float
    mid: float
    high: float


@dataclass(frozen=True, slots=True)
class ShownGate:
    """One gate, ready to be shown."""

    name: str
    title: str
    status: GateStatus
    value: str
    interval: str
    n: str
    threshold: str
    reason: str
    more: str  # what would settle it, or ""
    hover: str
    bar: Bar | None
    judged: Gate  # what it shows
    order: float  # distance to the threshold, for sorting
    mirrored: bool  # less is better, so that its values grow to the left

    @property
    def symbol(self) -> str:
        """Id of the status's symbol on a page."""
        return STATUSES[self.status].symbol


@dataclass(frozen=True, slots=True)
class Forest:
    rows: tuple[ShownGate, ...]
    width: float
    zero: float  # x of every threshold
    ticks: tuple[tuple[str, float], ...]  # words and x, on both sides of the threshold


def forest(gates: Sequence[Gate]) -> Forest:
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


def _distances(gate: Gate) -> tuple[float, float, float] | None:
    """(worst end, middle, best end) of the interval as distance past the threshold, in points or per cent of it."""
    estimate, threshold = gate.estimate, gate.threshold
    if estimate is None or estimate.mean is None or threshold is None:
        return None
    middle = estimate.mean
    low = middle if estimate.low is None else estimate.low
    high = middle if estimate.high is None else estimate.high
    scale = _scale(estimate.unit, threshold)
    sign = -1 if gate.direction == "<=" else 1
    worst, best = sorted(sign * (end - threshold) * scale for end in (low, high))
    return worst, sign * (middle - threshold) * scale, best


def _scale(unit: str, threshold: float) -> float:
    if unit == "points":
        return 1.0
    return 100.0 if unit == "fraction" or threshold == 0 else 100.0 / abs(threshold)


def _row(gate: Gate, span: tuple[float, float, float] | None, reach: float) -> ShownGate:
    estimate = gate.estimate if gate.estimate and gate.estimate.mean is not None else None
    signed = _signed(gate)
    value, interval, limit = _texts(gate, estimate, signed)
    threshold = f"{DIRECTIONS[gate.direction]} {limit}" if gate.threshold is not None else "–"
    judgement = f"threshold {threshold}; {gate.status}: {gate.reason}"
    return ShownGate(
        name=gate.name,
        title=gate.title,
        status=gate.status,
        value=value,
        interval=interval,
        n=show_n(estimate) if estimate else "",
        threshold=threshold,
        reason=gate.reason,
        more=more_needed(gate),
        hover=f"{gate.title} [{gate.name}]: {show_estimate(gate.estimate, signed=signed)}; {judgement}",
        bar=_bar(span, reach) if span else None,
        judged=gate,
        order=span[1] if span else -1e9,
        mirrored=gate.direction == "<=",
    )


def _unit(gate: Gate) -> str:
    return gate.estimate.unit if gate.estimate else gate.unit


def _signed(gate: Gate) -> bool:
    unit = _unit(gate)
    return unit == "points" or (not gate.absolute and unit == "fraction")


def _texts(gate: Gate, estimate: Estimate | None, signed: bool) -> tuple[str, str, str]:
    """(figure, interval, limit) of a gate; beside each other no rounding makes them contradict how they compare."""
    if estimate is None:
        return "–", "", show_threshold(gate.threshold, _unit(gate))
    if gate.threshold is None:
        return show(estimate.mean, estimate.unit, signed=signed), show_interval(estimate, signed=signed), "–"
    texts = beside(estimate, gate.threshold, gate.direction, signed=signed)
    return texts.value, texts.ends, texts.limit_as_set


def more_needed(gate: Gate) -> str:
    """`80 more questions (210 in all)`, or "" where none would settle the gate, or only an absurd number of them."""
    more = gate.n_needed
    if gate.status != "not proven" or not more:
        return ""
    have = gate.estimate.n if gate.estimate else 0
    if more <= have:
        return f"{more:,} {gate.counts} in all"
    if more - have > MOST_MORE * have:
        return ""
    return f"{more - have:,} more {gate.counts} ({more:,} in all)"


def _bar(span: tuple[float, float, float], reach: float) -> Bar:
    return Bar(*(_at(distance, reach) for distance in span))


def _at(distance: float, reach: float) -> float:
    """x of a distance: so drawn that half a point at a 99 % gate and fifty points of gain are both to be seen."""
    share = math.asinh(distance / BEND) / math.asinh(reach / BEND)
    return round(WIDTH / 2 + share * (WIDTH / 2 - INSET), 2)
