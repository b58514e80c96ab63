"""One sheet of an Excel workbook (.xlsx), read by openpyxl (extra 'documents') with cells as Excel shows them.

A cell of 0.15 under a percent format is "15%", 3.1 under 0.00 is "3.10", a date without a time is its day, 3.0 is "3".
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from harness.documents.workbook import as_displayed
from harness.errors import InputError, MissingExtra
from harness.golden.importers.files import read_bytes


def read_sheet(file: Path, name: str | None) -> tuple[str, list[Sequence[Any]]]:
    """The name of a sheet and its lines: the one that is named, else the only one with something in it.

    Raises:
        InputError: not a workbook, no such sheet, several sheets and none named.
        MissingExtra: openpyxl is not installed.
    """
    raw = read_bytes(file)
    if not zipfile.is_zipfile(io.BytesIO(raw)):
        raise InputError(f"{file}: not an .xlsx workbook; open it and save it as .xlsx or CSV")
    try:
        import openpyxl
    except ImportError:
        raise MissingExtra("openpyxl", "documents") from None
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        sheets = {sheet.title: list(_lines(sheet)) for sheet in book.worksheets if sheet.sheet_state == "visible"}
    except (KeyError, ValueError, zipfile.BadZipFile, OSError, TypeError, AttributeError) as error:
        raise InputError(f"{file}: a workbook that cannot be read ({error}); export its sheet as CSV") from None
    if name is not None:
        if name not in sheets:
            raise InputError(f"{file}: no sheet '{name}'; its sheets: {', '.join(sheets)}")
        return name, sheets[name]
    full = [title for title, lines in sheets.items() if lines]
    if len(full) != 1:
        what = f"{len(full)} sheets: {', '.join(full)}; name one with --sheet" if full else "no filled sheet"
        raise InputError(f"{file}: {what}")
    return full[0], sheets[full[0]]


def _lines(sheet: Any) -> Iterator[Sequence[Any]]:
    """Lines up to the last filled one; blank lines between stay, so that rows keep their numbers."""
    blank = 0
    for cells in sheet.iter_rows():
        line = [as_displayed(cell.value, getattr(cell, "number_format", "General")) for cell in cells]
        if all(value is None for value in line):
            blank += 1
            continue
        yield from ([None] * len(line) for _ in range(blank))
        blank = 0
        yield line
