"""Facts that change: another value of the same type, in the sentence that holds the answer."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from harness.drills.changes import change_facts, shipped_changes, value_swap
from harness.errors import InputError
from harness.types import Case, Evidence

FEE = "The Reed plan costs 19 euros a month."
CASE = Case("q1", "What does Reed cost?", ("19 euros",), evidence=(Evidence("reed.md", FEE),), source="reed.md")


@pytest.mark.parametrize(
    ("value", "kept"),
    [("19 euros", r"\d\d"), ("41,000 books", r"\d\d,000"), ("2021", r"20\d\d"), ("6:30 pm", r"\d{1,2}"),
     ("the 3rd of each month", r"\d+(st|nd|rd|th)"), ("0555 7130", r"0\d\d\d"), ("1.2 m", r"\d\.\d")],
)  # fmt: skip
def test_a_number_becomes_another_of_its_kind(value: str, kept: str) -> None:
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
    outcome = change_facts([price, colour, two], tmp_path, 9, 7, {})
    (change,) = outcome.changes
    assert outcome.texts["reed.md"] == text.replace("19 euros\na", f"{change.new} euros\na")
    assert change.case.accept == (f"{change.new} euros", f"€{change.new}")
    assert change.was == ("19 euros", "€19")
    assert change.case.evidence[0].quote == FEE.replace("19", change.new)
    assert sum(outcome.skipped.values()) == 2
    assert (tmp_path / "reed.md").read_text() == text


def test_shipped_replacements_come_first_and_a_broken_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "reed.md").write_text("The frame is yellow.")
    colour = Case("q2", "Which colour?", ("yellow",), evidence=(Evidence("reed.md", "The frame is yellow."),))
    file = tmp_path / "changes.jsonl"
    file.write_text('{"id": "q2", "old": "yellow", "new": "grey"}\n{"id": "other", "old": "a", "new": "b"}\n')
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (tmp_path / "reed.md").rename(corpus / "reed.md")
    outcome = change_facts([colour], corpus, 9, 7, shipped_changes(file, [colour]))
    assert outcome.texts == {"reed.md": "The frame is grey."}
    file.write_text('{"id": "q2", "old": "yellow"}\n')
    with pytest.raises(InputError, match=r"changes.jsonl:1: expected id, old and new"):
        shipped_changes(file, [colour])
