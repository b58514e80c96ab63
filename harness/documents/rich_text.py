"""Rich text (.rtf), by striprtf, with what that leaves out put where it reads: notes, headers and footers.

Deleted and hidden text, which a run of its own marks, is not read; where it is switched on and off it is, and said.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from harness.documents.dates import dated
from harness.documents.results import Content, Unreadable
from harness.errors import MissingExtra

_APART = re.compile(r"\{\\(?:footnote|header[lrf]?|footer[lrf]?)(?![a-z])")  # groups that striprtf passes over
_BRACE = re.compile(r"\\.|[{}]", re.S)
_UNSEEN = re.compile(r"\\(deleted|v)(?![a-z0-9])")
_SWITCH = re.compile(r"\\(deleted0|v0)(?![0-9])")
_TITLE = re.compile(rb"\{\\title ([^{}]*)\}")
_STAMP = re.compile(rb"\{\\(?:revtim|creatim)\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})")
_CELLS = re.compile(r"\|$", re.M)


def read_rich_text(raw: bytes) -> Content:
    """The text of a rich text file. Unreadable: it is none, or damaged."""
    if not raw.lstrip().startswith(b"{\\rtf"):
        raise Unreadable("no rich text (it does not begin with {\\rtf); is it complete? Export it again")
    if raw.count(b"{") - raw.count(b"\\{") > raw.count(b"}") - raw.count(b"\\}"):
        raise Unreadable("rich text that was cut off (groups that are not closed); export it again")
    try:
        from striprtf import striprtf
    except ImportError:
        raise MissingExtra("striprtf", "documents") from None
    plain: Callable[..., str] = striprtf.rtf_to_text
    source = _in_place(raw.decode("latin-1"))
    switched = bool(_SWITCH.search(source)) and bool(_UNSEEN.search(source))
    if not switched:
        source = _UNSEEN.sub(r"\\*\\\1", source)
    text = _rows(plain(source, errors="replace"))
    title = _TITLE.search(raw)
    stamp = _STAMP.search(raw)
    date = "{}-{:0>2}-{:0>2}".format(*(part.decode() for part in stamp.groups())) if stamp else dated(text)
    remarks = ("deleted or hidden text is read as text: accept its changes, or save it as .docx",) if switched else ()
    name = " ".join(plain(f"{{\\rtf1 {title[1].decode('latin-1')}}}").split()) if title else ""
    return Content(text, name or None, date, {}, remarks)


def _in_place(source: str) -> str:
    """The source with the groups that striprtf passes over as paragraphs of their own."""
    parts: list[str] = []
    at = 0
    while (match := _APART.search(source, at)) is not None:
        end = _end_of_group(source, match.end())
        parts += [source[at : match.start()], "{\\par ", _in_place(source[match.end() : end]), "\\par "]
        at = end
    return "".join([*parts, source[at:]])


def _end_of_group(source: str, at: int) -> int:
    """Where the group that `at` stands in is closed."""
    depth = 1
    for brace in _BRACE.finditer(source, at):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if depth == 0:
            return brace.start()
    return len(source)


def _rows(text: str) -> str:
    """Rows as `a | b`, at most one blank line in a row."""
    lines = [" | ".join(cell.strip() for cell in line.split("|")) for line in _CELLS.sub("", text).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
