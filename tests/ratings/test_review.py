"""Golden cases reviewed by people: at the terminal and on a sheet; nobody's decision is lost, none is guessed."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from harness.cli.main import main
from harness.errors import InputError
from harness.golden.load import load_cases
from harness.golden.verified import by_people, share_by_people
from harness.ratings.review import (
    ReviewOutcome,
    apply_decisions,
    read_decisions,
    rejected_cases,
    review_sheet,
    to_review,
)
from harness.ratings.table_file import MARK, sheet_csv
from harness.report.sheet import render_sheet

ROWS = (
    {"id": "a", "question": "How long?", "accept": ["30 days"], "split": "test", "verified_by": "machine: a script"},
    {"id": "b", "question": "How much?", "accept": ["12 euros"], "key_points": ["12 euros"], "source": "p.md"},
    {"id": "c", "question": "Who owns it?", "kind": "unanswerable", "source": "p.md"},
)


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    path = tmp_path / "golden.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return path


def filled(golden: Path, decisions: dict[str, dict[str, str]]) -> Path:
    """The sheet of a golden set with these cells, as a spreadsheet saves it."""
    sheet, _ = review_sheet(load_cases(golden), golden.name)
    header, *rows = csv.reader(io.StringIO(sheet_csv(sheet).removeprefix(MARK)))
    for row in rows:
        for name, value in decisions.get(row[header.index("item")], {}).items():
            row[header.index(name)] = value
    path = golden.with_name("filled.csv")
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


def review(golden: Path, decisions: dict[str, dict[str, str]], who: str | None = "Ada") -> ReviewOutcome:
    cases = load_cases(golden)
    key = review_sheet(cases, golden.name)[1]
    return apply_decisions(golden, read_decisions([filled(golden, decisions)], key, cases, who).taken)


def test_decisions_of_a_sheet_stand_in_the_golden_set(golden: Path) -> None:
    outcome = review(
        golden,
        {
            "a": {"decision": "accept"},
            "b": {"decision": "mend", "new_accept": "12 euros\n€12", "note": "the sign too"},
            "c": {"decision": "reject", "note": "page 3 says it", "rater": "Bo"},
        },
    )
    assert (outcome.accepted, outcome.mended, outcome.rejected, outcome.open, outcome.of) == (1, 1, 1, 0, 2)
    a, b = load_cases(golden)
    assert a.verified_by is not None
    assert a.verified_by.startswith("person: Ada, 20")
    assert a.verified_by.endswith(", accepted")
    assert b.accept == ("12 euros", "€12")
    assert by_people(b.verified_by)
    gone = json.loads((golden.parent / "golden.rejected.jsonl").read_text(encoding="utf-8"))
    assert gone["id"] == "c"
    assert gone["reason"] == "page 3 says it"
    assert gone["rejected_by"].startswith("person: Bo")
    assert rejected_cases(golden) == 1
    assert to_review(load_cases(golden)) == []


def test_a_case_that_nobody_decided_on_stays_as_it_is(golden: Path) -> None:
    before = golden.read_text(encoding="utf-8").splitlines()
    outcome = review(golden, {"b": {"decision": "accept"}})
    after = golden.read_text(encoding="utf-8").splitlines()
    assert [json.loads(after[i]) for i in (0, 2)] == [json.loads(before[i]) for i in (0, 2)]
    assert (outcome.open, outcome.of) == (2, 3)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"decision": "fine"}, "decision is 'fine', expected accept, mend or reject"),
        ({"decision": "accept", "new_accept": "31 days"}, "accept changed, and the decision is accept; write mend"),
        ({"decision": "mend"}, "the decision is mend, and nothing is changed"),
    ],
)
def test_what_is_wrong_with_a_decision_is_one_line(golden: Path, cells: dict[str, str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        review(golden, {"a": cells})


def test_nobody_verifies_anything(golden: Path) -> None:
    with pytest.raises(InputError, match="no rater"):
        review(golden, {"a": {"decision": "accept"}}, who=None)


def test_a_case_that_was_edited_since_is_reviewed_again(golden: Path) -> None:
    cases = load_cases(golden)
    key = review_sheet(cases, golden.name)[1]
    alone = filled(golden, {"a": {"decision": "accept"}}).rename(golden.with_name("alone.csv"))
    both = filled(golden, {"a": {"decision": "accept"}, "b": {"decision": "accept"}})
    golden.write_text(golden.read_text().replace("30 days", "40 days"), encoding="utf-8")
    back = read_decisions([both], key, load_cases(golden), "Ada")
    assert ([decision.case for decision in back.taken], back.changed) == (["b"], ("a",)), "the others are taken"
    with pytest.raises(InputError, match="every case was edited since: a; review them again"):
        read_decisions([alone], key, load_cases(golden), "Ada")


def test_the_page_shows_the_quotes_and_is_filled_with_what_stands(golden: Path) -> None:
    page = render_sheet(review_sheet(load_cases(golden), golden.name)[0])
    assert "12 euros</textarea>" in page
    assert "Is this case right as it stands?" in page


def test_at_the_terminal_each_decision_is_written_at_once(
    golden: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = "x\na\nm\n\n12 euros | 12 EUR\n\nboth ways\nq\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
    with pytest.raises(SystemExit) as left:
        main(["golden", "review", str(golden), "--by", "Ada"])
    assert left.value.code == 0
    assert "1 accepted, 1 mended, 0 rejected; 1 of 3 cases wait for a person" in capsys.readouterr().out
    a, b, c = load_cases(golden)
    assert by_people(a.verified_by)
    assert b.accept == ("12 euros", "12 EUR")
    assert c.verified_by is None


def test_a_sheet_goes_out_and_comes_back_by_commands(golden: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = golden.parent / "out"
    with pytest.raises(SystemExit):
        main(["golden", "review", str(golden), "--sheet", str(out)])
    assert "3 cases: " in capsys.readouterr().out
    path = filled(golden, {"a": {"decision": "accept"}})
    path = path.rename(out / "filled.csv")
    with pytest.raises(SystemExit) as left:
        main(["golden", "review", str(golden), "--read", str(path), "--by", "Ada", "--json"])
    assert left.value.code == 0
    assert json.loads(capsys.readouterr().out) == {
        "accepted": 1, "mended": 0, "rejected": 0, "open": 2, "of": 3, "changed": []
    }  # fmt: skip


def test_the_share_that_people_verified() -> None:
    assert share_by_people({"machine: x": 30, "person: Ada, 2026-11-29, accepted": 8, "Human reader": 2}, 40) == (
        10,
        0.25,
    )
    assert not by_people(None)
