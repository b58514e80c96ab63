"""Preference pairs on disk: what is read is what was written; a pair that prefers nothing is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.golden.load import load_examples
from harness.record.codec import write_rows
from harness.tuning.preferences import PreferencePair, load_preferences, preference_row, preferences_in
from harness.types import Passage

PAIR = PreferencePair(
    "How long is a kayak lent?",
    {"answer": "3 days.", "citations": ["S1"]},
    {"answer": "A week.", "citations": []},
    "failures of base",
    (Passage("loans#1", "loans#1", "Loans", "A kayak is lent for 3 days."),),
    "lend-001",
)


@pytest.mark.parametrize("passages", [PAIR.passages, (), None])
def test_a_pair_is_read_as_it_was_written(tmp_path: Path, passages: tuple[Passage, ...] | None) -> None:
    file = tmp_path / "pairs.jsonl"
    pair = PreferencePair(PAIR.question, PAIR.chosen, PAIR.rejected, PAIR.source, passages, PAIR.case, f"{file}:1")
    write_rows(file, [preference_row(pair)])
    assert load_preferences(file) == (pair,)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"question": "q", "chosen": "a", "rejected": " a "}, "pairs.jsonl:1: chosen and rejected are the same"),
        ({"question": "q", "chosen": "a"}, "no 'rejected'; every row needs: question, chosen, rejected"),
        ({"prompt": "q", "chosen": "a", "rejected": "b"}, "harness examples import preference"),
    ],
)
def test_a_row_that_is_no_pair_is_named(tmp_path: Path, row: dict[str, object], message: str) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_preferences(file)


def test_a_file_without_pairs_is_named(tmp_path: Path) -> None:
    (tmp_path / "pairs.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="no preference pairs"):
        load_preferences(tmp_path / "pairs.jsonl")


def test_examples_that_say_what_is_rejected_are_pairs(tmp_path: Path) -> None:
    file = tmp_path / "examples.jsonl"
    rows = [
        {"prompt": {"user": "q"}, "output": "a", "rejected": "b"},
        {"prompt": {"user": "q"}, "output": "a"},
        {"prompt": {"user": "q"}, "output": "a", "rejected": "a"},
    ]
    write_rows(file, rows)
    assert preferences_in(load_examples(file)) == (PreferencePair("q", "a", "b", "imported", None, where=f"{file}:1"),)
