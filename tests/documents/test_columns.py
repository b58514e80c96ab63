"""Two columns of a PDF are put in order where that is sure; tables, one and three columns stay as they are written."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from harness.documents.pdf import read_pdf

LEFT = [
    "The weir is closed in winter when the river is",
    "high and the boats are kept in the shed behind",
    "the mill where they are dried and painted with",
    "care. Members may ask for a key at the office",
    "and return it on the same day before the gate",
    "is shut. Lost keys cost nine euros each and are",
    "replaced within a week by the warden.",
]
RIGHT = [
    "A canoe may be lent for three days to members",
    "who have paid their fee. Guests pay five euros",
    "a day and leave a deposit of twenty euros with",
    "the warden who gives it back when the canoe is",
    "returned clean. Paddles and vests are lent with",
    "the boat. In summer a second boat may be lent",
    "for the afternoon if any is left over.",
]
TITLE = (72, 740, "Rules of the boat house")
CELLS = [("Kayak, single", "7 euros"), ("Kayak, double", "12 euros"), ("Canoe", "9 euros"), ("Paddle", "1 euro"),
         ("Vest", "free"), ("Boat, large", "40 euros"), ("Boat, small", "22 euros")]  # fmt: skip
PROSE = [
    ("Lent to every member who has paid", "Three days, then the warden asks"),
    ("Lent to guests of the house alone", "One day, and never over a weekend"),
    ("Kept for the school of the village", "The whole summer, from May on"),
    ("Kept for the warden and his helpers", "Always, whatever the weather is"),
    ("Lent to other clubs of the lake", "A week, with a deposit of fifty euros"),
    ("Never lent to anybody at all", "Not at any time of the year"),
    ("Sold to members in the autumn", "From October on, first come first served"),
]
Text = tuple[float, float, str]  # x and y in points, the words


def pdf(texts: Sequence[Text], drawn: str = "") -> bytes:
    """A page with each text at its place, in this order, and lines drawn on it."""
    writer = PdfWriter()
    page = writer.add_blank_page(612, 792)
    font = DictionaryObject({
        NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
        NameObject("/BaseFont"): NameObject("/Helvetica"), NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
    })  # fmt: skip
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): writer._add_object(font)})}
    )
    stream = DecodedStreamObject()
    shown = " ".join(f"1 0 0 1 {x} {y} Tm ({words}) Tj" for x, y, words in texts)
    stream.set_data(f"{drawn} BT /F1 10 Tf {shown} ET".encode("latin-1"))
    page[NameObject("/Contents")] = writer._add_object(stream)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def side_by_side(left: Sequence[str], right: Sequence[str], top: float = 700, pitch: float = 14) -> list[Text]:
    """Both columns, written line by line."""
    pairs = enumerate(zip(left, right, strict=True))
    return [text for i, (a, b) in pairs for text in ((72, top - pitch * i, a), (320, top - pitch * i, b))]


def lines_of(raw: bytes) -> list[str]:
    return [line for line in read_pdf(raw).text.split("\n") if line.strip()]


def test_two_columns_written_line_by_line_are_read_one_below_the_other() -> None:
    raw = pdf([TITLE, *side_by_side(LEFT, RIGHT)])
    assert lines_of(raw) == [TITLE[2], *LEFT, *RIGHT]
    assert read_pdf(raw).remarks == ("page 1 of 1 in two columns, read one below the other",)


def test_lines_across_the_page_divide_the_columns_and_a_longer_column_ends_alone() -> None:
    across = "This line runs across the whole page and says what comes next for everybody who reads it at all."
    more = "and asks for nothing more."
    texts = [TITLE, *side_by_side(LEFT, RIGHT), (72, 602, more), (72, 574, across), *side_by_side(RIGHT, LEFT, 540)]
    assert lines_of(pdf(texts)) == [TITLE[2], *LEFT, more, *RIGHT, across, *RIGHT, *LEFT]


def test_columns_that_the_file_writes_one_after_the_other_need_nothing() -> None:
    left, right = side_by_side(LEFT, RIGHT)[::2], side_by_side(LEFT, RIGHT)[1::2]
    content = read_pdf(pdf([TITLE, *left, *right]))
    assert [line for line in content.text.split("\n") if line] == [TITLE[2], *LEFT, *RIGHT]
    assert content.remarks == ()


@pytest.mark.parametrize("cells", [CELLS, PROSE])
def test_a_table_is_read_row_by_row(cells: list[tuple[str, str]]) -> None:
    content = read_pdf(pdf([TITLE, *side_by_side([a for a, _ in cells], [b for _, b in cells])]))
    assert [line.split() for line in content.text.split("\n")[1:]] == [f"{a} {b}".split() for a, b in cells]
    assert content.remarks == ()


def test_one_column_stays() -> None:
    lines = [f"{a} and {b}" for a, b in zip(LEFT, RIGHT, strict=True)]
    content = read_pdf(pdf([TITLE, *((72.0, 700.0 - 14 * i, line) for i, line in enumerate(lines))]))
    assert content.text.split("\n") == [TITLE[2], *lines]
    assert content.remarks == ()


def rows_of_two_lines() -> list[Text]:
    """Cells of prose, two lines each, a gap between the rows."""
    return [
        text
        for row in range(3)
        for text in side_by_side(LEFT[2 * row : 2 * row + 2], RIGHT[2 * row : 2 * row + 2], 700 - 40 * row, 12)
    ] + side_by_side(LEFT[6:], RIGHT[6:], 580)


def rows_of_unequal_cells() -> list[Text]:
    return [
        text
        for i, (a, b) in enumerate(zip(LEFT * 2, RIGHT * 2, strict=True))
        for text in ([(72.0, 700.0 - 12 * i, a)] if i % 3 < 2 else []) + [(320.0, 700.0 - 12 * i, b)]
    ]


def three_columns() -> list[Text]:
    pairs = enumerate(zip(LEFT, RIGHT, strict=True))
    places = (40.0, 230.0, 420.0)
    return [
        (x, 700.0 - 14 * i, t) for i, (a, b) in pairs for x, t in zip(places, (a[:24], b[:24], a[24:]), strict=True)
    ]


@pytest.mark.parametrize("texts", [rows_of_two_lines(), rows_of_unequal_cells(), three_columns()])
def test_what_may_be_a_table_is_left_and_named(texts: list[Text]) -> None:
    content = read_pdf(pdf([TITLE, *texts]))
    assert content.remarks == (
        "page 1 of 1 perhaps in columns, read line by line: check, or export it as Word or text",
    )
    assert sorted(content.text.split()) == sorted(" ".join(words for _, _, words in (TITLE, *texts)).split())


def test_columns_between_drawn_lines_are_a_table() -> None:
    drawn = " ".join(f"72 {700 - 14 * i} m 540 {700 - 14 * i} l S" for i in range(8))
    content = read_pdf(pdf([TITLE, *side_by_side(LEFT, RIGHT)], drawn))
    assert "perhaps in columns" in content.remarks[0]
