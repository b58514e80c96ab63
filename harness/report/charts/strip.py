"""The question strip: every golden question a column, every arm a row, drawn as one path for each arm and outcome.

One path instead of one element a cell keeps a strip of thousands of questions light; the page's script turns a pointer
position or an arrow key into the question under it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from harness.report.outcomes import BY_KEY, OUTCOMES, Grid, good

ROW, GAP, WIDTH = 26, 6, 1000
NARROWEST, WIDEST = 2.0, 22.0
MOST_COLUMNS = int(WIDTH / NARROWEST)


@dataclass(frozen=True, slots=True)
class StripPath:
    outcome: str
    d: str


@dataclass(frozen=True, slots=True)
class StripRow:
    arm: str
    y: int
    paths: tuple[StripPath, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """Geometry of the strip in SVG units."""

    width: float
    height: int
    cell: float
    rows: tuple[StripRow, ...]
    kinds: tuple[tuple[str, float, float], ...]  # kind, x from, x to
    case_ids: tuple[str, ...]
    left_out: int  # questions that are not drawn, because the arms agree on them


def strip(grid: Grid) -> Strip:
    """Lay the grid out; past the width's room only questions on which the arms differ are drawn."""
    visible = _room(grid)
    count = len(visible.case_ids)
    cell = max(NARROWEST, min(WIDEST, WIDTH / max(1, count)))
    rows = tuple(_row(visible, i, cell) for i in range(len(visible.arms)))
    height = len(rows) * (ROW + GAP) - GAP
    left_out = len(grid.case_ids) - count
    return Strip(round(count * cell, 2), height, cell, rows, _kinds(visible, cell), visible.case_ids, left_out)


def _room(grid: Grid) -> Grid:
    if len(grid.case_ids) <= MOST_COLUMNS:
        return grid
    columns = list(zip(*grid.cells, strict=True))
    keep = [i for i, column in enumerate(columns) if len({good(key) for key in column if key}) > 1][:MOST_COLUMNS]
    cells = tuple(tuple(row[i] for i in keep) for row in grid.cells)
    return Grid(grid.arms, tuple(grid.case_ids[i] for i in keep), tuple(grid.kinds[i] for i in keep), cells)


def _row(grid: Grid, index: int, cell: float) -> StripRow:
    y = index * (ROW + GAP)
    cells = grid.cells[index]
    paths = [
        StripPath(o.key, "".join(_box(i, y, cell, o.key) for i, key in enumerate(cells) if key == o.key))
        for o in OUTCOMES
    ]
    return StripRow(grid.arms[index], y, tuple(path for path in paths if path.d))


def _box(column: int, y: int, cell: float, key: str) -> str:
    x, top, width, height = BY_KEY[key].box
    return f"M{(column + x) * cell:.2f} {y + top * ROW:.1f}h{width * cell:.2f}v{height * ROW:.1f}h{-width * cell:.2f}z"


def _kinds(grid: Grid, cell: float) -> tuple[tuple[str, float, float], ...]:
    spans, start = [], 0
    for kind, members in groupby(grid.kinds):
        end = start + len(list(members))
        spans.append((kind, round(start * cell, 2), round(end * cell, 2)))
        start = end
    return tuple(spans)
