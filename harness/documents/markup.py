"""Plain XML (.xml, .dita): the text between its tags, a paragraph an element; that its tags were not read is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from harness.documents.dates import dated
from harness.documents.encoding import decode
from harness.documents.results import Content, Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element as Element
else:
    Element = Any

_LABEL = re.compile(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)[\"']")
_TITLES = ("title", "name", "heading")  # tags whose text is the document's title
# Abbreviations that the file declares are put in; one that stands in another file leaves its name behind.
_ENTITIES: tuple[Literal["internal"] | bool, ...] = ("internal", False)


def read_markup(raw: bytes) -> Content:
    """The text of an XML file. Unreadable: it is none, or has no text between its tags."""
    from lxml import etree

    root, remarks = _root(raw)
    paragraphs = list(_paragraphs(root))
    if not paragraphs:
        raise Unreadable("XML without text between its tags (attributes are not read); export it as text")
    text = "\n\n".join(paragraphs)
    titles = (_text(e) for e in root.iter() if isinstance(e.tag, str) and etree.QName(e).localname in _TITLES)
    note = f"XML of '{etree.QName(root).localname}': its text was read, its tags and attributes were not"
    return Content(text, next((title for title in titles if title), None), dated(text), {}, (*remarks, note))


def _root(raw: bytes) -> tuple[Element, tuple[str, ...]]:
    """The outermost element, with the remarks of a file whose encoding the library does not know."""
    from lxml import etree

    reason = ""
    for entities in _ENTITIES:
        try:
            return etree.fromstring(raw, _parser(entities)), _elsewhere(entities)
        except etree.XMLSyntaxError as error:
            reason = str(error.msg)
    label = _LABEL.match(raw)  # one that the library does not know, a wrong one, or none
    decoded = decode(raw, label[1].decode() if label else None)
    text = decoded.text.partition("?>")[2] if label else decoded.text
    for entities in _ENTITIES:
        try:
            root = etree.fromstring(text.strip().encode(), _parser(entities))
            return root, (*decoded.remarks, *_elsewhere(entities))
        except etree.XMLSyntaxError as error:
            reason = str(error.msg)
    raise Unreadable(f"no XML ({reason}); is it complete? Export it again, or as text")


def _elsewhere(entities: Literal["internal"] | bool) -> tuple[str, ...]:
    return () if entities else ("what its entities name in other files was not read",)


def _parser(entities: Literal["internal"] | bool) -> Any:
    from lxml import etree

    return etree.XMLParser(resolve_entities=entities, no_network=True, remove_comments=True, remove_pis=True)


def _paragraphs(element: Element) -> Iterator[str]:
    """One paragraph for every element that has words of its own, its inner elements in their places."""
    own = [element.text, *(child.tail for child in element)]
    if any(text and text.strip() for text in own):
        yield _text(element)
        return
    for child in element:
        yield from _paragraphs(child)


def _text(element: Element) -> str:
    return " ".join("".join(str(text) for text in element.itertext()).split())
