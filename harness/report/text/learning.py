"""A learning curve as lines: success, form and forgetting against the number of examples, and what it says."""

from __future__ import annotations

from harness.record.variants import LearningPoint, LearningSection
from harness.stats.numbers import show_estimate, show_seconds
from harness.types import Estimate


def learning_text(learning: LearningSection) -> str:
    """The text that `harness tune --curve` prints."""
    head = ("examples", "task success", "form", "general ability, points", "training")
    rows = [head, *(_row(point) for point in learning.points)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([f"{learning.arm}, tuned on growing parts of its examples", *lines, f"{learning.says}."])


def _row(point: LearningPoint) -> tuple[str, ...]:
    return (
        f"{point.examples:,}", show_estimate(point.success), _cell(point.form), _cell(point.forgetting, signed=True),
        show_seconds(point.seconds),
    )  # fmt: skip


def _cell(estimate: Estimate | None, signed: bool = False) -> str:
    return "-" if estimate is None else show_estimate(estimate, signed=signed)
