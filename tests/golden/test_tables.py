"""Files of rows as people have them: separators, headers, blank rows, encodings, workbooks, JSON of every writer."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from harness.errors import InputError, MissingExtra
from harness.golden.importers.cells import listed_texts, structured
from harness.golden.importers.formats import import_data
from harness.golden.importers.tables import Source, read_table
from harness.golden.importers.workbooks import as_displayed

QUESTION, ANSWER = "When does the ferry leave?", "at noon"


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def rows(path: Path, **options: Any) -> list[dict[str, Any]]:
    return [dict(row) for _, row in read_table(Source(path, **options)).rows]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (f"question,answer\n{QUESTION},{ANSWER}\n", "','"),
        (f"question;answer\n{QUESTION};{ANSWER}\n", "';'"),
        (f"question\tanswer\n{QUESTION}\t{ANSWER}\n", "a tab"),
        (f"question|answer\n{QUESTION}|{ANSWER}\n", "'|'"),
        (f"sep=;\nquestion;answer\n{QUESTION};{ANSWER}\n", "';'"),
        (f"\n,\nQUESTION , Answer\n\n{QUESTION},{ANSWER}\n,\n", "','"),
        (f"\ufeffQuestion,Answer,\n{QUESTION},{ANSWER},\n", "','"),
        (f"Question,Answer\n{QUESTION},{ANSWER}\n".encode("utf-16"), "','"),
        (f'question;answer\r\n"{QUESTION}";{ANSWER}\r\n', "';'"),
    ],
)
def test_a_table_in_any_dress(tmp_path: Path, content: str | bytes, kind: str) -> None:
    table = read_table(Source(write(tmp_path / "t.csv", content)))
    assert [dict(row) for _, row in table.rows] == [{"question": QUESTION, "answer": ANSWER}]
    assert table.kind == f"CSV, separated by {kind}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("question,answer\nWhat is due?,7,50 euros\n", "row 1: 3 cells, the header has 2; quote the cell"),
        ('question,answer\n"He said "stop"",yes\n', "a quote within a quoted cell is written twice"),
        ('question,answer\nWhy?,"so\n', "row 1: unexpected end of data"),
        ("Answer,answer\na,b\n", "two columns 'answer'"),
        ("answer,answer\na,b\n", "two columns 'answer'"),
        ("question,answer\n", "no rows in it"),
        (b"question,answer\nWo?,Stra\xdfe\n", "not UTF-8 at byte"),
        (b"PK\x03\x04 and more", "this is a workbook or another zip archive"),
        (b"\xd0\xcf\x11\xe0 and more", r"an old Excel workbook \(.xls\)"),
        (b"%PDF-1.7", "this is a PDF"),
    ],
)
def test_what_is_no_table_is_said(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_table(Source(write(tmp_path / "t.csv", content)))


@pytest.mark.parametrize(
    "value",
    [
        [{"question": QUESTION, "answer": ANSWER}],
        {"data": [{"question": QUESTION, "answer": ANSWER}]},
        {"question": [QUESTION], "answer": [ANSWER]},
        {"question": {"0": QUESTION}, "answer": {"0": ANSWER}},
        {"columns": ["question", "answer"], "index": [0], "data": [[QUESTION, ANSWER]]},
        {"features": [], "rows": [{"row_idx": 0, "row": {"question": QUESTION, "answer": ANSWER}}]},
    ],
)
def test_json_of_every_writer(tmp_path: Path, value: Any) -> None:
    assert rows(write(tmp_path / "t.json", json.dumps(value))) == [{"question": QUESTION, "answer": ANSWER}]
    assert rows(write(tmp_path / "t.json.gz", gzip.compress(json.dumps(value).encode()))) == [
        {"question": QUESTION, "answer": ANSWER}
    ]


def test_a_cell_may_hold_many_pages(tmp_path: Path) -> None:
    pages = "page " * 40_000
    assert rows(write(tmp_path / "t.csv", f"question,context\nQ?,{pages}\n"))[0]["context"] == pages


def test_numbers_stay_as_they_are_written(tmp_path: Path) -> None:
    (row,) = rows(write(tmp_path / "t.json", '[{"question": "Price?", "answer": 3.10, "id": 7.0}]'))
    assert str(row["answer"]) == "3.10"
    table = 'question,answer\nPin?,"=""0042"""\nVersion?,1.10\n'
    assert [r["answer"] for r in rows(write(tmp_path / "t.csv", table))] == ["0042", "1.10"]


def test_json_and_jsonl_under_each_others_ending(tmp_path: Path) -> None:
    line = json.dumps({"question": QUESTION, "answer": ANSWER})
    assert len(rows(write(tmp_path / "t.json", f"{line}\n{line}\n"))) == 2
    assert len(rows(write(tmp_path / "t.jsonl", f"[{line},\n{line}]"))) == 2
    assert rows(write(tmp_path / "byid.json", json.dumps({"q7": {"question": QUESTION}})))[0]["id"] == "q7"
    with pytest.raises(InputError, match=r"t\.jsonl:2:2: not valid JSON"):
        rows(write(tmp_path / "t.jsonl", f"{line}\n{{\n"))


def test_a_parquet_file_keeps_lists_and_whole_numbers(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    table = pa.table({"question": [QUESTION, "Who?"], "answers": [["noon", "12"], []], "year": [1999, None]})
    pq.write_table(table, tmp_path / "t.parquet")
    assert rows(tmp_path / "t.parquet")[0] == {"question": QUESTION, "answers": ["noon", "12"], "year": 1999}
    with pytest.raises(InputError, match="Git LFS pointer"):
        rows(write(tmp_path / "lfs.parquet", "version https://git-lfs.github.com/spec/v1\n"))


def test_a_workbook_by_sheet_with_cells_as_shown(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed (extra 'documents')")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Golden"
    for line in ([None], ["Question", "Answer"], ["What is the rate?", 0.15], [None, None], ["How many?", 3.0]):
        sheet.append(line)
    sheet["B3"].number_format = "0%"
    book.create_sheet("Empty")
    book.save(tmp_path / "b.xlsx")
    cases = import_data("xlsx", Source(tmp_path / "b.xlsx")).cases
    assert [case.accept for case in cases] == [("15%",), ("3",)]
    assert cases[1].where.endswith("row 3")
    book["Empty"].append(["Question", "Answer"])
    book.save(tmp_path / "b.xlsx")
    with pytest.raises(InputError, match="2 sheets: Golden, Empty; name one with --sheet"):
        rows(tmp_path / "b.xlsx")
    assert len(rows(tmp_path / "b.xlsx", sheet="Golden")) == 2
    with pytest.raises(InputError, match="no sheet 'Gold'; its sheets: Golden, Empty"):
        rows(tmp_path / "b.xlsx", sheet="Gold")
    with pytest.raises(InputError, match="this is a workbook"):
        import_data("csv", Source(tmp_path / "b.xlsx"))


def test_without_openpyxl_the_install_line_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    import zipfile

    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtra, match="openpyxl is not installed"):
        rows(tmp_path / "b.xlsx")


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        (0.075, "0.0%", "7.5%"),
        (7.5, "General", "7.5"),
        (12.0, "0.00", "12.00"),
        (3.1, "#,##0.00", "3.10"),
        (7.456, "0.00", "7.456"),
        (True, "General", "TRUE"),
        ("x", "0%", "x"),
    ],
)
def test_numbers_of_a_sheet(value: Any, number_format: str, expected: str) -> None:
    assert as_displayed(value, number_format) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('["a", "b"]', ["a", "b"]),
        ("['it\\'s', 'b']", ["it's", "b"]),
        ("['first text'\n 'second text']", ["first text", "second text"]),  # numpy: no commas
        ("['a' \"b's\"]", ["a", "b's"]),
        ("[1, 2]", "[1, 2]"),
        ("[see page 4]", "[see page 4]"),
        ("[a link](page.md)", "[a link](page.md)"),
        (
            "{'text': array(['noon'], dtype=object), 'answer_start': array([3])}",
            {"text": ["noon"], "answer_start": [3]},
        ),
        ("{not an object}", "{not an object}"),
    ],
)
def test_lists_and_objects_in_a_cell(cell: str, expected: Any) -> None:
    assert structured(cell) == expected


def test_a_list_that_is_code_stays_text() -> None:
    assert listed_texts("[x for x in 'ab']") is None
    assert listed_texts("['open") is None
