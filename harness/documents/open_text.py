"""OpenDocument texts (.odt), by odfdo: headings, lists, tables, notes, boxes; no deletions and no comments."""

from __future__ import annotations

import io
import re
from typing import Any

from harness.documents.archives import open_archive, optional_member
from harness.documents.dates import dated, iso_date
from harness.documents.pages import is_page_number
from harness.documents.results import Content, Unreadable, first_heading
from harness.errors import MissingExtra

_MARK = re.compile(r"(?<!\\)(?:\*{1,3}|~~|`)")  # of Markdown: what the author wrote himself is escaped
_ESCAPE = re.compile(r"\\([*_#|`~+\->.\[\]()!])")
_RULE = re.compile(r"^\|?[\s|:-]*-{3}[\s|:-]*\|?$")  # below the first row of a table


def read_open_text(raw: bytes) -> Content:
    """The text of an OpenDocument file. Unreadable: damaged, or it needs a password."""
    archive = open_archive(raw, "odt")
    manifest = optional_member(archive, "META-INF/manifest.xml") or b""
    if b"encryption-data" in manifest:
        raise Unreadable("needs a password; save a copy without one")
    try:
        from odfdo import Document
    except ImportError:
        raise MissingExtra("odfdo", "documents") from None
    document = Document(io.BytesIO(raw))
    edges = _edges(document)
    text = "\n\n".join(part for part in (edges[0], _plain(str(document.to_markdown())), edges[1]) if part)
    meta = document.meta
    stamp = iso_date(str(_first(meta, "get_modification_date", "get_creation_date") or "")) or dated(text)
    author = _first(meta, "get_creator", "get_initial_creator")
    title = str(_first(meta, "get_title") or "").strip()
    return Content(text, title or first_heading(text), stamp, {"author": str(author)} if author else {})


def _first(meta: Any, *names: str) -> object:
    """The first of these properties that the file has."""
    values = (getattr(meta, name, lambda: None)() for name in names)
    return next((value for value in values if value), None)


def _plain(markdown: str) -> str:
    """Markdown as the project's plain text: no marks inside lines, rows as `a | b`, what was escaped as it is."""
    lines = [_line(line) for line in markdown.splitlines() if not _RULE.match(line)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _line(line: str) -> str:
    text = line.rstrip()
    text = text[:-1] if text.endswith("\\") and not text.endswith("\\\\") else text
    if text.startswith("|") and text.endswith("|"):
        text = " | ".join(cell.strip() for cell in re.split(r"(?<!\\)\|", text)[1:-1])
    text = re.sub(r"^ ?(\s*)-\s+", r"\1- ", text)
    return _ESCAPE.sub(r"\1", _MARK.sub("", text))


def _edges(document: Any) -> tuple[str, str]:
    """The headers and the footers of its page styles, each text once; page numbers alone are none."""
    texts: list[str] = []
    for tag in ("header", "footer"):
        elements = document.styles.get_elements(f"//style:{tag}")
        rows = [" ".join(str(element.text_recursive).split()) for element in elements]
        texts.append("\n".join(dict.fromkeys(row for row in rows if row and not is_page_number(row))))
    return texts[0], texts[1]
