"""PDF: the text layer of its pages in the order in which it is written, and the fields of its forms.

Encrypted files open where their user password is empty. Pages without text (scans) are named.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.documents.columns import PageText, Starts, in_reading_order
from harness.documents.dates import dated
from harness.documents.pages import join_pages
from harness.documents.results import Content, Unreadable
from harness.errors import MissingExtra

if TYPE_CHECKING:
    from pypdf import PdfReader

_JUNK_TITLE = re.compile(
    r"^(?:untitled.*|microsoft (?:word|powerpoint|excel) - .*|.*\.(?:docx?|indd|qxd|pptx?|xlsx?|tex|dvi|pdf))$", re.I
)
_PRESENTED = re.compile("[\ufb00-\ufb06\ufb13-\ufb17\ufb50-\ufdfb\ufe70-\ufefc]+")  # ligatures and forms of letters
_GARBLED = 0.2  # of a page's signs are none that people read


def read_pdf(raw: bytes) -> Content:
    """The text of a PDF. Unreadable: damaged, a password is needed, or no page has text."""
    reader = _open(raw)
    read = [_page_text(page) for page in reader.pages]
    pages = [page.text for page in read]
    remarks = (*_remarks(reader, pages), *_columns(read))
    readable = ["" if _garbled(page) else page for page in pages]
    if not "".join(readable).strip():
        raise Unreadable(_without_text(pages))
    text = "\n\n".join(part for part in (join_pages(readable), _fields(reader)) if part)
    title, stamp = _properties(reader)
    return Content(text, title, stamp or dated(text), {"pages": str(len(pages))}, remarks)


def _open(raw: bytes) -> PdfReader:
    try:
        from pypdf import PdfReader
        from pypdf.errors import DependencyError, FileNotDecryptedError, WrongPasswordError
    except ImportError:
        raise MissingExtra("pypdf", "documents") from None
    try:
        reader = PdfReader(io.BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("needs a password; save a copy without one")
        len(reader.pages)  # a wrong password and a missing library show here at the latest
    except DependencyError:
        raise MissingExtra("cryptography", "documents") from None
    except (FileNotDecryptedError, WrongPasswordError):
        raise Unreadable("needs a password; save a copy without one") from None
    return reader


def _page_text(page: Any) -> PageText:
    """The text of a page: ligatures and letter forms as letters, hyphens that are drawn inside a line as hyphens."""
    starts = Starts()
    text = str(page.extract_text(visitor_operand_before=starts) or "")
    ordered = PageText(text)
    if starts.has_second_column:
        layout = _layout(page)
        ordered = in_reading_order(text, layout, may_be_table=starts.may_be_table) if layout else ordered
    return replace(ordered, text=_plain(ordered.text))


def _layout(page: Any) -> str:
    """The page with its lines set out by spaces; empty where the library cannot say."""
    try:
        return str(page.extract_text(extraction_mode="layout") or "")
    except Exception:  # fonts without widths, matrices of nothing: the page stays as the file writes it
        return ""


def _plain(text: str) -> str:
    text = _PRESENTED.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text.replace("\0", ""))
    return re.sub("\u00ad(?=[^\\s])", "-", text)


def _columns(pages: Sequence[PageText]) -> tuple[str, ...]:
    """The pages that were, or perhaps are, in two columns which the file writes line by line."""
    count = len(pages)
    sure = [number for number, page in enumerate(pages) if page.in_columns]
    doubtful = [number for number, page in enumerate(pages) if page.doubtful]
    return tuple(
        f"{_pages(numbers)} of {count} {what}"
        for numbers, what in (
            (sure, "in two columns, read one below the other"),
            (doubtful, "perhaps in columns, read line by line: check, or export it as Word or text"),
        )
        if numbers
    )


def _garbled(text: str) -> bool:
    """Whether a page's signs are mostly private, unassigned or control ones: a font without a map to Unicode."""
    signs = [char for char in text if not char.isspace()]
    odd = sum(char == "\ufffd" or unicodedata.category(char) in ("Cc", "Cn", "Co") for char in signs)
    codes = len(re.findall(r"\(cid:\d+\)|/[GCg]\d{1,3}(?=/|\s)", text))
    return odd + 4 * codes > _GARBLED * len(signs) if signs else False


def _remarks(reader: PdfReader, pages: Sequence[str]) -> tuple[str, ...]:
    """Pages that show something and hold no text, and pages whose text cannot be read."""
    count = len(pages)
    scans = [number for number, page in enumerate(pages) if not page.strip() and _shows_something(reader.pages[number])]
    garbled = [number for number, page in enumerate(pages) if _garbled(page)]
    return tuple(
        f"{_pages(numbers)} of {count} {what}; run it through OCR"
        for numbers, what in (
            (scans, "without text (scanned?)"),
            (garbled, "with a font that cannot be read as letters"),
        )
        if numbers
    )


def _pages(numbers: Sequence[int]) -> str:
    listing = ", ".join(str(number + 1) for number in numbers[:10])
    more = f" and {len(numbers) - 10} more" if len(numbers) > 10 else ""
    return f"page{'s' if len(numbers) > 1 else ''} {listing}{more}"


def _shows_something(page: Any) -> bool:
    """Whether a page without text is more than a blank one: it draws a picture, or much."""
    try:
        contents = page.get_contents()
        data = contents.get_data() if contents is not None else b""
        return b" Do" in data or b"BI" in data or len(data) > 500
    except Exception:  # a damaged page is worth a word too
        return True


def _without_text(pages: Sequence[str]) -> str:
    if any(_garbled(page) for page in pages):
        return "PDF whose fonts cannot be read as letters; run it through OCR, or export it again from its source"
    count = f"{len(pages)} page{'s' if len(pages) != 1 else ''}"
    return f"PDF without a text layer ({count}; a scan?); run it through OCR first"


def _fields(reader: PdfReader) -> str:
    """The filled fields of a form, which are drawn beside the pages' text."""
    try:
        fields = reader.get_form_text_fields() or {}
    except Exception:  # a damaged form is no reason to lose the pages
        return ""
    return "\n".join(f"{name}: {value}" for name, value in fields.items() if value and str(value).strip())


def _properties(reader: PdfReader) -> tuple[str | None, str | None]:
    """Title and date of the file's properties; a title that a program made of a file name is none."""
    try:
        info = reader.metadata
        title = str(info.title or "").strip() if info else ""
        stamp = (info.modification_date or info.creation_date) if info else None
    except Exception:  # dates and titles in forms of their own
        return None, None
    return (None if _JUNK_TITLE.match(title) else title) or None, stamp.date().isoformat() if stamp else None
