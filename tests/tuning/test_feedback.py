"""Logs with thumbs, edited answers, answers after critique; the temporal slice and the balance of what they give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.errors import InputError
from harness.golden.importers.tables import Source, read_table
from harness.golden.load import load_cases, load_examples
from harness.golden.remarks import remark_lines
from harness.scenario.settings import AnswerFormat
from harness.tuning.balance import at_most, balance, intent_of
from harness.tuning.importers import ImportedExamples, import_examples
from harness.tuning.preferences import preferences_in
from harness.types import Example
from tests.make.command import command

Q = "How long is a tent lent?"


def read(name: str, folder: Path, rows: list[dict[str, Any]]) -> ImportedExamples:
    file = folder / "log.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    return import_examples(name, read_table(Source(file)))


def answers(imported: ImportedExamples) -> list[tuple[object, object]]:
    return [(example.output, example.rejected) for example in imported.examples]


def test_thumbs_make_examples_and_pairs(tmp_path: Path) -> None:
    log: list[dict[str, Any]] = [
        {"question": Q, "answer": "2 nights.", "thumb": "up", "timestamp": "2026-02-01"},
        {"question": Q.lower(), "answer": "A week.", "thumb": "down"},
        {"question": "Who lends tents?", "answer": "Nobody.", "thumb": "down"},
        {"question": "When?", "answer": "Soon.", "thumb": "-1", "edited_answer": "At noon."},
        {"question": "Where?", "answer": "Here.", "thumb": "👍"},
        {"question": "Where?", "answer": "Here.", "thumb": "👎"},
        {"question": "Why?", "answer": "So.", "thumb": None},
    ]
    imported = read("thumbs", tmp_path, log)
    assert answers(imported) == [("2 nights.", "A week."), ("At noon.", "Soon.")]
    assert imported.examples[0].timestamp == "2026-02-01"
    assert [pair.rejected for pair in preferences_in(imported.examples)] == ["A week.", "Soon."]
    said = "\n".join(remark_lines(imported.remarks))
    assert "people disagree about this answer" in said
    assert "no thumb up, and nobody said what is better" in said


@pytest.mark.parametrize("mark", [4, "3", "meh"])
def test_a_scale_is_no_thumb(tmp_path: Path, mark: object) -> None:
    rows = [{"question": Q, "answer": "x", "rating": 1}, {"question": Q, "answer": "y", "rating": mark}]
    with pytest.raises(InputError, match="is no thumb; expected up or down"):
        read("thumbs", tmp_path, rows)


def test_edits_and_critiques(tmp_path: Path) -> None:
    edits = read("edits", tmp_path, [
        {"question": Q, "answer": "A week.", "edited_answer": "2 nights."},
        {"question": "Same?", "answer": "Yes.", "edited_answer": "Yes."},
    ])  # fmt: skip
    assert answers(edits) == [("2 nights.", "A week."), ("Yes.", None)]
    critique = read("critique", tmp_path, [
        {"question": Q, "answer": "A week.", "critique": "Wrong.", "revision": "2 nights.", "approved": True},
        {"question": "Who?", "answer": "Bo.", "critique": "Rude.", "revision": "Ada.", "approved": False},
        {"question": "When?", "answer": "x", "critique": "No.", "revision": "At noon."},
        {"question": "Where?", "answer": "x", "critique": "No.", "revision": ""},
    ])  # fmt: skip
    assert answers(critique) == [("2 nights.", "A week."), ("At noon.", "x")]
    said = "\n".join(remark_lines(critique.remarks))
    for part in ("no person approved it", "nobody is said to have reviewed it", "no answer after the critique"):
        assert part in said


def test_a_temporal_slice_is_held_out_as_cases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log.json"
    rows = [
        {"question": f"Question {n}?", "answer": f"{n}.", "thumb": "up", "date": f"2026-0{n}-01"} for n in range(1, 6)
    ]
    log.write_text(json.dumps(rows), encoding="utf-8")
    out = tmp_path / "train.jsonl"
    words = ("examples", "import", "thumbs", str(log), str(out), "--since", "2026-04-01", "--json")
    assert command(*words) == 0
    assert json.loads(capsys.readouterr().out)["held_out"] == 2
    assert [example.timestamp for example in load_examples(out)] == ["2026-01-01", "2026-02-01", "2026-03-01"]
    later = load_cases(tmp_path / "train.later.jsonl")
    assert [(case.question, case.accept, case.split) for case in later] == [
        ("Question 4?", ("4.",), "test"), ("Question 5?", ("5.",), "test")
    ]  # fmt: skip
    assert all((case.verified_by or "").startswith("machine") for case in later)
    out.unlink()
    assert command(*words[:-2], "soon") == 2
    log.write_text(json.dumps([{"question": "Q?", "answer": "a", "thumb": "up"}]), encoding="utf-8")
    assert command(*words) == 2
    assert "no row says when it is from" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("How do I pause it?", "how to"), ("Hi, how long is it?", "how much"), ("Is it open?", "yes or no"),
        ("Which person has it?", "who"), ("What is it?", "what"), ("Tell me.", "other"),
    ],
)  # fmt: skip
def test_an_intent_is_how_a_question_opens(question: str, intent: str) -> None:
    assert intent_of(question) == intent


def test_balance_counts_and_a_draw_evens_out() -> None:
    rows = [Example(f"How do I do {n}?", "Press the knob.", "both") for n in range(30)]
    rows += [Example("When is it?", "The pages do not say.", "both"), Example("General?", "x", "both", replay=True)]
    shares = balance(rows, AnswerFormat(refusal="The pages do not say."))
    assert (shares.examples, shares.refusals) == (31, 1)
    assert shares.intents == {"how to": 30, "when": 1}
    assert len(shares.remarks) == 2
    draw = at_most(rows, 5, seed=1)
    assert [intent_of(r.user) for r in draw] == ["how to"] * 5 + ["when", "other"]
    assert draw == at_most(rows, 5, seed=1) != at_most(rows, 5, seed=2)
