"""The one place where a number becomes text: a unit always, the interval beside it, and no rounding that lies.

    show(0.915, "fraction")                      # '91.5 %'
    against(0.8996, 0.9, "fraction", ">=")       # ('89.96 %', '90.00 %'): it misses, and reads so
    number(-8.46, "points")                      # '−8.5 points'

Pages and terminals show (`show`, `show_estimate`: 'not measured' where nothing is), sentences tell (`number`,
`interval`: 'unknown'). A share that is not whole never reads 0 % or 100 %. Beside a threshold digits grow until the
texts compare as the values do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from harness.types import Estimate

Comparison = Literal[">=", ">", "<="]

MINUS = "−"
NOTHING = "not measured"
UNKNOWN = "unknown"
MOST_DECIMALS = 10  # of a rounded number; two numbers that differ only beyond are written out in full
SAME = 1e-9  # per cent: nearer to 0 or 100 than this is rounding error of the arithmetic


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, and the way its values are shown."""

    suffix: str
    decimals: int
    factor: int = 1
    signed_suffix: str | None = None  # suffix of a difference, where it is another one
    share: bool = False  # of a whole: 0 and 100 mean none and all


UNITS: dict[str, Unit] = {
    "fraction": Unit("%", 1, 100, "points", share=True),
    "points": Unit("points", 1),
    "seconds": Unit("s", 2),
    "ms": Unit("ms", 0),
    "tokens": Unit("tokens", 1),
    "ratio": Unit("×", 2),
    "times": Unit("times", 1),
    "currency": Unit("price units", 2),
    "count": Unit("", 0),
    "loss": Unit("nats", 2),
}


@dataclass(frozen=True, slots=True)
class SplitNumber:
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
    return UNITS.get(name, Unit(name, 2))


def figure(value: float, unit: str, *, signed: bool = False, decimals: int | None = 0) -> SplitNumber:
    """One number for display.

    Args:
        value: in the unit's own scale (fractions of 1, milliseconds, ...).
        unit: a key of UNITS.
        signed: a difference: plus sign where positive, and percentages become points.
        decimals: at least so many; None writes the number out in full.

    Raises:
        ValueError: the value is not finite; an unknown value is None and never gets here.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} is no figure; an unknown value is None with a reason")
    style = unit_of(unit)
    suffix = style.signed_suffix if signed and style.signed_suffix else style.suffix
    if decimals is None:
        return _split(f"{_exact(value, style):,f}", signed, suffix)
    decimals = max(decimals, _decimals(value, unit, signed))
    return _split(f"{value * style.factor:,.{decimals}f}", signed, suffix)


def _decimals(value: float, unit: str, signed: bool) -> int:
    """The unit's decimals; more where fewer would make a small time or a share that is not whole read as whole."""
    style = unit_of(unit)
    scaled = value * style.factor
    if unit == "ms" and abs(scaled) < 100:
        return 1 if abs(scaled) >= 1 else 2
    edge = min((0.0, 100.0), key=lambda end: abs(scaled - end))
    if not style.share or signed or abs(scaled - edge) < SAME:
        return style.decimals
    return next(d for d in range(style.decimals, MOST_DECIMALS + 1) if round(scaled, d) != edge)


def _exact(value: float, unit: Unit) -> Decimal:
    """The shortest decimal that is this number and no other, in the unit that is shown."""
    return Decimal(repr(float(value))) * unit.factor


def _split(digits: str, signed: bool, suffix: str) -> SplitNumber:
    size = digits.lstrip("-")
    zero = not any(char in "123456789" for char in size)
    sign = "" if zero else MINUS if digits.startswith("-") else "+" if signed else ""
    whole, _, fraction = size.partition(".")
    return SplitNumber(sign + whole, f".{fraction}" if fraction else "", suffix)


def show(value: float | None, unit: str, *, signed: bool = False) -> str:
    """A number with its unit, or `not measured`."""
    return NOTHING if value is None else str(figure(value, unit, signed=signed))


def number(value: float | None, unit: str, *, signed: bool = False) -> str:
    """The same inside a sentence: `91.5 %`, `−8.5 points`, `1.07 ×`, or `unknown`."""
    return UNKNOWN if value is None else show(value, unit, signed=signed)


# --- beside a threshold ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Beside:
    """An estimate and its threshold as texts that compare as the values do."""

    mean: SplitNumber | None  # `89.96 %`, split for a column
    ends: str  # `86.1 to 89.98 %`, or `no interval`
    interval: str  # the same for a sentence: `95 % interval 86.1 to 89.98, n = 130`
    limit: str  # `90.00 %`, with the decimals of the value
    limit_as_set: str  # `90 %`, without idle zeros

    @property
    def value(self) -> str:
        """The mean as text, or `unknown`."""
        return UNKNOWN if self.mean is None else str(self.mean)


def meets(value: float, direction: Comparison, threshold: float) -> bool:
    """Whether a value is on the passing side of a threshold."""
    return {">=": value >= threshold, ">": value > threshold, "<=": value <= threshold}[direction]


def against(
    value: float, threshold: float, unit: str, direction: Comparison, *, signed: bool = False
) -> tuple[str, str]:
    """A value and its threshold: as many decimals as it takes that the texts compare as the numbers do."""
    decimals = _telling([value], threshold, unit, direction, signed)
    return str(figure(value, unit, signed=signed, decimals=decimals)), str(figure(threshold, unit, decimals=decimals))


def beside(estimate: Estimate, threshold: float, direction: Comparison, *, signed: bool = False) -> Beside:
    """A measured estimate, its interval and its threshold: no text of them contradicts how they compare."""
    unit = estimate.unit
    decimals = _telling(
        [x for x in (estimate.mean, estimate.low, estimate.high) if x is not None], threshold, unit, direction, signed
    )
    mean, low, high = (
        None if x is None else figure(x, unit, signed=signed, decimals=decimals)
        for x in (estimate.mean, estimate.low, estimate.high)
    )
    limit = figure(threshold, unit, decimals=decimals)
    as_set = limit if decimals is None else figure(threshold, unit, decimals=MOST_DECIMALS)
    return Beside(mean, _ends(low, high), _interval(estimate, low, high), str(limit), _bare(as_set))


def _telling(values: Sequence[float], threshold: float, unit: str, direction: Comparison, signed: bool) -> int | None:
    """The fewest decimals with which every value reads on its own side of the threshold; None: only in full.

    The threshold may stand there with these decimals or as it was set, so the values have to agree with both.
    """
    factor = unit_of(unit).factor
    sides = [meets(value, direction, threshold) for value in values]

    def read(value: float, decimals: int, difference: bool) -> float:
        return round(value * factor, max(decimals, _decimals(value, unit, difference)))

    for decimals in range(MOST_DECIMALS + 1):
        texts = [read(value, decimals, signed) for value in values]
        limits = (read(threshold, decimals, False), round(threshold * factor, MOST_DECIMALS))
        if all([meets(text, direction, limit) for text in texts] == sides for limit in limits):
            return decimals
    return None


def show_threshold(value: float | None, unit: str) -> str:
    """A limit that nothing stands beside, without idle zeros: `90 %`, `1.1 ×`."""
    return NOTHING if value is None else _bare(figure(value, unit, decimals=MOST_DECIMALS))


def _bare(limit: SplitNumber) -> str:
    number = SplitNumber(limit.whole, limit.fraction.rstrip("0").rstrip("."), "").number
    unit = limit.unit[:-1] if number.lstrip(f"+{MINUS}") == "1" and limit.unit in ("points", "tokens") else limit.unit
    return f"{number} {unit}".rstrip()


# --- estimates ---------------------------------------------------------------------------------------------------


def show_interval(estimate: Estimate | None, *, signed: bool = False) -> str:
    """`86.1 to 95.6 %`; says so where there is no interval."""
    return "no interval" if estimate is None else _ends(*_figures(estimate, signed))


def interval(estimate: Estimate, confidence: float = 0.95) -> str:
    """The same inside a sentence: `95 % interval 86.1 to 95.6, n = 130`, with an open side said as such."""
    return _interval(estimate, *_figures(estimate), confidence)


def _figures(estimate: Estimate, signed: bool = False) -> tuple[SplitNumber | None, SplitNumber | None]:
    """Both ends of the interval."""
    low, high = (None if x is None else figure(x, estimate.unit, signed=signed) for x in (estimate.low, estimate.high))
    return low, high


def _ends(low: SplitNumber | None, high: SplitNumber | None) -> str:
    return "no interval" if low is None or high is None else f"{low.number} to {high}"


def _interval(estimate: Estimate, low: SplitNumber | None, high: SplitNumber | None, confidence: float = 0.95) -> str:
    if low is None and high is None:
        return f"no interval, n = {estimate.n:,}"
    texts = ("open" if end is None else end.number for end in (low, high))
    return f"{100 * confidence:.3g} % interval {' to '.join(texts)}, n = {estimate.n:,}"


def show_estimate(estimate: Estimate | None, *, signed: bool = False) -> str:
    """`91.5 % (86.1 to 95.6 %, n = 130)`, with the unscored counted."""
    if estimate is None or estimate.mean is None:
        return NOTHING
    mean = show(estimate.mean, estimate.unit, signed=signed)
    return f"{mean} ({show_interval(estimate, signed=signed)}, {show_n(estimate)})"


def show_n(estimate: Estimate) -> str:
    """`n = 130`, with what could not be scored."""
    return f"n = {estimate.n:,}" + (f", {estimate.unscored:,} unscored" if estimate.unscored else "")


def table_cell(estimate: Estimate | None) -> str:
    """A cell of a table in a terminal: `91.5 [86.1 95.6]`, `unknown`, or `n/a` where the arm has no such figure."""
    if estimate is None:
        return "n/a"
    if estimate.mean is None:
        return UNKNOWN
    low, high = _figures(estimate)
    mean = figure(estimate.mean, estimate.unit).number
    return mean if low is None or high is None else f"{mean} [{low.number} {high.number}]"


def percent(share: float) -> str:
    """A share in whole per cent: `5 %`; `<1 %` and `>99 %` where it would read as none or all."""
    if 0 < share < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 < share < 1 else f"{100 * share:.0f} %"


def show_p(p: float | None) -> str:
    """A p value with two decimals, `p < 0.01` below that."""
    if p is None:
        return "not tested"
    return "p < 0.01" if p < 0.01 else f"p = {p:.2f}"


# --- times and counts --------------------------------------------------------------------------------------------


def milliseconds(value: float | None) -> str:
    """Whole milliseconds, for tables of short texts: `412 ms`, or `n/a`."""
    if value is None:
        return "n/a"
    return f"{value:,.0f} ms" if value >= 1 else show(value, "ms")


def show_seconds(seconds: float | None) -> str:
    """A time that was taken: `0.42 s`, `3 min 20 s`, `1 h 4 min`."""
    if seconds is None:
        return NOTHING
    if seconds < 60:
        return show(seconds, "seconds")
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def duration(seconds: float) -> str:
    """A time to plan with, in seconds below two minutes, minutes below two hours: `95 s`, `7 min`, `2.5 h`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def show_count(count: float | None, noun: str) -> str:
    """`1 question`, `130 questions`."""
    if count is None:
        return NOTHING
    return f"{count:,.0f} {noun}" if count == 1 else f"{count:,.0f} {noun}s"


def in_a_row(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
