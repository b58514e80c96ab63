"""Figures inside the sentences of a verdict: short, with their unit; tables and charts format for themselves."""

from __future__ import annotations

from harness.types import Estimate

# unit -> (factor, decimals, what follows the number)
_SHOWN = {
    "fraction": (100.0, 1, " %"),
    "points": (1.0, 1, " points"),
    "ms": (1.0, 0, " ms"),
    "ratio": (1.0, 2, " ×"),
}


def number(value: float | None, unit: str) -> str:
    """`91.5 %`, `-8.5 points`, `1.07 ×`; 'unknown' for None."""
    return "unknown" if value is None else _digits(value, unit) + _SHOWN.get(unit, (1.0, 2, f" {unit}"))[2]


def interval(estimate: Estimate) -> str:
    """`95 % interval 86.1 to 95.6 %`, with an open side said as such."""
    if estimate.low is None and estimate.high is None:
        return f"no interval, n = {estimate.n}"
    low, high = (("open" if x is None else _digits(x, estimate.unit)) for x in (estimate.low, estimate.high))
    return f"95 % interval {low} to {high}, n = {estimate.n:,}"


def _digits(value: float, unit: str) -> str:
    factor, decimals, _ = _SHOWN.get(unit, (1.0, 2, ""))
    return f"{value * factor:.{decimals}f}".replace("-", "−")


def listed(names: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
