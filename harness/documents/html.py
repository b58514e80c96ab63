"""HTML: the visible text with headings, list items and table rows; furniture of the page and fields left out.

Example: `<h2>Refunds</h2><p>Within 14 days.</p>` -> `## Refunds\\n\\nWithin 14 days.`
What is not known to be furniture (`page_furniture`) is read: a word too many harms less than one that is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.documents.dates import dated, first_date
from harness.documents.encoding import decode
from harness.documents.page_furniture import drop_furniture, drop_unseen
from harness.documents.results import Content, Unreadable, first_heading, words

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]+)""", re.I
)
_XML_HEAD = re.compile(r"\A\s*<\?xml[^>]*\?>")
_HEAD_BYTES = 4096  # in which an encoding is declared
_BLOCK_TAGS = "p div section article main header footer ul ol table tr blockquote pre dl dt dd figure br hr body form"
_BLOCK = words(_BLOCK_TAGS) | words("fieldset legend details summary aside address caption figcaption nav")
_LINE = frozenset(("tr", "br", "dd"))
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_IN_ROW = 300  # characters of a table inside a cell that are read as part of the row
_STRUCK = ("del", "s", "strike")  # what is no longer valid, and shown so
_MARKER = re.compile(r"(?<=\n)((?:- |\d+\. |#{1,6} ))[ \t]*\n\s*(?!- |\d+\. |#)(?=\S)")
_DATES = (
    "article:modified_time",
    "dcterms.modified",
    "article:published_time",
    "date",
    "last-modified",
    "dc.date.modified",
)


def read_html(raw: bytes) -> Content:
    """A page. Unreadable: no HTML, or no words in it (a page that a script fills in the browser)."""
    decoded = decode(raw, _declared(raw))
    tree = parsed(decoded.text)
    title = " ".join((tree.findtext(".//title") or "").split()) or None
    metas = {str(m.get("property") or m.get("name")).lower(): m.get("content") for m in tree.iterfind(".//meta")}
    scripts = tree.find(".//script") is not None
    text = _page_text(tree) or tree_text(_without_unseen(decoded.text))
    if not text and scripts:
        raise Unreadable(
            "no words in it: a script fills the page in the browser; save it from there, or print it as PDF"
        )
    timestamp = first_date(metas.get(name) for name in _DATES)
    meta = {k: v for k in ("author", "owner", "status", "supersedes", "description") if (v := metas.get(k))}
    return Content(text, title or first_heading(text), timestamp or dated(text), meta, decoded.remarks)


def html_text(markup: str) -> str:
    """The text of markup without any furniture, such as another reader makes."""
    return tree_text(_without_unseen(markup))


def parsed(text: str) -> HtmlElement:
    """The tree of a page. Unreadable where there is no element in it."""
    from lxml import etree, html

    parser = html.HTMLParser(huge_tree=True, encoding="utf-8")
    try:
        # as bytes: lxml refuses a str that declares an encoding of its own
        return html.document_fromstring(_XML_HEAD.sub("", text).encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, ValueError) as error:
        raise Unreadable(f"not readable as HTML ({error}); save it again") from None


def _declared(raw: bytes) -> str | None:
    match = _DECLARED.search(raw[:_HEAD_BYTES])
    return (match.group(1) or match.group(2)).decode("ascii", "replace") if match else None


def _page_text(tree: HtmlElement) -> str:
    drop_unseen(tree)
    drop_furniture(tree)
    return tree_text(tree)


def _without_unseen(markup: str) -> HtmlElement:
    tree = parsed(markup)
    drop_unseen(tree)
    return tree


def tree_text(tree: HtmlElement) -> str:
    """The text of a tree in reading order."""
    verbatim: list[str] = []
    _set_verbatim(tree, verbatim)
    for element in list(tree.iter(*_HEADINGS)):
        _flatten(element)
        if not element.text:
            element.tag = "div"  # its mark would make a heading of the next paragraph
    for cell in reversed(list(tree.iter("td", "th"))):  # the cells of an inner table first
        if _is_plain(cell):
            _flatten(cell)
        else:
            cell.tag = "div"  # a table that lays out a page: its cells are blocks
    text = _tidy("".join(_parts(tree)))
    return re.sub("\ue000(\\d+)\ue001", lambda match: verbatim[int(match.group(1))], text).strip()


def _set_verbatim(tree: HtmlElement, verbatim: list[str]) -> None:
    """Code and other preformatted text, taken out and marked, so that its line breaks and spaces stay."""
    for element in list(tree.iter("pre", "xmp", "listing")):
        for line in element.iter("br"):
            line.tail = "\n" + (line.tail or "")
        text = str(element.text_content()).strip("\n").rstrip()
        tail = element.tail
        element.clear()
        element.tag, element.tail = "pre", tail
        if text.strip():
            verbatim.append(f"```\n{text}\n```" if "\n" in text or text.startswith("#") else text)
            element.text = f"\ue000{len(verbatim) - 1}\ue001"


def _is_plain(cell: HtmlElement) -> bool:
    """Whether a cell is one of a table of values: short blocks, and at most a small table inside."""
    if next(cell.iter("h1", "h2", "h3", "h4", "h5", "h6", "pre", "article", "main"), None) is not None:
        return False
    nested = next((inner for inner in cell.iter("table") if inner is not cell), None)
    return nested is None or len(nested.text_content()) <= _IN_ROW


def _flatten(element: HtmlElement) -> None:
    """The element's text on one line: of a cell or a heading, whatever blocks are in it."""
    lines = _tidy("".join(_parts(element, inside=True))).split("\n")
    tail, text = element.tail, " ".join(line.strip() for line in lines if line.strip())
    attributes = {"start": element.get("start", "")}
    element.clear()
    element.text, element.tail = text, tail
    for name, value in attributes.items():
        if value:
            element.set(name, value)


def _parts(tree: HtmlElement, inside: bool = False) -> Iterator[str]:
    """Text of the tree in reading order, with line breaks and heading marks (iterative: no depth limit)."""
    from lxml import etree

    last, notes = "", set[object]()
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if inside and element is tree:
            yield _inline(element.text) if event == "start" else ""
        elif event == "start":
            yield _marker(element) if tag == "li" else _opening(tag)
            mark = _script_mark(element, last) if tag in ("sup", "sub") else ""
            notes |= {element} if mark == " [" else set()
            yield mark
            yield _inline(element.text)
            last = (element.text or last)[-1:]
        else:
            yield "]" if element in notes else _closing(tag)
            yield _inline(element.tail)
            last = (element.tail or last)[-1:]


def _inline(text: str | None) -> str:
    return re.sub(r"[ \t\r\n\f]+", " ", text).replace("\u00ad", "") if text else ""


def _opening(tag: str) -> str:
    if tag in _HEADINGS:
        return "\n\n" + "#" * int(tag[1]) + " "
    if tag in _STRUCK:
        return "~~"
    return "\n" if tag in _LINE else "\n\n" if tag in _BLOCK else ""


def _closing(tag: str) -> str:
    if tag in ("td", "th"):
        return " | "
    if tag in _STRUCK:
        return "~~"
    return "\n\n" if (tag in _BLOCK - _LINE and tag != "dt") or tag in _HEADINGS else ""


def _marker(item: HtmlElement) -> str:
    """`- `, or the number that a reader sees before an item."""
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return "\n- "
    own = [value for value in (item.get("value"), parent.get("start")) if value and value.isdigit()]
    before = sum(1 for sibling in item.itersiblings("li", preceding=True))
    return f"\n{int(own[0]) + (0 if item.get('value') else before) if own else before + 1}. "


def _script_mark(element: HtmlElement, last: str) -> str:
    """The mark between a raised number and the number before it: 10^9 is not 109, nor is a note's mark a digit."""
    text = str(element.text_content()).strip()
    if not (last.isdigit() and text[:1].isdigit()):
        return ""
    is_note = (
        element.find(".//a") is not None or "note" in str(element.get("class")) or "ref" in str(element.get("class"))
    )
    return " [" if is_note else "^" if element.tag == "sup" else "_"


def _tidy(text: str) -> str:
    text = _MARKER.sub(r"\1", text)
    lines = (re.sub(r" +", " ", line).strip().removesuffix(" |") for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join("" if line == "|" else line for line in lines)).strip()
