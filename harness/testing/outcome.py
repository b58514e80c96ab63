"""What a gate means for a test: pass, fail, skipped, and the figures that --junitxml shows."""

from __future__ import annotations

from typing import Literal

import pytest

from harness.stats.numbers import show_threshold
from harness.types import Gate
from harness.verdict.status import STATUSES


def check_gate(gate: Gate, open_gates: Literal["fail", "warn"] = "fail") -> None:
    """Return where the gate holds; skip where it does not apply; else AssertionError, or, under `warn`, skip.

    What was not measured is not proven.
    """
    __tracebackhide__ = True
    words = f"{gate.title} [{gate.name}]: {gate.status}: {gate.reason}"
    if gate.status == "not applicable":
        pytest.skip(words)
    if gate.status in ("not proven", "not measured"):
        words += f"; {gate.n_needed:,} {gate.counts} would settle it" if gate.n_needed else ""
        if open_gates == "warn":
            pytest.skip(words)
    if not STATUSES[gate.status].holds:
        raise AssertionError(words)


def properties(gate: Gate, prefix: str = "") -> list[tuple[str, object]]:
    """The figures of a gate by name, in its unit: estimate, interval, n, unscored, threshold."""
    rows: list[tuple[str, object]] = [("status", gate.status)]
    if (estimate := gate.estimate) is not None:
        rows += [
            ("estimate", estimate.mean), ("low", estimate.low), ("high", estimate.high), ("n", estimate.n),
            ("unscored", estimate.unscored),
        ]  # fmt: skip
    rows += [("threshold", f"{gate.direction} {show_threshold(gate.threshold, gate.unit)}"), ("unit", gate.unit)]
    if gate.n_needed is not None:
        rows.append(("n_needed", gate.n_needed))
    return [(f"{prefix}{name}", value) for name, value in rows]
