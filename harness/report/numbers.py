"""The one place where a number becomes text: at most two decimals, a unit always, the interval beside it.

`91.5 %`, `+8.5 points`, `1.07 ×`, `412 ms`. A value that rounding would push onto a boundary keeps its side of it:
99.97 % never reads 100 %, and 89.96 % beside a threshold of 90 % reads 89.96 %.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MINUS = "−"
NOTHING = "not measured"
MOST_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Unit:
    """How values of one unit are shown."""

    suffix: str
    decimals: int
    factor: float = 1.0
    signed_suffix: str | None = None  # suffix of a difference, where it is another one


UNITS: dict[str, Unit] = {
    "fraction": Unit("%", 1, 100.0, "points"),
    "points": Unit("points", 1),
    "seconds": Unit("s", 2),
    "ms": Unit("ms", 0),
    "tokens": Unit("tokens", 1),
    "ratio": Unit("×", 2),
    "currency": Unit("price units", 2),
    "count": Unit("", 0),
    "loss": Unit("nats", 2),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number split at its decimal point, so that a column can align on it."""

    whole: str  # sign and digits before the point
    fraction: str  # ".5", or "" where the unit shows no decimals
    unit: str

    @property
    def number(self) -> str:
        return self.whole + self.fraction

    def __str__(self) -> str:
        return f"{self.number} {self.unit}".rstrip()


def unit_of(name: str) -> Unit:
    """The display of a unit; a unit that the table lacks is shown by its own name."""
    return UNITS.get(name, Unit(name, MOST_DECIMALS))


def figure(value: float, unit: str, *, signed: bool = False, against: float | None = None) -> Figure:
    """One number for display.

    Args:
        value: in the unit's own scale (fractions of 1, milliseconds, ...).
        unit: a key of UNITS.
        signed: a difference: plus sign where positive, and percentages become points.
        against: a threshold of the same scale that rounding must not cross.

    Raises:
        ValueError: the value is not finite; an unknown value is None and never gets here.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} is no figure; an unknown value is None with a reason")
    shown = unit_of(unit)
    scaled = value * shown.factor
    edges = [] if against is None else [against * shown.factor]
    if unit == "fraction" and not signed:
        edges += [0.0, 100.0]
    suffix = shown.signed_suffix if signed and shown.signed_suffix else shown.suffix
    return _split(scaled, _decimals(scaled, shown, edges), signed, suffix)


def _decimals(scaled: float, shown: Unit, edges: list[float]) -> int:
    """The unit's decimals; more (two at most) where fewer would hide on which side of an edge the value lies."""
    wanted = shown.decimals
    if shown.suffix == "ms" and abs(scaled) < 100:
        wanted = 1 if abs(scaled) >= 1 else 2
    for decimals in range(wanted, MOST_DECIMALS):
        if all(scaled == edge or round(scaled, decimals) != round(edge, decimals) for edge in edges):
            return decimals
    return MOST_DECIMALS if edges else wanted


def _split(scaled: float, decimals: int, signed: bool, suffix: str) -> Figure:
    digits = f"{abs(scaled):,.{decimals}f}"
    negative = scaled < 0 and any(char in "123456789" for char in digits)
    positive = signed and scaled > 0 and any(char in "123456789" for char in digits)
    sign = MINUS if negative else "+" if positive else ""
    whole, _, fraction = digits.partition(".")
    return Figure(sign + whole, f".{fraction}" if fraction else "", suffix)


def show(value: float | None, unit: str, *, signed: bool = False, against: float | None = None) -> str:
    """A number with its unit, or `not measured`."""
    return NOTHING if value is None else str(figure(value, unit, signed=signed, against=against))


def show_threshold(value: float | None, unit: str) -> str:
    """A limit as it was set, without idle zeros: `90 %`, `1.1 ×`."""
    if value is None:
        return NOTHING
    shown = unit_of(unit)
    digits = f"{value * shown.factor:,.{MOST_DECIMALS}f}".rstrip("0").rstrip(".").replace("-", MINUS)
    return f"{digits} {shown.suffix}".rstrip()


def show_interval(estimate: Mapping[str, Any] | None, *, signed: bool = False) -> str:
    """`86.1 to 95.6 %`; says so where there is no interval."""
    if not estimate or estimate.get("low") is None or estimate.get("high") is None:
        return "no interval"
    unit = estimate.get("unit", "fraction")
    low, high = (figure(estimate[end], unit, signed=signed) for end in ("low", "high"))
    return f"{low.number} to {high}"


def show_estimate(estimate: Mapping[str, Any] | None, *, signed: bool = False) -> str:
    """`91.5 % (86.1 to 95.6 %, n = 130)`, with the unscored counted."""
    if not estimate or estimate.get("mean") is None:
        return NOTHING
    mean = show(estimate["mean"], estimate.get("unit", "fraction"), signed=signed)
    return f"{mean} ({show_interval(estimate, signed=signed)}, {show_n(estimate)})"


def show_n(estimate: Mapping[str, Any]) -> str:
    """`n = 130`, with what could not be scored."""
    unscored = estimate.get("unscored") or 0
    return f"n = {estimate.get('n', 0):,}" + (f", {unscored:,} unscored" if unscored else "")


def show_p(p: float | None) -> str:
    """A p value with two decimals, `p < 0.01` below that."""
    if p is None:
        return "not tested"
    return "p < 0.01" if p < 0.01 else f"p = {p:.2f}"


def show_seconds(seconds: float | None) -> str:
    """A duration: `0.42 s`, `3 min 20 s`, `1 h 4 min`."""
    if seconds is None:
        return NOTHING
    if seconds < 60:
        return show(seconds, "seconds")
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def show_count(count: float | None, noun: str) -> str:
    """`1 question`, `130 questions`."""
    if count is None:
        return NOTHING
    return f"{count:,.0f} {noun}" if count == 1 else f"{count:,.0f} {noun}s"
