"""Excel workbooks (.xlsx), by openpyxl: every visible sheet under its name, its rows as those of a CSV file."""

from __future__ import annotations

import datetime
import io
import re
from typing import Any

from harness.documents.archives import open_archive
from harness.documents.results import Content, Unreadable
from harness.documents.rows import table_content
from harness.errors import MissingExtra


def read_workbook(raw: bytes) -> Content:
    """The sheets of a workbook. Unreadable: damaged, locked, or nothing in it."""
    open_archive(raw, "xlsx")
    try:
        import openpyxl
    except ImportError:
        raise MissingExtra("openpyxl", "documents") from None
    book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    parts: list[str] = []
    remarks: list[str] = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            remarks.append(f"hidden sheet not read: {sheet.title}")
            continue
        lines = [[_text(cell) for cell in row] for row in sheet.iter_rows()]
        if any(cell for line in lines for cell in line):
            content = table_content(lines)
            texts = [content.text] if not content.records else [record.text for record in content.records.values()]
            parts.append("\n\n".join([f"# {sheet.title}", *texts]))
            remarks += [f"sheet {sheet.title}: {remark}" for remark in content.remarks]
    if not parts:
        raise Unreadable("a workbook without a filled sheet; write it or take it out")
    return Content("\n\n".join(parts), remarks=tuple(remarks))


def _text(cell: Any) -> str:
    value = as_displayed(cell.value, getattr(cell, "number_format", "General"))
    return "" if value is None else str(value)


def as_displayed(value: Any, number_format: str) -> Any:
    """A cell's value as Excel shows it, as far as the value's meaning goes (no currency signs, no rounding)."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, int | float):
        if "%" in number_format:
            return f"{round(value * 100, 10):g}%"
        fixed = re.match(r"^[#,]*0\.(0+)", number_format)  # 3.1 under 0.00 is 3.10, where that rounds nothing away
        text = f"{value:.{len(fixed.group(1))}f}" if fixed else ""
        return text if text and float(text) == value else str(int(value)) if float(value).is_integer() else repr(value)
    return value
