"""Question by question: the strip of outcomes, and how often each came."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from harness.report.charts.strip import Strip, strip
from harness.report.outcomes import Grid
from harness.report.page.view import RunView


@dataclass(frozen=True, slots=True)
class QuestionsPart:
    strip: Strip | None
    grid: Grid
    counts: tuple[tuple[str, Counter[str]], ...]  # arm, outcome -> questions


def questions(run: RunView) -> QuestionsPart:
    grid = run.grid
    cells = strip(grid) if any(any(row) for row in grid.cells) else None
    return QuestionsPart(cells, grid, tuple(zip(run.arms, grid.counts(), strict=True)))
