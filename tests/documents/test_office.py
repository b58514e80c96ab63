"""Presentations, OpenDocument, rich text and XML: every word once, none that nobody sees, broken ones named."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.documents.corpus import load_documents
from harness.documents.markup import read_markup
from harness.documents.open_text import read_open_text
from harness.documents.results import Unreadable
from harness.documents.rich_text import read_rich_text
from harness.documents.slides import read_slides

# --- presentations ------------------------------------------------------------------------------------------------


def slides(*, hidden: bool = False, empty: bool = False) -> bytes:
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    deck = Presentation()
    if not empty:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = "Berths"
        frame = slide.placeholders[1].text_frame
        frame.text = "Open at six"
        item = frame.add_paragraph()
        item.text, item.level = "Sundays at eight", 1
        table = slide.shapes.add_table(2, 2, Inches(1), Inches(1), Inches(3), Inches(1)).table
        for (row, column), text in {(0, 0): "Boat", (0, 1): "Price", (1, 0): "Kayak", (1, 1): "7 | 8"}.items():
            table.cell(row, column).text = text
        slide.shapes.add_group_shape().shapes.add_textbox(0, 0, 9, 9).text_frame.text = "Weir closed"
        slide.notes_slide.notes_text_frame.text = "Say it twice"
        data = CategoryChartData()
        data.categories = ["May", "June"]
        data.add_series("Boats", (3, 4.5))
        slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(2), Inches(2), data)
    if hidden:
        other = deck.slides.add_slide(deck.slide_layouts[6])
        other._element.set("show", "0")
        other.shapes.add_textbox(0, 0, 9, 9).text_frame.text = "Nobody sees it"
    return saved(deck)


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_slides_with_tables_groups_charts_and_notes() -> None:
    content = read_slides(slides(hidden=True))
    parts = ["## Berths", "Open at six\n  - Sundays at eight", "Boat | Price\nKayak | 7 | 8", "Weir closed",
             "Boats: May: 3, June: 4.5", "Notes: Say it twice"]  # fmt: skip
    assert content.text == "\n\n".join(parts)
    assert content.title == "Berths"
    assert content.remarks == ("hidden slides not read: 2",)


def test_a_deck_without_words_is_named(tmp_path: Path) -> None:
    (tmp_path / "deck.pptx").write_bytes(slides(empty=True))
    (tmp_path / "page.md").write_text("# Page\n\nWords.")
    (skipped,) = load_documents(tmp_path).skipped
    assert skipped.reason == "no words in it; write it or take it out"


# --- OpenDocument -------------------------------------------------------------------------------------------------

DELETION = (
    '<text:tracked-changes><text:changed-region text:id="c1"><text:deletion><office:change-info/>'
    "<text:p>taken back</text:p></text:deletion></text:changed-region></text:tracked-changes>"
)
MORE = (
    '<text:p>Before<office:annotation><text:p>a comment</text:p></office:annotation> and after<text:note text:id="n1" '
    'text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body><text:p>A footnote</text:p>'
    '</text:note-body></text:note>.</text:p><text:section text:name="s"><text:p>In a section</text:p></text:section>'
)


def open_text() -> bytes:
    from odfdo import Document, Header, List, Paragraph, Table

    document = Document("text")
    document.body.clear()
    document.body.append(Header(1, "Berth rules"))
    document.body.append(Paragraph("Signs stay: 5 * 3_x_y # <b> a|b `c` *d* \\ and 1."))
    document.body.append(Paragraph("- a dash, # and 40 % stay"))
    table = Table("T", width=2, height=2)
    table.set_values([["Boat", "Price"], ["Kayak", 7]])
    document.body.append(table)
    document.body.append(List(["first", "second"]))
    raw = saved(document)
    return changed(raw, "content.xml", lambda xml: xml.replace("<office:text>", f"<office:text>{DELETION}", 1).replace(
        "</office:text>", f"{MORE}</office:text>", 1))  # fmt: skip


def changed(raw: bytes, name: str, change: Callable[[str], str]) -> bytes:
    """The archive with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as before, zipfile.ZipFile(out, "w") as after:
        for member in before.infolist():
            data = before.read(member.filename)
            after.writestr(member, change(data.decode()) if member.filename == name else data)
    return out.getvalue()


def test_open_text_keeps_signs_rows_lists_and_notes() -> None:
    content = read_open_text(open_text())
    for part in (
        "# Berth rules", "Signs stay: 5 * 3_x_y # <b> a|b `c` *d* \\ and 1.", "- a dash, # and 40 % stay",
        "Boat | Price\nKayak | 7", "- first\n- second", "Before and after", "A footnote", "In a section",
    ):  # fmt: skip
        assert content.text.count(part) == 1, (part, content.text)
    assert "taken back" not in content.text
    assert "a comment" not in content.text
    assert content.title == "Berth rules"


def test_an_open_text_with_a_password_is_named() -> None:
    locked = changed(
        open_text(),
        "META-INF/manifest.xml",
        lambda xml: xml.replace("</manifest:manifest>", "<manifest:encryption-data/></manifest:manifest>"),
    )
    with pytest.raises(Unreadable, match="needs a password"):
        read_open_text(locked)


# --- rich text ----------------------------------------------------------------------------------------------------

RICH = (
    rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\info{\title Tarif\'e9}{\creatim\yr2026\mo3\dy2}}{\header On top}"
    rb"\pard\b Fees\b0\par A canoe costs 5\'80, \u8364? 7.\par{\pict\pngblip 89504e47}\trowd\cellx1\cellx2\intbl "
    rb"Boat\cell Price\cell\row\trowd\intbl Kayak\cell 7\cell\row Before{\footnote At the \{foot\}} after"
    rb"{\*\annotation a comment}{\rtlch \deleted\revauthdel1 taken back}{\v unseen}{\field{\*\fldinst HYPERLINK \"http://x.org\"}"
    rb"{\fldrslt  a link}}.\par}"
)


def test_rich_text_in_its_code_page_with_notes_and_rows() -> None:
    content = read_rich_text(RICH)
    rows = ["On top", "Fees", "A canoe costs 5€, € 7.", "Boat | Price", "Kayak | 7", "Before", "At the {foot}"]
    assert [line.strip() for line in content.text.splitlines() if line.strip()] == [*rows, "after a link."]
    assert (content.title, content.timestamp, content.remarks) == ("Tarifé", "2026-03-02", ())


def test_hidden_text_that_is_switched_is_read_and_said() -> None:
    content = read_rich_text(rb"{\rtf1\ansi Open \v perhaps \v0 today\par}")
    assert "today" in content.text
    assert "deleted or hidden text is read" in content.remarks[0]


@pytest.mark.parametrize("raw", [b"plain words", RICH[:200]])
def test_what_is_no_whole_rich_text_is_named(raw: bytes) -> None:
    with pytest.raises(Unreadable, match="xport it again"):
        read_rich_text(raw)


# --- XML ----------------------------------------------------------------------------------------------------------


def test_xml_is_read_as_text_and_that_is_said() -> None:
    raw = (
        b'<?xml version="1.0" encoding="latin-1"?><topic id="x"><title>Fees</title><body><p>A <b>canoe</b> costs &lt; '
        b"5 &#8364; f\xfcr alle.</p><ul><li>one</li><li>two</li></ul><!-- not this --></body></topic>"
    )
    content = read_markup(raw)
    assert content.text == "Fees\n\nA canoe costs < 5 € für alle.\n\none\n\ntwo"
    assert content.title == "Fees"
    assert content.remarks[-1] == "XML of 'topic': its text was read, its tags and attributes were not"


def test_entities_are_those_of_the_file_alone(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("never read")
    declared = f'<!DOCTYPE t [<!ENTITY own "our word"><!ENTITY other SYSTEM "{secret.as_uri()}">]>'
    assert read_markup(f"{declared}<t>It is &own;.</t>".encode()).text == "It is our word."
    content = read_markup(f"{declared}<t>It is &other;.</t>".encode())
    assert "never read" not in content.text
    assert "what its entities name in other files was not read" in content.remarks


def test_xml_bombs_broken_xml_and_bare_attributes_are_named() -> None:
    bomb = '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)
    )
    for raw in (f"{bomb}]><l>&j;</l>", "<a>" * 5000 + "x" + "</a>" * 5000, "<a><b>x</a>", '<a b="c"/>', "no tag"):
        with pytest.raises(Unreadable):
            read_markup(raw.encode())


# --- all ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.pptx", "a.odt", "a.rtf", "a.xml"])
def test_one_bad_file_ends_nothing_and_is_named(tmp_path: Path, name: str) -> None:
    whole = {"a.pptx": slides(), "a.odt": open_text(), "a.rtf": RICH, "a.xml": b"<a><b>words</b></a>"}[name]
    (tmp_path / "page.md").write_text("# Page\n\nWords.")
    for raw in (whole[: len(whole) // 2], b"\x00\x01\x02" * 50, b"PK\x03\x04" + b"x" * 99):
        (tmp_path / name).write_bytes(raw)
        corpus = load_documents(tmp_path)
        assert [document.id for document in corpus.documents] == ["page.md"]
        assert [row.file for row in corpus.skipped] == [name]


@pytest.mark.parametrize(("name", "package"), [("a.pptx", "pptx"), ("a.odt", "odfdo"), ("a.rtf", "striprtf")])
def test_a_library_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    (tmp_path / name).write_bytes({"a.pptx": slides, "a.odt": open_text, "a.rtf": lambda: RICH}[name]())
    (tmp_path / "page.md").write_text("# Page\n\nWords.")
    monkeypatch.setitem(sys.modules, package, None)
    (skipped,) = load_documents(tmp_path).skipped
    assert "rag-or-tune-harness[documents]" in skipped.reason


@pytest.mark.parametrize("name", ["a.pptx", "a.odt"])
def test_an_archive_that_unpacks_without_end_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "page.md").write_text("# Page\n\nWords.")
    with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in ("content.xml", "ppt/presentation.xml"):
            with archive.open(part, "w", force_zip64=True) as stream:
                for _ in range(130):
                    stream.write(b"\0" * 1_000_000)
    (skipped,) = load_documents(tmp_path).skipped
    assert "zip bomb" in skipped.reason
