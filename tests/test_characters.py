"""Odd characters in what others wrote: they come back as they were, or visibly as what they could not be."""

from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.characters import parse_json, printable, spelled, without_halves
from harness.cli.streams import robust_streams
from harness.documents.corpus import load_documents
from harness.drills.files import read_texts
from harness.errors import InputError
from harness.files.hashing import content_hash, file_hash
from harness.golden.load import load_cases
from harness.record.codec import decode, lines_of, read_rows, row_line, to_json, write_rows
from harness.runs.start import make_ready, perform
from harness.stages.answer_batches import Batch, stored_batches
from harness.types import Answer, Form, Passage, Trace
from tests.make.faq import write_faq

ODD = "\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e\x00\x1b\x7f\ufeff\u202e\u2066\ufffe\uffff\r\n\t\U0001f600"
anything = st.text(st.one_of(st.characters(), st.sampled_from(ODD + "\ud83d\ude00\udcff")))
no_file_fixture_trouble = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(anything)
def test_a_line_holds_whatever_a_text_holds(text: str) -> None:
    line = row_line({"text": text, text: 1})
    assert line.count("\n") == 1
    assert decode(line, dict[str, str | int], "here")["text"] in (without_halves(text), 1)


@no_file_fixture_trouble
@given(rows=st.lists(st.tuples(anything, anything), max_size=4))
def test_rows_come_back_as_many_as_they_were(rows: list[tuple[str, str]], tmp_path: Path) -> None:
    passages = [Passage(id=str(i), doc=a, title=b, text=a + b) for i, (a, b) in enumerate(rows)]
    write_rows(tmp_path / "rows.jsonl", passages)
    again = read_rows(tmp_path / "rows.jsonl", Passage)
    assert [p.text for p in again] == [without_halves(p.text) for p in passages]


@given(anything)
def test_without_halves_keeps_every_character_that_is_one(text: str) -> None:
    whole = without_halves(text)
    whole.encode()
    assert [c for c in whole if c != "\ufffd"] == [
        c for c in text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if c != "\ufffd"
    ]


@given(anything, anything)
def test_texts_have_one_hash_each_whatever_they_hold(one: str, other: str) -> None:
    assert (content_hash([one]) == content_hash([other])) == (spelled(one) == spelled(other))


def answer_of(text: str) -> Answer:
    form = Form(demanded=False, first_try=True, valid=True, repaired=False)
    return Answer(text, text, None, form, refused=False, cited=())


def test_a_batch_of_answers_with_line_separators_is_one_batch(tmp_path: Path) -> None:
    trace = Trace("c1", "rag", answer_of(f"12{ODD} euros\ud83d"))
    lines = row_line(Batch(0, (trace, replace(trace, case_id="c2")))) + row_line(Batch(1, (trace,)))
    (tmp_path / "batches.jsonl").write_text(lines, newline="")
    batches = stored_batches(tmp_path)
    assert {number: len(batch.traces) for number, batch in batches.items()} == {0: 2, 1: 1}
    assert batches[1].traces[0].answer is not None
    assert batches[1].traces[0].answer.text == f"12{ODD} euros\ufffd"


def test_a_batch_that_cannot_be_read_is_passed_over_aloud(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [row_line(Batch(n, ())) for n in range(3)]
    (tmp_path / "batches.jsonl").write_text(lines[0] + lines[1][:9] + "\n" + lines[2] + lines[1][:9], newline="")
    assert set(stored_batches(tmp_path)) == {0, 2}
    assert "batches.jsonl:2: a batch of answers that cannot be read; it is asked again" in capsys.readouterr().err


def test_lines_end_at_line_feeds_alone() -> None:
    assert lines_of("a\u2028b\x85\x0c\n\nc".encode()) == ["a\u2028b\x85\x0c".encode(), b"", b"c"]
    assert lines_of(b"") == []
    assert lines_of(b"a\n") == [b"a"]


@pytest.mark.parametrize("text", ['"\\ud83d"', '{"\\uDE00": 1}', '[[{"a": ["x\\ud800y"]}]]'])
def test_half_of_a_pair_is_no_json_text(text: str) -> None:
    with pytest.raises(json.JSONDecodeError, match=r"half of a surrogate pair \(\\ud"):
        parse_json(text)


def test_a_whole_pair_and_a_backslash_before_a_u_are_text() -> None:
    assert parse_json('"\\ud83d\\ude00 \\\\ud83d"') == "\U0001f600 \\ud83d"


def test_golden_rows_and_drill_rows_with_half_a_pair_are_named_with_their_line(tmp_path: Path) -> None:
    file = tmp_path / "golden.jsonl"
    rows = ['{"id": "a", "question": "Why?", "accept": ["x"]}', '{"id": "b", "question": "W\\ud83d", "accept": ["x"]}']
    file.write_text("\n".join(rows))
    with pytest.raises(InputError, match=r"golden.jsonl:2:\d+: not valid JSON: half of a surrogate pair"):
        load_cases(file)
    with pytest.raises(InputError, match=r"golden.jsonl:2: not JSON \(half of a surrogate pair"):
        read_texts(file, "id", "question")


def test_passages_and_names_that_are_no_text_are_skipped_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "1", "text": "good\\u2028text"}\n{"id": "2", "text": "b\\ud83d"}\n')
    with open(os.fsencode(tmp_path) + b"/caf\xe9.md", "w") as stream:
        stream.write("Coffee.")
    corpus = load_documents(tmp_path)
    assert [p.text for p in corpus.passages] == ["good\u2028text"]
    assert [(s.file, s.reason.split(";")[0].split(":")[0]) for s in corpus.skipped] == [
        ("a.jsonl:2", "not a passage"),
        ("caf\\udce9.md", "its name is not UTF-8"),
    ] or [s.file for s in corpus.skipped] == ["caf\\udce9.md", "a.jsonl:2"]
    assert to_json(corpus.skipped)
    assert len(file_hash(tmp_path)) == 16


def test_a_run_ends_whatever_its_answers_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HARNESS_REPORTS", str(tmp_path / "reports"))
    folder = write_faq(tmp_path / "s", ("arm.py",))
    (folder / "arm.py").write_text(
        "from harness.arms import Arm\n"
        f"ARMS = [Arm('faq', 'Odd \\u2028 title', answers=lambda qs: ['12 euros ' + {ODD!a} + '\\ud83d'] * len(qs))]\n"
    )
    run = perform(make_ready(str(folder), allow_code=True), lambda *_: None, workers=1)
    assert len(run.traces) == 3
    answers = {trace.answer.text for trace in run.traces if trace.answer is not None}
    assert len(answers) == 1
    assert "\u2028" in answers.pop()


def test_no_text_ends_a_command_on_a_terminal_of_few_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="ascii"))
    with robust_streams():
        print(printable("≥ 5 \u2028 caf\udce9 \x1b[2J"), flush=True)
    assert raw.getvalue() == b">= 5 \\u2028 caf\\ufffd \\u241b[2J\n"


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "9" * 5000])
def test_json_that_cannot_be_read_is_one_kind_of_error(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        parse_json(text)
