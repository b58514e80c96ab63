"""Marks of readers in the page of a run: kept as labels, shown first in the review, asked about on the next sheet."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from harness.cli.main import main
from harness.golden.load import load_cases
from harness.ratings.answer_sheet import SheetRequest, answer_sheet
from harness.ratings.audit import READER
from harness.ratings.labels import load_labels
from harness.ratings.page_marks import page_key, remarks, run_of_page
from harness.ratings.review import shown_hash, to_review
from harness.record.files import StoredRun
from tests.make.rated import write_rated
from tests.make.runs import BUSY

COLUMNS = ("sheet", "item", "rater", "correct", "golden", "decision", "new_accept", "note", "case_hash")
TESTED = [case for case in BUSY.cases if case.split == "test" and case.accept]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StoredRun:
    monkeypatch.setenv("HARNESS_REPORTS", str(tmp_path / "reports"))
    return write_rated(tmp_path)


def saved(run: StoredRun, *rows: dict[str, str]) -> Path:
    """The file as the page's script writes it."""
    path = run.folder.parent.parent / "marks.labels.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as stream:
        writer = csv.DictWriter(stream, COLUMNS, restval="", quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows({"sheet": f"page-{run.folder.name}", "rater": "Ada", **row} for row in rows)
    return path


def command(*words: str) -> int:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as left:
        main(list(words))
    return int(left.value.code or 0)


def wrong_answer(run: StoredRun) -> tuple[str, str]:
    """(case, arm) of an answer that was scored wrong though every statement stands in a passage, or any wrong one."""
    ids = {case.id for case in TESTED}
    score = next(s for s in run.scores if s.metric == "correct" and s.value == 0.0 and s.case_id in ids)
    return score.case_id, score.arm


def test_the_key_of_a_page_knows_every_answer_and_label(run: StoredRun) -> None:
    key = page_key(run, BUSY.cases)
    answered = {(t.case_id, t.arm) for t in run.traces if t.answer is not None and not t.probe}
    assert {(row.case, row.arm) for row in key.answers} == answered
    assert {row.case for row in key.golden} == {case.id for case in BUSY.cases}
    assert run_of_page(key.sheet) == run.folder.name
    assert run_of_page("3f2a91c0") is None
    assert not key.drawn


def test_marks_are_labels_that_correct_no_figure(run: StoredRun, capsys: pytest.CaptureFixture[str]) -> None:
    case, arm = wrong_answer(run)
    others = [one.id for one in TESTED if one.id != case][:40]
    rows = [{"item": f"{one} / rag", "correct": "yes"} for one in others]
    path = saved(run, *rows, {"item": f"{case} / {arm}", "correct": "yes", "note": "the same in other words"})
    assert command("judge", "read", str(path)) == 0
    assert "correct no figure" in capsys.readouterr().out
    labels = load_labels(Path(run.record.scenario.dir))
    assert labels.ratings == ()
    assert labels.raters == {}
    assert len(labels.marks) == 41
    assert remarks(labels)[case] == (f"Ada: the answer of {arm} is right (the same in other words)",)


def test_the_review_shows_what_was_said_first_and_the_next_sheet_asks(run: StoredRun) -> None:
    case, arm = wrong_answer(run)
    other = next(one.id for one in reversed(TESTED) if one.id != case)
    path = saved(run, {"item": f"{case} / {arm}", "correct": "yes"}, {"item": other, "golden": "wrong", "note": "old"})
    assert command("judge", "read", str(path)) == 0
    labels = load_labels(Path(run.record.scenario.dir))
    said = remarks(labels)
    assert {one.id for one in to_review(BUSY.cases, remarks=said)[:2]} == {case, other}
    _, key = answer_sheet(run, BUSY.cases, SheetRequest(10, 2, 7), labels)
    assert {entry.case for entry in key.golden if entry.why == READER} & {case, other}


def test_the_review_takes_what_readers_said_of_accepted_answers(
    run: StoredRun, capsys: pytest.CaptureFixture[str]
) -> None:
    right, mended, left = (case.id for case in TESTED[:3])
    path = saved(
        run,
        {"item": right, "golden": "right", "decision": "accept"},
        {"item": mended, "golden": "wrong", "decision": "mend", "new_accept": "31 days\n31", "note": "new rules"},
        {"item": left, "golden": "wrong"},
        {"item": f"{right} / rag", "correct": "no"},
    )
    scenario = run.record.scenario.dir
    assert command("golden", "review", scenario, "--read", str(path), "--json") == 0
    outcome = json.loads(capsys.readouterr().out)
    assert (outcome["accepted"], outcome["mended"], outcome["rejected"]) == (1, 1, 0)
    cases = {case.id: case for case in load_cases(Path(scenario) / "golden.jsonl", answers_required=False)}
    assert cases[mended].accept == ("31 days", "31")
    assert str(cases[right].verified_by).startswith("person: Ada")
    before = {case.id: case for case in BUSY.cases}
    assert cases[left].accept == before[left].accept
    assert command("golden", "review", scenario, "--read", str(path)) == 2, "the set has changed since the run"
    assert "changed since" in capsys.readouterr().err


def test_marks_of_cases_that_changed_since_are_named_and_the_others_taken(
    run: StoredRun, capsys: pytest.CaptureFixture[str]
) -> None:
    edited, same, gone = TESTED[:3]
    marks = [
        {"item": case.id, "golden": "right", "decision": "accept", "case_hash": shown_hash(case)}
        for case in (edited, same, gone)
    ]
    path, golden = saved(run, *marks), Path(run.record.scenario.dir) / "golden.jsonl"
    rows = [json.loads(line) for line in golden.read_text(encoding="utf-8").splitlines()]
    rows = [{**row, "question": "Another?"} if row["id"] == edited.id else row for row in rows if row["id"] != gone.id]
    golden.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    scenario = run.record.scenario.dir
    assert command("golden", "review", scenario, "--read", str(path)) == 0
    said = capsys.readouterr().out
    assert "1 accepted, 0 mended, 0 rejected" in said
    assert f"after it was reviewed: {edited.id}, {gone.id}; review again" in said
    verified = {case.id: case.verified_by for case in load_cases(golden, answers_required=False)}
    assert str(verified[same.id]).startswith("person: Ada")
    assert not str(verified[edited.id]).startswith("person: Ada")


def test_a_row_of_no_answer_is_refused(run: StoredRun, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(run, {"item": "nothing / rag", "correct": "yes"})
    assert command("judge", "read", str(path)) == 2
    assert "no item 'nothing / rag'" in capsys.readouterr().err
