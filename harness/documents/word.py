"""Word documents (.docx), by mammoth: insertions read and deletions not, content controls, notes, boxes, tables.

Two things that mammoth passes over are put where it reads: simple fields and formulas, and headers and footers (once,
before and behind the text). Comments are not read.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from harness.documents.archives import member, open_archive, optional_member
from harness.documents.dates import dated, iso_date
from harness.documents.html import html_text
from harness.documents.pages import is_page_number
from harness.documents.results import Content, first_heading
from harness.errors import MissingExtra

if TYPE_CHECKING:
    from lxml.etree import _Element as Element
else:
    Element = Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_STYLES = "\n".join(
    [f"p[style-name='{name}'] => h1:fresh" for name in ("Title", "Titel", "Titre", "Título")]
    + [f"p[style-name='heading {n}'] => h{min(n, 6)}:fresh" for n in range(1, 10)]
    + ["p[style-name='TOC Heading'] => p:fresh", "strike => s"]
)


def read_word(raw: bytes) -> Content:
    """The text of a Word document as people see it with all changes accepted."""
    try:
        import mammoth
    except ImportError:
        raise MissingExtra("mammoth", "documents") from None
    archive = open_archive(raw, "docx")
    main = _main_part(archive)
    document = _prepared(archive, main)
    html = mammoth.convert_to_html(
        io.BytesIO(_with_part(archive, main, document)),
        style_map=_STYLES,
        convert_image=mammoth.images.img_element(_no_image),
    ).value
    text = html_text(html)
    core = _properties(archive)
    title = core.get("title") or first_heading(text)
    meta = {"author": core["creator"]} if core.get("creator") else {}
    return Content(text, title, iso_date(core.get("modified") or core.get("created")) or dated(text), meta)


def _no_image(image: Any) -> dict[str, str]:
    """Nothing of a picture: its bytes would otherwise be decoded and written into the markup."""
    return {"src": ""}


def _main_part(archive: zipfile.ZipFile) -> str:
    """The name of the part that holds the document, which is nearly always the usual one."""
    from lxml import etree

    usual = "word/document.xml"
    if usual in archive.namelist():
        return usual
    types = etree.fromstring(member(archive, "[Content_Types].xml", "docx"), _parser())
    names = [
        str(row.get("PartName", "")).lstrip("/")
        for row in types.iter(f"{_TYPES}Override")
        if str(row.get("ContentType", "")).endswith("document.main+xml")
    ]
    return names[0] if names else usual


def _parser() -> Any:
    from lxml import etree

    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, recover=True)


def _prepared(archive: zipfile.ZipFile, main: str) -> bytes:
    """The document's XML with simple fields, formulas, headers and footers where mammoth reads them."""
    from lxml import etree

    root = etree.fromstring(member(archive, main, "docx"), _parser())
    body = root.find(f"{_W}body")
    if body is not None:
        tops, bottoms = _edges(archive, main, root)
        for at, block in enumerate(tops):
            body.insert(at, block)
        section = body.find(f"{_W}sectPr")
        at = len(body) if section is None else body.index(section)
        for further, block in enumerate(bottoms):
            body.insert(at + further, block)
    _unwrap(root)
    return bytes(etree.tostring(root))


def _unwrap(root: Element) -> None:
    """Simple fields as containers that are read through, formulas as words; hidden text, which nobody sees, away."""
    from lxml import etree

    for hidden in list(root.iter(f"{_W}vanish")):
        run = hidden.getparent().getparent()
        if hidden.get(f"{_W}val", "true") not in ("0", "false", "off") and run.tag == f"{_W}r":
            run.getparent().remove(run)
    for field in list(root.iter(f"{_W}fldSimple")):
        field.tag = f"{_W}smartTag"
    for formula in list(root.iter(f"{_M}oMath")):
        words = "".join(text.text or "" for text in formula.iter(f"{_M}t"))
        formula.clear(keep_tail=True)
        formula.tag = f"{_W}r"
        etree.SubElement(formula, f"{_W}t").text = f" {words} "
    for group in list(root.iter(f"{_M}oMathPara")):
        group.tag = f"{_W}smartTag"
        if (parent := group.getparent()) is not None and parent.tag == f"{_W}body":
            group.tag = f"{_W}p"


def _edges(archive: zipfile.ZipFile, main: str, root: Element) -> tuple[list[Element], list[Element]]:
    """The blocks of every header and footer that a section uses, each text once; page numbers alone are none."""
    from lxml import etree

    folder, _, name = main.rpartition("/")
    rels = optional_member(archive, f"{folder}/_rels/{name}.rels".lstrip("/"))
    targets = (
        {}
        if rels is None
        else {r.get("Id"): r.get("Target") for r in etree.fromstring(rels, _parser()).iter(f"{_RELS}Relationship")}
    )
    texts: set[str] = set()

    def blocks(kind: str) -> Iterator[Element]:
        for reference in root.iter(f"{_W}{kind}Reference"):
            target = str(targets.get(reference.get(f"{_R}id")) or "")
            data = optional_member(archive, target.lstrip("/") if target.startswith("/") else f"{folder}/{target}")
            for block in etree.fromstring(data, _parser()) if data else ():
                text = " ".join("".join(t.text or "" for t in block.iter(f"{_W}t")).split())
                if text and text not in texts and not is_page_number(text):
                    texts.add(text)
                    yield _without_links(block)

    return list(blocks("header")), list(blocks("footer"))


def _without_links(block: Element) -> Element:
    """A block of another part: its links and pictures point into that part's own relationships."""
    for link in list(block.iter(f"{_W}hyperlink")):
        link.tag = f"{_W}smartTag"
    for name in ("blip", "imagedata"):
        for picture in [e for e in block.iter() if isinstance(e.tag, str) and e.tag.endswith(f"}}{name}")]:
            if (parent := picture.getparent()) is not None:
                parent.remove(picture)
    return block


def _with_part(archive: zipfile.ZipFile, main: str, document: bytes) -> bytes:
    """The archive with another main part; pictures, which are not read, are left out of it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as copy:
        for info in archive.infolist():
            if info.filename == main:
                copy.writestr(main, document)
            elif (
                info.filename.endswith((".xml", ".rels"))
                and (data := optional_member(archive, info.filename)) is not None
            ):
                copy.writestr(info.filename, data)
            elif re.search(r"/media/", info.filename):
                copy.writestr(info.filename, b"")
    return buffer.getvalue()


def _properties(archive: zipfile.ZipFile) -> dict[str, str]:
    """Title, author and dates of the document's properties."""
    from lxml import etree

    data = optional_member(archive, "docProps/core.xml")
    if data is None:
        return {}
    root = etree.fromstring(data, _parser())
    rows = [] if root is None else [(e.tag, e.text) for e in root if isinstance(e.tag, str)]
    return {tag.rpartition("}")[2]: text.strip() for tag, text in rows if text and text.strip()}
