"""Drills: what they do to passages, questions and facts, and a real run that makes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.cli import _guarded
from harness.drills.changes import change_facts, shipped_changes, value_swap
from harness.drills.perturb import DRILLS, MARKER, Found, gold_hits
from harness.drills.rewording import reworded
from harness.errors import InputError
from harness.types import Case, Evidence, Hit, Passage
from tests.make.small import SETTINGS, write_small

FEE = "The Reed plan costs 19 euros a month."
CASE = Case("q1", "What does Reed cost?", ("19 euros",), evidence=(Evidence("reed.md", FEE),), source="reed.md")


def passage(name: str, text: str, doc: str = "other.md") -> Hit:
    return Hit(Passage(name, doc, doc, text), 1.0)


RIGHT = passage("r", FEE, "reed.md")
IDLE = tuple(passage(f"i{n}", f"Page {n} is about bells.") for n in range(8))
LUCKY = passage("l", "Another plan also costs 19 euros.")
FOUND = Found((IDLE[0], RIGHT, IDLE[1]), (LUCKY, *IDLE[2:]), (RIGHT,))


def perturbed(name: str, found: Found = FOUND, case: Case = CASE) -> tuple[Hit, ...] | None:
    how = DRILLS[name].passages
    assert how is not None
    return how(case, found, 7)


def test_distractors_stand_around_the_passages_and_never_answer() -> None:
    hits = perturbed("distractors")
    assert hits is not None
    assert len(hits) == 6
    assert hits[2:5] == FOUND.shown
    assert LUCKY not in hits
    assert perturbed("distractors", replace(FOUND, deeper=(LUCKY,))) is None


def test_shuffling_keeps_the_passages_and_changes_their_order_the_same_way_every_time() -> None:
    hits = perturbed("shuffled")
    assert hits is not None
    assert hits != FOUND.shown
    assert sorted(h.passage.id for h in hits) == sorted(h.passage.id for h in FOUND.shown)
    assert hits == perturbed("shuffled")
    assert perturbed("shuffled", replace(FOUND, shown=(RIGHT,))) is None


def test_without_its_evidence_nothing_answers_and_as_many_passages_are_shown() -> None:
    hits = perturbed("oracle_removed")
    assert hits == (IDLE[0], IDLE[1], IDLE[2])
    assert perturbed("oracle_removed", replace(FOUND, shown=IDLE[:3])) is None


def test_the_hidden_order_stands_in_a_passage_that_does_not_answer() -> None:
    hits = perturbed("injected")
    assert hits is not None
    assert MARKER in hits[0].passage.text
    assert hits[1:] == FOUND.shown[1:]
    alone = perturbed("injected", replace(FOUND, shown=(RIGHT,)))
    assert alone is not None
    assert MARKER in alone[0].passage.text


def test_golden_passages_are_those_that_carry_the_evidence_each_item_first() -> None:
    two = replace(CASE, evidence=(Evidence("reed.md", FEE), Evidence("heron.md")))
    heron = [passage(f"h{n}", "Heron", "heron.md") for n in range(2)]
    pages = [IDLE[0].passage, heron[0].passage, heron[1].passage, RIGHT.passage]
    assert [hit.passage.id for hit in gold_hits(two, pages)] == ["r", "h0", "h1"]
    assert perturbed("gold", replace(FOUND, gold=())) is None


# --- other words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "holds"),
    [
        ("How much does the Reed plan cost?", "what does the Reed plan cost in money?"),
        ("How many hubs need a key?", "hat number of hubs require a key?"),
        ("UP-9012 has not moved for a week.", "UP-9012 has not moved for a week."),
        ("Who owns Amber?", "hich person or group owns Amber?"),
    ],
)
def test_a_rewording_asks_the_same_in_another_string(question: str, holds: str) -> None:
    said = reworded(question, "q1")
    assert holds.lower() in said.lower()
    assert said != question
    assert said == reworded(question, "q1")


# --- facts that change --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "kept"),
    [("19 euros", r"\d\d"), ("41,000 books", r"\d\d,000"), ("2021", r"20\d\d"), ("6:30 pm", r"\d{1,2}"),
     ("the 3rd of each month", r"\d+(st|nd|rd|th)"), ("0555 7130", r"0\d\d\d"), ("1.2 m", r"\d\.\d")],
)  # fmt: skip
def test_a_number_becomes_another_of_its_kind(value: str, kept: str) -> None:
    import re

    swap = value_swap(value, f"It is {value}.", (), False, "k")
    assert swap is not None
    assert swap[0] in value
    assert swap[0] != swap[1]
    assert re.fullmatch(kept, swap[1])


def test_days_months_and_people_become_others_and_words_are_left_alone() -> None:
    day = value_swap("on Tuesdays", "Open on Tuesdays.", (), False, "k")
    month = value_swap("30 September", "Until 30 September.", (), False, "k")
    person = value_swap("Ilsa Torvane", "The mayor is Ilsa Torvane.", ("Ilsa Torvane", "Odo Haskell"), True, "k")
    assert day is not None
    assert day[0] == "Tuesday"
    assert day[1].endswith("day")
    assert month is not None
    assert month[0] == "September"
    assert person == ("Ilsa Torvane", "Odo Haskell")
    assert value_swap("yellow", "The frame is yellow.", (), False, "k") is None


def test_facts_change_in_the_text_with_their_answers_and_nothing_else(tmp_path: Path) -> None:
    text = "# Reed\n\nThe Reed plan costs 19 euros\na month. The fine is 190 euros. The frame is yellow.\n"
    (tmp_path / "reed.md").write_text(text)
    price = replace(CASE, accept=("19 euros", "nineteen euros", "€19"))
    colour = Case("q2", "Which colour?", ("yellow",), evidence=(Evidence("reed.md", "The frame is yellow."),))
    two = Case("q3", "Both?", ("19 euros", "190 euros"), evidence=(Evidence("reed.md", FEE),))
    found = change_facts([price, colour, two], tmp_path, 9, 7, {})
    (change,) = found.changes
    assert found.texts["reed.md"] == text.replace("19 euros\na", f"{change.new} euros\na")
    assert change.case.accept == (f"{change.new} euros", f"€{change.new}")
    assert change.was == ("19 euros", "€19")
    assert change.case.evidence[0].quote == FEE.replace("19", change.new)
    assert sum(found.skipped.values()) == 2
    assert (tmp_path / "reed.md").read_text() == text


def test_shipped_replacements_come_first_and_a_broken_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "reed.md").write_text("The frame is yellow.")
    colour = Case("q2", "Which colour?", ("yellow",), evidence=(Evidence("reed.md", "The frame is yellow."),))
    file = tmp_path / "changes.jsonl"
    file.write_text('{"id": "q2", "old": "yellow", "new": "grey"}\n{"id": "other", "old": "a", "new": "b"}\n')
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (tmp_path / "reed.md").rename(corpus / "reed.md")
    found = change_facts([colour], corpus, 9, 7, shipped_changes(file, [colour]))
    assert found.texts == {"reed.md": "The frame is grey."}
    file.write_text('{"id": "q2", "old": "yellow"}\n')
    with pytest.raises(InputError, match=r"changes.jsonl:1: expected id, old and new"):
        shipped_changes(file, [colour])


# --- a real run ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A run without drills, then the same with them, an arm with the golden passages among them."""
    folder = tmp_path_factory.mktemp("drills")
    write_small(folder / "scenarios" / "plans")
    arms = SETTINGS.replace("[baseline, rag, rag+few-shot, tune, hybrid]", "[rag, tune, oracle]")
    changed = arms.replace("tasks: items, limit: 8", "tasks: none") + "candidate: tune\ndrills: {cases: 4}\n"
    (folder / "scenarios/plans/scenario.yaml").write_text(changed)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HARNESS_CACHE", raising=False)
        patch.delenv("HARNESS_REPORTS", raising=False)
        patch.chdir(folder)
        assert _guarded(["run", "plans", "--workers", "1"]) == 0
        assert _guarded(["run", "plans", "--workers", "1", "--drills"]) == 0
        assert _guarded(["run", "plans", "--workers", "1", "--try-fix", "unsupported_despite_evidence"]) == 0
        yield folder


def record_of(home: Path, kind: str) -> dict[str, Any]:
    """The record of the run with `drills`, or with `fixes`."""
    found = [json.loads(path.read_text()) for path in (home / "reports").glob("*/record.json")]
    return next(record for record in found if kind in record)


def test_drills_add_their_stages_and_redo_no_other(home: Path) -> None:
    stages = {f"{row['name']} {row['arm'] or ''}".strip(): row["cached"] for row in record_of(home, "drills")["stages"]}
    new = {"perturb", "refresh", "drill rag", "drill tune", "measure"}
    assert {label for label, cached in stages.items() if not cached} == new
    assert "drill oracle" not in stages


def test_every_arm_is_asked_what_changes_what_it_sees(home: Path) -> None:
    record = record_of(home, "drills")
    asked = {drill["name"]: set(drill["arms"]) for drill in record["drills"]}
    assert asked["paraphrased"] == {"rag", "tune"}
    assert all(asked[name] == {"rag"} for name in ("distractors", "shuffled", "oracle_removed", "injected", "gold"))
    assert all(drill["cases"] <= 4 for drill in record["drills"])
    assert record["drills"][0]["arms"]["rag"]["change"]["low"] is not None


def test_the_index_is_refreshed_in_a_copy_and_retuning_is_timed(home: Path) -> None:
    record = record_of(home, "drills")
    fresh = record["freshness"]
    assert fresh["facts"] == 4
    assert 0 < fresh["embedded"] <= record["corpus"]["passages"]
    assert fresh["arms"]["rag"]["update_seconds"] > 0
    assert fresh["arms"]["rag"]["retune_seconds"] is None
    assert fresh["arms"]["tune"]["retune_seconds"] > 0
    assert fresh["arms"]["tune"]["update_seconds"] is None
    changed = next((home / ".cache").rglob("refresh/*/asked.jsonl"))
    shown = [json.loads(line) for line in changed.read_text().splitlines()]
    assert all(any(row["case"]["accept"][0] in h["passage"]["text"] for h in row["hits"]) for row in shown)
    assert "12 euros" in (home / "scenarios/plans/corpus/amber.md").read_text()


def test_the_oracle_is_given_its_evidence_and_never_shipped(home: Path) -> None:
    from harness.record.files import load_run

    run = load_run(next(path.parent for path in (home / "reports").glob("*/record.json")))
    shown = {t.case_id: t.answer.hits for t in run.traces if t.arm == "oracle" and t.answer and not t.probe}
    assert [h.passage.doc for h in shown["c10"]] == ["birch.md"]
    assert shown["c9"]  # unanswerable: it keeps what was retrieved
    assert "oracle" not in run.record["latency"]
    assert run.record["verdict"]["ship"] != "oracle"


def test_the_report_shows_the_drills(home: Path) -> None:
    pages = [path.read_text() for path in (home / "reports").glob("*/report.html")]
    page = next(page for page in pages if "Facts replaced, index refreshed" in page)
    for drill in DRILLS.values():
        assert drill.title in page
    assert "4 facts replaced in" in page


def test_a_fix_is_one_more_arm_that_changes_no_other_and_is_never_shipped(home: Path) -> None:
    plain, tried = record_of(home, "drills"), record_of(home, "fixes")
    assert [arm["name"] for arm in tried["arms"]] == ["rag", "tune", "oracle", "rag+fix"]
    assert all(tried["metrics"][arm] == plain["metrics"][arm] for arm in ("rag", "tune", "oracle"))
    assert tried["differences"] == plain["differences"]
    (fix,) = tried["fixes"]
    assert fix["change"] == {"retrieval.top_k": 1}
    assert fix["setting"] == "retrieval.top_k: 2 → 1"
    assert {d["metric"] for d in fix["differences"]["test"]} >= {"task_success", "recall@k"}
    assert "rag+fix against rag" in fix["says"]
    told = [row for row in tried["diagnosis"] if row["mode"] == fix["mode"]]
    assert not told or told[0]["tried"] == fix["says"]
    assert tried["verdict"]["ship"] != "rag+fix"
    assert tried["changed"]["run"].startswith("plans-")
    assert "good answer" in tried["flips"]["schema"]
    page = next(p.read_text() for p in (home / "reports").glob("*/report.html") if "Tried: " in p.read_text())
    assert "What the fix changed" in page


@pytest.mark.parametrize(
    ("name", "message"),
    [("retrieval_mises", "did you mean 'retrieval_misses'?"), ("order_sensitivity", "no setting does this")],
)
def test_a_fix_that_there_is_not_is_told_before_anything_runs(
    home: Path, name: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _guarded(["run", "plans", "--try-fix", name]) == 2
    assert message in capsys.readouterr().err


def test_the_oracle_is_no_candidate(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "scenarios/plans/scenario.yaml"
    text = file.read_text()
    file.write_text(text.replace("candidate: tune", "candidate: oracle"))
    try:
        assert _guarded(["run", "plans"]) == 2
    finally:
        file.write_text(text)
    assert "given the golden passages" in capsys.readouterr().err


def test_scoring_a_run_with_a_tried_fix_again_keeps_its_figures(home: Path) -> None:
    before = record_of(home, "fixes")
    assert _guarded(["score", before["run_id"]]) == 0
    after = record_of(home, "fixes")
    assert after["metrics"] == before["metrics"]
    assert after["differences"] == before["differences"]
    assert after["fixes"] == before["fixes"]
