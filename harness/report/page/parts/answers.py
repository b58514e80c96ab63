"""Every answer: the strip of outcomes, how often each came, and the list that the script draws from the page's data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from harness.report.charts.strip import Strip, strip
from harness.report.outcomes import Grid
from harness.report.page.view import RunView


@dataclass(frozen=True, slots=True)
class AnswersPart:
    strip: Strip | None
    grid: Grid
    counts: tuple[tuple[str, Counter[str]], ...]  # arm, outcome -> questions
    questions: int  # that the list holds


def answers(run: RunView) -> AnswersPart:
    grid = run.grid
    cells = strip(grid) if any(any(row) for row in grid.cells) else None
    return AnswersPart(cells, grid, tuple(zip(run.arms, grid.counts(), strict=True)), len(run.questions))
