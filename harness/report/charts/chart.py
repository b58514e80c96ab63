"""A chart: a drawing with its text alternative and its table of numbers.

Every chart draws the uncertainty that the record has. A chart that has nothing to show is None; the section then says
why.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from harness.types import Estimate

NARROW = 400  # CSS pixels of the plot; two stand side by side on a wide screen


@dataclass(frozen=True, slots=True)
class Chart:
    """One figure: drawing, what to see in it, and the numbers behind it."""

    svg: Markup
    says: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def ends(estimate: Estimate | None, factor: float = 1.0) -> tuple[float, float, float] | None:
    """(low, mean, high), or None where there is no value; an estimate without interval is its own."""
    if estimate is None or estimate.mean is None:
        return None
    low = estimate.mean if estimate.low is None else estimate.low
    high = estimate.mean if estimate.high is None else estimate.high
    return low * factor, estimate.mean * factor, high * factor
