"""The furniture of a web page: what is not its text (navigation, banners, footers, fields of forms, scripts).

An element that holds a first-level heading, `<main>` or `<article>` is never furniture, whatever it is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.documents.results import words

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_UNSEEN = ("script", "style", "noscript", "template", "svg", "iframe", "head", "object", "canvas", "audio", "video")
_ROLES = frozenset(("navigation", "search", "contentinfo", "menu", "menubar"))
_FIELDS = ("input", "select", "textarea", "button", "datalist", "meter", "progress")
_KEEPS_BUTTON = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary", "legend"))
_CONTENT = frozenset(("article", "main", "section", "aside", "blockquote", "td", "li", "figure", "dd"))
_MENUS = words("nav navigation navbar navmenu menu menubar sidenav topnav breadcrumb breadcrumbs pagination pager")
_VENDORS = words("onetrust cookiebot osano cookieyes cookiebanner cookieconsent cookielaw truste didomi usercentrics")
_ASKING = frozenset(("cookie", "cookies", "consent", "gdpr", "ccpa"))
_BANNER = words("banner bar notice popup modal overlay dialog message prompt alert box wrapper container law consent")
_ASIDE = words("skip skiplink skipnav linenos linenodiv lineno headerlink")
_SIGNS = frozenset(("¶", "#", "§", "↑", "↩", "↩︎", "🔗"))  # links to the place itself
_LINKS = 0.7  # of the words of a menu are links


def drop_unseen(tree: HtmlElement) -> None:
    """Take out what nobody sees, the fields of forms, and links that are only a sign. The forms themselves stay."""
    from lxml import etree

    for element in list(tree.iter(*_UNSEEN, etree.Comment, etree.ProcessingInstruction)):
        _drop(element)
    for link in list(tree.iter("a")):
        if link.text_content().strip() in _SIGNS and str(link.get("href", "")).startswith("#"):
            _drop(link)
    _drop_fields(tree)


def drop_furniture(tree: HtmlElement) -> None:
    """Take out navigation, consent banners and the page's footer."""
    for element in list(_furniture(tree)):
        if element.find(".//h1") is None and element.find(".//main") is None and element.find(".//article") is None:
            _drop(element)


def _drop(element: HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _furniture(tree: HtmlElement) -> Iterator[HtmlElement]:
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in ("html", "body", "main", "article"):
            continue
        role = str(element.get("role", "")).lower()
        if element.tag == "nav" or role in _ROLES - {"contentinfo"}:
            yield element
        elif element.tag == "footer" or role == "contentinfo":
            if not any(above.tag in _CONTENT for above in element.iterancestors()):
                yield element
        elif _is_named_furniture(element):
            yield element


def _is_named_furniture(element: HtmlElement) -> bool:
    words = _words(f"{element.get('id', '')} {element.get('class', '')}")
    if (words & _ASIDE and len(element.text_content()) < 60) or words & {"linenos", "linenodiv"}:
        return True
    if words & _VENDORS or (words & _ASKING and words & _BANNER):
        return True
    return bool(words & _MENUS) and _link_share(element) >= _LINKS


def _words(names: str) -> set[str]:
    """The words of an id or class: `cookieBanner`, `cookie-banner` and `cookie_banner` are two."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", names)
    return set(re.split(r"[^a-z0-9]+", apart.lower())) | set(re.split(r"[^a-z0-9]+", names.lower())) - {""}


def _link_share(element: HtmlElement) -> float:
    whole = len("".join(element.text_content().split()))
    links = sum(len("".join(link.text_content().split())) for link in element.iter("a"))
    return links / whole if whole else 0.0


# --- forms --------------------------------------------------------------------------------------------------------


def _drop_fields(tree: HtmlElement) -> None:
    """Fields and their labels; a field that cannot be edited shows a value to read."""
    fields = [field for field in tree.iter(*_FIELDS) if not _keeps_button(field)]
    values = {field: _shown_value(field) for field in fields}
    dropped = {field for field, value in values.items() if not value and field.get("type") != "hidden"}
    ids = {field.get("id") for field in dropped if field.get("id")}
    labels = [label for label in tree.iter("label") if _belongs(label, dropped, ids)]
    for element in (*labels, *fields):
        value = values.get(element)
        if value:
            element.tail = f" {value} {element.tail or ''}"
        _drop(element)


def _keeps_button(field: HtmlElement) -> bool:
    """Whether a button is the heading of what it opens, as in a list of questions."""
    if field.tag != "button":
        return False
    opens = field.get("aria-expanded") is not None or field.get("aria-controls") is not None
    return opens or any(above.tag in _KEEPS_BUTTON for above in field.iterancestors())


def _shown_value(field: HtmlElement) -> str:
    fixed = field.get("readonly") is not None or field.get("disabled") is not None
    if not fixed or field.tag not in ("input", "textarea"):
        return ""
    if field.tag == "textarea":
        return str(field.text_content()).strip()
    return (
        str(field.get("value", "")).strip()
        if field.get("type", "text") in ("text", "number", "date", "email", "tel")
        else ""
    )


def _belongs(label: HtmlElement, dropped: set[HtmlElement], ids: set[str | None]) -> bool:
    """Whether a label is that of a field that is left out: by name, around it, or beside it."""
    if label.get("for") is not None and label.get("for") in ids:
        return True
    following, before = label.getnext(), label.getprevious()
    beside = [] if (label.tail or "").strip() else [following]
    beside += [before] if before is not None and before.get("type") in ("checkbox", "radio") else []
    return any(field in dropped for field in (*label.iter(*_FIELDS), *beside) if field is not None)
