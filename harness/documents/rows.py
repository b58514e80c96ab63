"""CSV and TSV: a row is a paragraph of `column: value` lines, so that each can be found by the names of its columns.

plan;price         plan: Basic
Basic;12    ->     price: 12
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from harness.documents.encoding import decode
from harness.documents.objects import rows_content
from harness.documents.results import Content, Unreadable

SEPARATORS = (",", ";", "\t", "|")
_NUMBER = re.compile(r"[-+(]?[\d.,\s%€$£]+\)?")
_LONGEST_CELL = 1 << 30  # characters; the library's own limit is less than a page in a cell


def read_rows(raw: bytes) -> Content:
    """The rows of a CSV or TSV file, by the separator under which its first rows have the most columns."""
    decoded = decode(raw)
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
    csv.field_size_limit(_LONGEST_CELL)
    mark = re.match(r"sep=(.)\n", text, re.I)
    separator = mark.group(1) if mark else _separator(text)
    try:
        lines = list(csv.reader(io.StringIO(text[mark.end() :] if mark else text), delimiter=separator, strict=False))
    except csv.Error as error:
        raise Unreadable(f"not CSV ({error}); export it again") from None
    content = table_content(lines)
    return replace(content, remarks=(*decoded.remarks, *content.remarks))


def _separator(text: str) -> str:
    head = "\n".join(text.split("\n")[:30])

    def columns(separator: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(io.StringIO(head), delimiter=separator) if row]
        return (min(widths[:20], default=0), -SEPARATORS.index(separator))

    return max(SEPARATORS, key=columns)


def table_content(lines: Sequence[Sequence[str]]) -> Content:
    """The rows of a table under the names of its columns; bare rows where the first line names none."""
    table = [[cell.strip() for cell in line] for line in lines if any(cell.strip() for cell in line)]
    if not table:
        raise Unreadable("no rows in it; write them or take it out")
    if not _is_header(table[0]) or len(table) == 1:
        return Content("\n".join(" | ".join(cell for cell in line if cell) for line in table))
    header = table[0]
    rows = [_by_column(line, header) for line in table[1:]]
    wide = sum(len(line) > len(header) for line in table[1:])
    remarks = (f"{wide} rows have more cells than the header names; they are read as 'column N'",) if wide else ()
    records = rows_content(rows)
    if records is not None:
        return replace(records, remarks=remarks)
    return Content("\n\n".join(paragraph(row) for row in rows), remarks=remarks)


def paragraph(row: Mapping[str, str]) -> str:
    return "\n".join(f"{column}: {value}" for column, value in row.items() if value)


def _by_column(line: Sequence[str], header: Sequence[str]) -> dict[str, str]:
    names = [header[at] if at < len(header) and header[at] else f"column {at + 1}" for at in range(len(line))]
    row: dict[str, str] = {}
    for name, value in zip(names, line, strict=True):
        row[name if name not in row else f"{name} ({len(row) + 1})"] = value
    return row


def _is_header(line: Sequence[str]) -> bool:
    """Whether a first line names columns: words, each once, no number among them."""
    names = [cell for cell in line if cell]
    words = not any(_NUMBER.fullmatch(name) or len(name) > 80 for name in names)
    return (len(names) > 1 and words and len(set(names)) == len(names)) or (len(line) == 1 and words)
