"""Readers, one a file kind: bytes in, the text that people see out; headings as `# `, `## ` lines for the chunker.

Example: `<h2>Refunds</h2><p>Within 14 days.</p>` -> `## Refunds\n\nWithin 14 days.`
Readers raise `Unreadable` with the reason; the caller names the file.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docx.table import Table
    from docx.text.paragraph import Paragraph
    from lxml.html import HtmlElement

MAX_BYTES = 20_000_000  # a larger text is a dump, not a document: it would drown the rest of the corpus
MAX_UNPACKED = 200_000_000  # bytes that a docx may unpack to
_DATE = re.compile(r"\b(\d{4}-\d{2}-\d{2})(?!\d)")
_DATE_LINE = re.compile(
    r"^\W*(?:last )?(?:updated|date|effective|published|as of)\b[^\n\d]{0,24}(\d{4}-\d{2}-\d{2})", re.I | re.M
)
_NEEDS = "reading {} needs {}; install it with: pip install 'rag-or-tune-harness[documents]'"
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.S)
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.M)


class Unreadable(Exception):
    """A file that holds nothing readable; the text says why."""


@dataclass(frozen=True, slots=True)
class Content:
    """The content of one file."""

    text: str
    title: str | None = None
    timestamp: str | None = None  # ISO date
    metadata: Mapping[str, str] = field(default_factory=dict)


Reader = Callable[[bytes], Content]


def decode(raw: bytes) -> str:
    """Text of UTF-8 bytes (UTF-16 with its byte-order mark too). Null bytes and broken sequences are refused."""
    try:
        if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return raw.decode("utf-16")
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8 at byte {error.start}; save the file as UTF-8") from None
    if "\0" in text:
        raise Unreadable("holds null bytes: a binary file under a text name")
    return text


def read_plain(raw: bytes) -> Content:
    """Plain text: the first line is the title when it is short and stands alone."""
    text = decode(raw).replace("\r\n", "\n")
    first, _, rest = text.lstrip().partition("\n")
    title = (
        first.strip() if 0 < len(first) <= 100 and (rest.startswith("\n") or not first.rstrip().endswith(".")) else None
    )
    return Content(text, title, _dated(text))


def read_markdown(raw: bytes) -> Content:
    """Markdown with optional YAML front matter, which becomes metadata and leaves the text."""
    text = decode(raw).replace("\r\n", "\n")
    meta, body = _front_matter(text)
    heading = _HEADING.search(body)
    title = meta.pop("title", None) or (heading.group(1) if heading else None)
    timestamp = next((d for k in ("updated", "date", "timestamp") if (d := _iso(meta.get(k)))), None)
    return Content(body, title, timestamp or _dated(body), meta)


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    import yaml

    match = _FRONT.match(text)
    if match is None:
        return {}, text
    try:
        raw = yaml.safe_load(match.group(1))
    except (yaml.YAMLError, ValueError):
        return {}, text  # a rule of dashes above ordinary text, not front matter
    if not isinstance(raw, dict):
        return {}, text
    return {str(key): _words(value) for key, value in raw.items() if value is not None}, text[match.end() :]


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


_DROP = ("script", "style", "noscript", "template", "svg", "iframe", "head", "nav", "form")
_BLOCK_TAGS = "p div section article main header footer ul ol table tr blockquote pre dl dt dd figure br hr body"
_BLOCK = frozenset(_BLOCK_TAGS.split())


def read_html(raw: bytes) -> Content:
    """HTML: visible text with headings, list items and table rows; scripts, styles, navigation and forms left out."""
    from lxml import etree, html

    try:
        tree = html.document_fromstring(decode(raw), parser=html.HTMLParser(huge_tree=True))
    except (etree.ParserError, ValueError) as error:
        raise Unreadable(f"not readable as HTML: {error}") from None
    title = (tree.findtext(".//title") or "").strip() or None
    metas = {m.get("property") or m.get("name"): m.get("content") for m in tree.iterfind(".//meta")}
    for element in list(tree.iter(*_DROP, etree.Comment)):
        element.drop_tree() if element.getparent() is not None else None
    text = _tidy("".join(_html_parts(tree)))
    heading = _HEADING.search(text)
    date_names = ("article:modified_time", "dcterms.modified", "article:published_time", "date")
    timestamp = next((d for k in date_names if (d := _iso(metas.get(k)))), None)
    meta = {k: v for k in ("author", "owner", "status", "supersedes", "description") if (v := metas.get(k))}
    return Content(text, title or (heading.group(1) if heading else None), timestamp or _dated(text), meta)


def _html_parts(tree: HtmlElement) -> Iterator[str]:
    """Text of the tree in reading order, with line breaks and heading marks (iterative: no depth limit)."""
    from lxml import etree

    for event, element in etree.iterwalk(tree, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            yield _opening(tag)
            yield _inline(element.text)
        else:
            yield _closing(tag)
            yield _inline(element.tail)


def _inline(text: str | None) -> str:
    return re.sub(r"[ \t\r\n\f]+", " ", text) if text else ""


def _opening(tag: str) -> str:
    if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
        return "\n\n" + "#" * int(tag[1]) + " "
    return "\n- " if tag == "li" else "\n\n" if tag in _BLOCK - {"tr", "br"} else "\n" if tag in ("tr", "br") else ""


def _closing(tag: str) -> str:
    if tag in ("td", "th"):
        return " | "
    return "\n\n" if tag in _BLOCK - {"tr", "br"} or (len(tag) == 2 and tag[0] == "h" and tag[1].isdigit()) else ""


def _tidy(text: str) -> str:
    lines = (re.sub(r" +", " ", line).strip().removesuffix(" |") for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def read_pdf(raw: bytes) -> Content:
    """PDF text by page. A scan without a text layer is unreadable here and says so."""
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError:
        raise Unreadable(_NEEDS.format("PDF", "pypdf")) from None

    try:
        reader = PdfReader(io.BytesIO(raw))
        pages = [page.extract_text() or "" for page in reader.pages]
        info = reader.metadata
        title = (info.title or "").strip() if info else ""
        stamp = (info.modification_date or info.creation_date) if info else None
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError) as error:
        raise Unreadable(f"not readable as PDF ({type(error).__name__}: {error}); is it complete?") from None
    if not "".join(pages).strip():
        raise Unreadable("PDF without a text layer (a scan?); run it through OCR first")
    text = "\n\n".join(page.strip() for page in pages)
    return Content(text, title or None, stamp.date().isoformat() if stamp else _dated(text), {"pages": str(len(pages))})


def read_docx(raw: bytes) -> Content:
    """Word document: paragraphs, headings, list items and table rows in order."""
    try:
        from docx import Document as open_docx
        from docx.table import Table
    except ImportError:
        raise Unreadable(_NEEDS.format("docx", "python-docx")) from None

    _refuse_bomb(raw)
    try:
        document = open_docx(io.BytesIO(raw))
        parts = [_row_lines(b) if isinstance(b, Table) else _paragraph(b) for b in document.iter_inner_content()]
        core = document.core_properties
    except (KeyError, ValueError, OSError, zipfile.BadZipFile, SyntaxError) as error:
        raise Unreadable(f"not readable as docx ({type(error).__name__}: {error})") from None
    text = "\n\n".join(part for part in parts if part)
    heading = _HEADING.search(text)
    stamp = core.modified or core.created
    meta = {"author": core.author} if core.author else {}
    title = core.title or (heading.group(1) if heading else None)
    return Content(text, title, stamp.date().isoformat() if stamp else _dated(text), meta)


def _refuse_bomb(raw: bytes) -> None:
    try:
        unpacked = sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(raw)).infolist())
    except zipfile.BadZipFile:
        raise Unreadable("not a docx (no zip archive); is it complete?") from None
    if unpacked > MAX_UNPACKED:
        raise Unreadable(f"unpacks to {unpacked:,} bytes, more than {MAX_UNPACKED:,}: refused as a zip bomb")


def _paragraph(paragraph: Paragraph) -> str:
    style = str(paragraph.style.name or "") if paragraph.style is not None else ""
    text = str(paragraph.text).strip()
    if not text:
        return ""
    if style == "Title" or style.startswith("Heading"):
        level = style[-1] if style[-1].isdigit() else "1"
        return "#" * int(level) + " " + text
    return f"- {text}" if style.startswith("List") else text


def _row_lines(table: Table) -> str:
    return "\n".join(" | ".join(cell.text.strip() for cell in row.cells) for row in table.rows)


def _iso(value: str | None) -> str | None:
    match = _DATE.search(value or "")
    return match.group(1) if match else None


def _dated(text: str) -> str | None:
    """The date of an `Updated: 2026-03-02` line near the top."""
    match = _DATE_LINE.search(text[:1000])
    return match.group(1) if match else None


READERS: Mapping[str, Reader] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".txt": read_plain,
    ".rst": read_plain,
    ".html": read_html,
    ".htm": read_html,
    ".pdf": read_pdf,
    ".docx": read_docx,
}

_CODE = ".py .js .jsx .ts .tsx .java .go .rs .c .h .cpp .hpp .cs .rb .php .sh .sql .kt .swift"
CODE_SUFFIXES = frozenset(_CODE.split())
