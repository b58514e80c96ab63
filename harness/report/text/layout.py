"""Lines of text that fit a window: paragraphs wrapped and indented, columns as wide as their cells."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

WIDTH = 100  # columns where nothing says how wide the window is
NARROWEST = 40  # columns that any text is laid out for


def paragraph(text: str, width: int, first: str = "", indent: str = "") -> list[str]:
    """A text as lines of at most `width` columns; a word that is longer stays whole.

    Args:
        first: before the first line.
        indent: before the others.
    """
    lines = textwrap.wrap(
        text, max(width, NARROWEST), initial_indent=first, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return lines or [first.rstrip()]


def blocks(rows: Mapping[str, Sequence[str]], width: int, least: int = 0) -> list[str]:
    """A table, its columns aligned right under each other; what does not fit beside goes into further tables below.

    Args:
        rows: title -> its cells; the first row has the names of the columns.
        width: of the window.
        least: columns of a cell at least.
    """
    first = max((len(title) for title in rows), default=0) + 2
    count = max((len(cells) for cells in rows.values()), default=0)
    sizes = [max(least, *(len(cells[at]) + 2 for cells in rows.values() if at < len(cells))) for at in range(count)]
    lines: list[str] = []
    for start, end in _parts(sizes, max(width, NARROWEST) - first):
        lines += [""] * bool(lines)
        for title, cells in rows.items():
            pairs = zip(cells[start:end], sizes[start:end], strict=False)
            lines.append((f"{title:<{first}}" + "".join(f"{cell:>{size}}" for cell, size in pairs)).rstrip())
    return lines


def _parts(sizes: Sequence[int], room: int) -> list[tuple[int, int]]:
    """Columns in a row as far as there is room, at least one each time."""
    parts: list[tuple[int, int]] = []
    start = 0
    for end in range(1, len(sizes) + 1):
        if end == len(sizes) or sum(sizes[start : end + 1]) > room:
            parts.append((start, end))
            start = end
    return parts
