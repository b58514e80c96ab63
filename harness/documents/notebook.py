"""Jupyter notebooks: Markdown as it is, code fenced, outputs that are text; pictures and markup of outputs left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.documents.encoding import decode
from harness.documents.results import Content, Unreadable, first_heading

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_MOST_OUTPUT = 4000  # characters of one output; a longer one is a log, which drowns the cells around it


def read_notebook(raw: bytes) -> Content:
    """The cells of a notebook in order; titled by its metadata, else by its first heading."""
    decoded = decode(raw)
    try:
        value = json.loads(decoded.text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"not a notebook (no JSON at line {error.lineno}); is it complete? Export it again") from None
    cells = _cells(value)
    if cells is None:
        raise Unreadable("not a notebook: JSON without cells; name it .json to have it read as data")
    meta = value.get("metadata") or {}
    language = str(
        (meta.get("kernelspec") or {}).get("language") or (meta.get("language_info") or {}).get("name") or ""
    )
    cut: list[int] = []
    text = "\n\n".join(part for cell in cells for part in _parts(cell, language, cut) if part.strip())
    remarks = (f"{len(cut)} outputs longer than {_MOST_OUTPUT} characters were cut there",) if cut else ()
    title = meta.get("title")
    return Content(text, str(title) if title else _heading(cells), remarks=(*decoded.remarks, *remarks))


def _cells(value: Any) -> list[Mapping[str, Any]] | None:
    """The cells of format 4, or of the worksheets of format 3."""
    if not isinstance(value, Mapping):
        return None
    sheets = value.get("worksheets")
    lists = [value.get("cells")] if "cells" in value else [sheet.get("cells") for sheet in sheets or []]
    if not lists or not all(isinstance(cells, list) for cells in lists):
        return None
    return [cell for cells in lists for cell in cells or [] if isinstance(cell, Mapping)]


def _heading(cells: list[Mapping[str, Any]]) -> str | None:
    texts = (_source_text(cell.get("source")) for cell in cells if cell.get("cell_type") == "markdown")
    return next((heading for text in texts if (heading := first_heading(text))), None)


def _parts(cell: Mapping[str, Any], language: str, cut: list[int]) -> Iterator[str]:
    kind, source = cell.get("cell_type"), _source_text(cell.get("source", cell.get("input")))
    if kind == "code":
        if source.strip():
            yield f"```{language}\n{source.rstrip()}\n```"
        for output in cell.get("outputs") or []:
            text = _ANSI.sub("", _output(output)).strip()
            if len(text) > _MOST_OUTPUT:
                cut.append(len(text))
                text = text[:_MOST_OUTPUT]
            if text:
                yield f"```\n{text}\n```"
    elif kind == "heading":  # format 3
        yield f"{'#' * int(cell.get('level', 1))} {source}"
    else:
        yield source.strip()


def _output(output: Any) -> str:
    """The words of an output; pictures, widgets and markup have none of their own."""
    if not isinstance(output, Mapping):
        return ""
    if output.get("output_type") in ("error", "pyerr"):
        return f"{output.get('ename')}: {output.get('evalue')}"
    data = output.get("data") or {}
    return _source_text(output.get("text") or (data.get("text/markdown") or data.get("text/plain")))


def _source_text(source: Any) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source or "")
