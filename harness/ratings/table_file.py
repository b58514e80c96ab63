"""Sheets as CSV: written for a spreadsheet, read back from one (or from the page's own file) whatever it made of it.

sheet,item,rater,question,answer,...,correct,unsupported,note
3f2a91c0,a001,anna,"How long ...?","(1) 30 days. ...",yes,0,
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import InputError
from harness.files.input_file import legible
from harness.golden.importers.cells import identity, plain_text
from harness.golden.importers.tables import Source, fold, read_table
from harness.ratings.form import Sheet

MARK = "\ufeff"  # by it a spreadsheet knows that the file is UTF-8
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a cell begins with that a spreadsheet would compute


@dataclass(frozen=True, slots=True)
class FilledRow:
    """One item as one person filled it in."""

    item: str
    rater: str
    values: Mapping[str, str]  # question -> what was written; without those that were left empty
    where: str


def sheet_csv(sheet: Sheet) -> str:
    """The sheet as CSV, with empty columns to fill in. A cell that a spreadsheet would compute gets an apostrophe."""
    titles = list(dict.fromkeys(part.title for item in sheet.items for part in item.parts))
    numbered = any(item.statements for item in sheet.items)
    names = [question.name for question in sheet.questions]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["sheet", "item", "rater", *titles, *(["statements"] if numbered else []), *names])
    for item in sheet.items:
        texts = {part.title: part.text for part in item.parts}
        statements = ["\n".join(f"({i}) {text}" for i, text in enumerate(item.statements, start=1))] if numbered else []
        values = [item.values.get(name, "") if name in item.questions else "-" for name in names]
        cells = [*(texts.get(title, "") for title in titles), *statements]
        writer.writerow([sheet.id, item.id, "", *map(_as_text, cells), *values])
    return MARK + out.getvalue()


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def read_sheet(
    path: Path, questions: Sequence[str], decisive: Sequence[str], rater: str | None = None
) -> tuple[str, tuple[FilledRow, ...]]:
    """(id of the sheet, the rows that somebody judged).

    Args:
        questions: the columns that are read.
        decisive: those of them of which one at least is filled in where an item was judged.
        rater: who filled it in, where its column `rater` is empty.

    Raises:
        InputError: no table, columns missing, rows of two sheets, an item twice, a filled row without a rater.
    """
    table = read_table(Source(path))
    table.demand(("sheet", "item"), "a filled sheet")
    rows: dict[tuple[str, str], FilledRow] = {}
    ids: set[str] = set()
    for where, row in table.rows:
        item, sheet = identity(row.get("item")), identity(row.get("sheet"))
        if item is None or sheet is None:
            raise InputError(f"{where}: no item or no sheet; leave these two columns as they were")
        ids.add(sheet)
        texts = {name: _value(row.get(fold(name))) for name in questions}
        values = {name: text for name, text in texts.items() if text}
        if not any(name in values for name in decisive):
            continue
        who = plain_text(row.get("rater")) or rater
        if who is None:
            raise InputError(f"{where}: no rater; fill in the column 'rater', or name one with --rater")
        if (item, who) in rows:
            raise InputError(f"{where}: item {legible(item)} stands there twice for {legible(who)}; keep one")
        rows[item, who] = FilledRow(item, who, values, where)
    if len(ids) != 1:
        raise InputError(f"{legible(path)}: rows of {len(ids)} sheets; keep those of one in a file")
    return ids.pop(), tuple(rows.values())


def _value(cell: object) -> str:
    """A cell as text: 2.0 is what a spreadsheet makes of 2, and `-` stands where nothing is asked."""
    text = identity(cell) or ""
    return "" if text == "-" else text
