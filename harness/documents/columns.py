"""Two columns that a PDF writes line by line: put one below the other where that is sure, else named.

    The weir is closed in    A canoe may be lent
    winter when the river    for three days.        -> the left lines, then the right ones

Sure means: on most lines of the page text begins at one place right of a clear gutter, sentences run on from line to
line on both sides (cells of a table do not), nothing looks like the rows of a table (drawn lines, gaps at one height on
both sides, cells of unequal length, a third column), and the words of every line stay the same. A page whose file
writes one column after the other needs nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

FEWEST = 6  # lines that both columns share
_SHARE = 0.6  # of the page's lines on which the right column begins at one place
_RIGHT = 100.0  # points from the first text to the right column at least
_WORDS = 3  # of a line of a column, on average at least
_ROW_GAP = 1.3  # times the usual distance of two lines: the next row of a table, or a heading
_FLOWS = 0.5  # of a column's line ends at which a sentence runs on
_GAP = re.compile(r"(?<=\S) {3,}(?=\S)")
_INDENTED = 0.8  # of the gutter's place, from which on a line stands in the right column


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of a page in reading order, as far as that is known."""

    text: str
    in_columns: bool = False  # two columns, put one below the other
    doubtful: bool = False  # perhaps two columns, left as the file writes them


class Starts:
    """Where texts begin on a page: told by pypdf at every operator, before it is carried out."""

    def __init__(self) -> None:
        self.places: list[tuple[float, float]] = []
        self._drawn = 0  # lines and boxes

    def __call__(self, operator: bytes, operands: Any, cm: Sequence[float], tm: Sequence[float]) -> None:
        if operator in (b"Tj", b"TJ"):
            self.places.append((tm[4] * cm[0] + cm[4], tm[5] * cm[3] + cm[5]))
        elif operator in (b"l", b"re"):
            self._drawn += 1

    @property
    def has_second_column(self) -> bool:
        """Whether on most lines a text begins at one place right of the first column."""
        lines: dict[int, set[int]] = {}
        for x, y in self.places:
            lines.setdefault(round(y / 2), set()).add(round(x / 3))
        if len(lines) < FEWEST:
            return False
        start = min(min(places) for places in lines.values())
        right = Counter(x for places in lines.values() for x in places if (x - start) * 3 >= _RIGHT and len(places) > 1)
        return bool(right) and max(right.values()) >= max(FEWEST, _SHARE * len(lines))

    @property
    def may_be_table(self) -> bool:
        """Whether lines are drawn, or lines with text in both columns stand in groups, as rows of cells do."""
        lines: dict[int, int] = Counter(round(y) for _, y in self.places)
        shared = sorted(y for y, count in lines.items() if count > 1)
        steps = [after - before for before, after in pairwise(shared)]
        usual = sorted(steps)[len(steps) // 4] if steps else 0
        return self._drawn >= FEWEST or sum(step > _ROW_GAP * usual for step in steps) > 1


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a page, divided at the gutter; a side without text is empty."""

    left: str
    right: str

    @property
    def words(self) -> str:
        return "".join(f"{self.left}{self.right}".split())


def in_reading_order(text: str, layout: str, *, may_be_table: bool = False) -> PageText:
    """A page whose lines may be those of two columns.

    Args:
        text: as the file writes it.
        layout: the same with its lines set out by spaces, as they stand on the page.
        may_be_table: something on the page looks like the rows of a table; then nothing is put elsewhere.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    rows = [line.rstrip() for line in layout.split("\n") if line.strip()]
    gutter = _gutter(rows)
    if gutter is None:
        return PageText(text)
    sides = [_divided(row, gutter) for row in rows]
    both = [line for line in sides if line.left and line.right]
    if len(both) < FEWEST or not all(_flows([getattr(line, side) for line in both]) for side in ("left", "right")):
        return PageText(text)
    whole = {"".join(line.split()) for line in lines}
    if not any(line.words in whole for line in both):
        return PageText(text)  # one column after the other already
    same = ["".join(line.split()) for line in lines] == [line.words for line in sides]
    if may_be_table or not same or _has_cells(sides, gutter, rows) or _third_column(rows):
        return PageText(text, doubtful=True)
    return PageText("\n".join(_reordered(sides, gutter, rows)), in_columns=True)


def _gutter(rows: Iterable[str]) -> int | None:
    """Where the right side begins, in signs, on the middle one of the lines that have one; None where few have."""
    starts = sorted(match.end() for row in rows if (match := _gap(row)) is not None)
    return starts[len(starts) // 2] if len(starts) >= FEWEST else None


def _gap(row: str) -> re.Match[str] | None:
    """The widest gap inside a line."""
    return max(_GAP.finditer(row), key=lambda match: len(match[0]), default=None)


def _divided(row: str, gutter: int) -> _Line:
    """A line at its widest gap; one without any stands on the side where it begins."""
    gap, words = _gap(row), " ".join(row.split())
    if gap is not None:
        return _Line(" ".join(row[: gap.start()].split()), " ".join(row[gap.end() :].split()))
    indented = len(row) - len(row.lstrip()) >= _INDENTED * gutter
    return _Line("", words) if indented else _Line(words, "")


def _third_column(rows: Sequence[str]) -> bool:
    return sum(len(_GAP.findall(row.strip())) > 1 for row in rows) >= FEWEST // 2


def _has_cells(lines: Sequence[_Line], gutter: int, rows: Sequence[str]) -> bool:
    """Whether one side goes on alone before both go on together, as cells of unequal length do."""
    alone = False
    for line, row in zip(lines, rows, strict=True):
        if line.left and line.right:
            if alone:
                return True
            continue
        across = not line.right and len(row) > gutter
        alone = not across and (alone or line is not lines[0])
    return False


def _flows(side: Sequence[str]) -> bool:
    """Whether the lines of a side are text: some words each, and sentences that run on."""
    words = sum(len(line.split()) for line in side)
    on = sum(before[-1] not in ".!?:;。" and after[0].islower() for before, after in pairwise(side))
    return words >= _WORDS * len(side) and on >= _FLOWS * (len(side) - 1)


def _reordered(lines: Sequence[_Line], gutter: int, rows: Sequence[str]) -> list[str]:
    """Every block of two columns as its left side, then its right; lines across the page divide blocks."""
    out: list[str] = []
    block: list[_Line] = []
    for line, row in zip(lines, rows, strict=True):
        if not line.right and len(row) > gutter:
            out += [*_below(block), line.left]
            block = []
        else:
            block.append(line)
    return [*out, *_below(block)]


def _below(block: Sequence[_Line]) -> list[str]:
    """A block of two columns, one below the other; lines above its first shared one stay above."""
    first = next((i for i, line in enumerate(block) if line.left and line.right), len(block))
    above, rest = block[:first], block[first:]
    sides = [*(line.left for line in rest), *(line.right for line in rest)]
    return [text for text in (*(line.left or line.right for line in above), *sides) if text]
