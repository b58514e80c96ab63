"""Rating sheets: drawn by seed and outcome, blind, read back with one line for whatever is wrong with them."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.ratings.answer_sheet import QUESTIONS, SheetKey, SheetRequest, answer_sheet
from harness.ratings.draw import draw, shares
from harness.ratings.form import Sheet
from harness.ratings.labels import LabelFile, Rating, load_labels
from harness.ratings.read_back import find_key, keep_labels, read_ratings
from harness.ratings.table_file import MARK, sheet_csv
from harness.record.codec import to_json
from harness.record.files import StoredRun
from harness.report.sheet import render_sheet, write_sheet
from tests.make.rated import write_rated
from tests.make.runs import BUSY
from tests.make.world import SCRIPT

REQUEST = SheetRequest(per_arm=30, audit=8, seed=7)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    return write_rated(tmp_path_factory.mktemp("rated"))


@pytest.fixture(scope="module")
def made(run: StoredRun) -> tuple[Sheet, SheetKey]:
    return answer_sheet(run, BUSY.cases, REQUEST)


def filled(sheet: Sheet, folder: Path, **cells: str) -> Path:
    """The sheet as CSV, with these cells in every row where they are asked."""
    rows = list(csv.reader(io.StringIO(sheet_csv(sheet).removeprefix(MARK))))
    header = rows[0]
    for row in rows[1:]:
        for name, value in cells.items():
            place = header.index(name)
            row[place] = value if row[place] != "-" else "-"
    path = folder / f"{cells.get('rater', 'nobody')}.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    return path


# --- what is drawn ------------------------------------------------------------------------------------------------


def test_rare_outcomes_are_drawn_more_often_and_every_answer_has_a_chance() -> None:
    assert shares({"good": 180, "bad": 20}, 40) == {"good": 30, "bad": 10}
    assert shares({"good": 180, "bad": 2}, 40) == {"good": 38, "bad": 2}
    assert shares({"good": 10, "bad": 5}, 40) == {"good": 10, "bad": 5}


def test_arms_are_rated_on_the_same_cases_as_far_as_they_can() -> None:
    outcomes = {arm: {f"c{i}": "good" if i % 4 else "bad" for i in range(100)} for arm in ("a", "b")}
    rows = draw(outcomes, 30, 7)
    cases = {arm: {row.case for row in rows if row.arm == arm} for arm in outcomes}
    assert cases["a"] == cases["b"]
    assert len(cases["a"]) == 30
    assert cases["a"] != {row.case for row in draw(outcomes, 30, 8)}
    assert Counter(row.chance for row in rows if row.arm == "a") == {19 / 75: 19, 11 / 25: 11}


def test_the_key_names_every_arm_and_the_sheet_none(run: StoredRun, made: tuple[Sheet, SheetKey]) -> None:
    sheet, key = made
    assert {row.arm for row in key.answers} == set(BUSY.arms)
    assert all(count == 30 for count in Counter(row.arm for row in key.answers).values())
    header, *rows = list(csv.reader(io.StringIO(sheet_csv(sheet))))
    assert "arm" not in header
    words = {cell for row in rows for cell in row}
    assert not words & (set(BUSY.arms) | {run.folder.name})
    page = render_sheet(sheet)
    assert all(f"{arm}<" not in page and f'"{arm}"' not in page for arm in BUSY.arms if arm != "rag")
    assert "made-up" not in page


def test_the_same_answer_of_two_arms_is_one_item(made: tuple[Sheet, SheetKey]) -> None:
    sheet, key = made
    by_item = Counter(row.item for row in key.answers)
    assert len(sheet.items) == len(by_item) + len(key.golden)
    assert max(by_item.values()) > 1
    answers = {row.item: row.answer for row in key.answers}
    assert len(set(answers.values())) == len(answers)


def test_doubtful_golden_labels_lie_in_the_same_sheet(made: tuple[Sheet, SheetKey]) -> None:
    sheet, key = made
    assert len(key.golden) == 8
    asked = {item.id: item.questions for item in sheet.items}
    assert all(asked[entry.item] == ("golden", "note") for entry in key.golden)
    assert "every arm misses it" in {entry.why for entry in key.golden}


def test_the_same_seed_gives_the_same_sheet(run: StoredRun, made: tuple[Sheet, SheetKey]) -> None:
    again = answer_sheet(run, BUSY.cases, REQUEST)
    assert to_json(again) == to_json(made)


def test_hostile_text_is_text_and_no_formula(made: tuple[Sheet, SheetKey]) -> None:
    sheet, _ = made
    page = render_sheet(sheet)
    assert SCRIPT not in page
    assert "default-src &#39;none&#39;" in page
    assert "http" not in page.replace("http-equiv", "")
    cells = [cell for row in csv.reader(io.StringIO(sheet_csv(sheet).removeprefix(MARK))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@")) or (cell.startswith("-") and len(cell) > 1)]


def test_an_arm_that_is_not_there_is_named(run: StoredRun) -> None:
    with pytest.raises(InputError, match="no arm 'rga' in this run; its arms: baseline"):
        answer_sheet(run, BUSY.cases, SheetRequest(10, 0, 7, ("rga",)))


# --- what comes back ----------------------------------------------------------------------------------------------


def test_two_raters_come_back_as_labels_beside_the_scenario(
    run: StoredRun, made: tuple[Sheet, SheetKey], tmp_path: Path
) -> None:
    sheet, key = made
    write_sheet(sheet, tmp_path, "made-up", key)
    files = [
        filled(sheet, tmp_path, rater="ada", correct="yes", unsupported="0", golden="wrong", note="see page"),
        filled(sheet, tmp_path, rater="bo", correct="no", unsupported="1", golden="right"),
    ]
    labels = read_ratings(files, find_key(files, None))
    assert len(labels.ratings) == 2 * len(key.answers)
    assert {(r.rater, r.correct) for r in labels.ratings} == {("ada", True), ("bo", False)}
    assert {r.unsupported for r in labels.ratings if r.rater == "bo" and r.statements} == {1}
    assert all(r.unsupported is None for r in labels.ratings if not r.statements)
    path = keep_labels(tmp_path, labels)
    keep_labels(tmp_path, read_ratings(files[:1], key))  # ada again: nothing is lost, nothing counts twice
    kept = load_labels(tmp_path)
    assert path.parent.name == "labels"
    assert kept.raters == {"ada": len(key.answers), "bo": len(key.answers)}
    assert set(kept.chances) == {(row.arm, row.stratum) for row in key.answers}
    assert all(0 < chance <= 1 for chance in kept.chances.values())
    assert len(kept.golden) == 2 * len(key.golden)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"correct": "yes"}, r"csv: row \d+: no rater; fill in the column 'rater', or name one with --rater"),
        ({"rater": "ada", "correct": "maybe"}, "correct is 'maybe', expected yes, no or unsure"),
        ({"rater": "ada", "unsupported": "99"}, r"no statement 99; the answer has \d+, and 0 alone means none"),
        ({"rater": "ada", "unsupported": "first"}, "unsupported is 'first', expected numbers of statements, or 0"),
        ({"rater": "ada", "golden": "hm"}, "golden is 'hm', expected one of: right, wrong, unclear"),
        ({"rater": "ada"}, "nothing is filled in"),
    ],
)
def test_what_is_wrong_with_a_filled_sheet_is_one_line(
    made: tuple[Sheet, SheetKey], tmp_path: Path, cells: dict[str, str], words: str
) -> None:
    sheet, key = made
    with pytest.raises(InputError, match=words):
        read_ratings([filled(sheet, tmp_path, **cells)], key)


def test_a_sheet_without_its_key_says_where_keys_come_from(made: tuple[Sheet, SheetKey], tmp_path: Path) -> None:
    sheet, _ = made
    path = filled(sheet, tmp_path, rater="ada", correct="yes")
    with pytest.raises(InputError, match=f"no key of sheet {sheet.id} beside it; name its key with --key"):
        find_key([path], None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text[:90], "broken JSON (Input data was truncated)"),
        (lambda text: text.replace('"correct":true', '"correct":"yes"'), "Expected `bool | null`, got `str`"),
        (lambda text: text.replace('"unsupported":0', '"unsupported":7'), "has 7 of 1 statements unsupported"),
        (
            lambda text: text.replace('"stratum":"one"', '"stratum":"two"'),
            "outcome 'two', of which the file says that no",
        ),
    ],
)
def test_a_broken_file_of_labels_is_one_line_with_what_to_do(
    tmp_path: Path, change: Callable[[str], str], words: str
) -> None:
    rating = Rating("ada", "q1", "rag", "h", "one", True, 1, 0)
    file = keep_labels(tmp_path, LabelFile("5heet", "r", "2026-11-29", {"rag": {"one": 9}}, (rating,)))
    text = file.read_text(encoding="utf-8")
    whole = json.dumps(json.loads(text), separators=(",", ":"))
    file.write_text(change(whole), encoding="utf-8")
    with pytest.raises(InputError) as raised:
        load_labels(tmp_path)
    assert str(raised.value).startswith(f"{file}: ")
    assert words in str(raised.value)
    assert str(raised.value).endswith("read the filled sheet again (harness judge read), or take the file away")
    assert "\n" not in str(raised.value)


def test_a_broken_key_of_another_sheet_is_no_hindrance(made: tuple[Sheet, SheetKey], tmp_path: Path) -> None:
    sheet, key = made
    path = filled(sheet, tmp_path, rater="ada", correct="yes")
    (tmp_path / "a.key.json").write_text("{")
    with pytest.raises(InputError, match=r"a\.key\.json: broken JSON .*take the key that harness judge sheet wrote"):
        find_key([path], None)
    (tmp_path / "b.key.json").write_text(to_json(key), encoding="utf-8")
    assert find_key([path], None) == key


def test_a_semicolon_table_of_a_spreadsheet_is_read(made: tuple[Sheet, SheetKey], tmp_path: Path) -> None:
    sheet, key = made
    path = tmp_path / "excel.csv"
    item = next(item for item in sheet.items if "correct" in item.questions)
    path.write_text(f"\ufeffSheet;Item;Rater;Correct;Note\r\n{sheet.id};{item.id};Ada;no;\r\n", encoding="utf-8")
    labels = read_ratings([path], key)
    assert {r.correct for r in labels.ratings} == {False}


def test_the_columns_are_those_of_the_questions() -> None:
    assert [question.name for question in QUESTIONS] == [
        "correct", "unsupported", "tone", "complete", "criteria", "golden", "note",
    ]  # fmt: skip
    assert json.loads(to_json(QUESTIONS[0].choices)) == {"yes": "right", "no": "wrong", "unsure": "can't tell"}
