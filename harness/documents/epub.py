"""EPUB books: their chapters in reading order, each as HTML."""

from __future__ import annotations

import posixpath
from urllib.parse import unquote

from harness.documents.archives import member, open_archive, optional_member
from harness.documents.encoding import decode
from harness.documents.html import html_text
from harness.documents.results import Content, Unreadable

_CONTAINER = "META-INF/container.xml"
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"


def read_epub(raw: bytes) -> Content:
    """The text of a book. Unreadable: no EPUB, or its chapters are locked."""
    from lxml import etree

    archive = open_archive(raw, "epub")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    container = etree.fromstring(member(archive, _CONTAINER, "epub"), parser)
    paths = [str(row.get("full-path")) for row in container.iter("{*}rootfile")]
    if not paths:
        raise Unreadable("no epub: its container names no book; export it again")
    book = etree.fromstring(member(archive, paths[0], "epub"), parser)
    items = {row.get("id"): str(row.get("href")) for row in book.iter(f"{_OPF}item")}
    folder = posixpath.dirname(paths[0])
    names = [
        posixpath.normpath(posixpath.join(folder, unquote(items.get(row.get("idref"), ""))))
        for row in book.iter(f"{_OPF}itemref")
    ]
    chapters = [data for name in names if (data := optional_member(archive, name)) is not None]
    if not chapters or not all(b"<" in chapter[:2000] for chapter in chapters):
        raise Unreadable("a book whose chapters cannot be read (copy protection?); export it as text or PDF")
    text = "\n\n".join(part for chapter in chapters if (part := html_text(decode(chapter).text)))
    title = next((row.text for row in book.iter(f"{_DC}title") if row.text), None)
    missing = len(names) - len(chapters)
    return Content(text, title, remarks=(f"{missing} chapters are missing in it; export it again",) if missing else ())
