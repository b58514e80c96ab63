"""A run on disk: what is written comes back equal; what is broken says where."""

from __future__ import annotations

import errno
import json
from dataclasses import fields
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.record.codec import decode, to_json, write_atomic
from harness.record.files import find_run, load_run
from harness.record.sections import Record
from harness.types import Trace, Verdict
from tests import make


def saved(folder: Path) -> Path:
    """A made-up run on disk; returns its folder."""
    return make.run(folder / "r1").folder


def test_a_run_comes_back_equal(tmp_path: Path) -> None:
    run = make.run(tmp_path / "r1")
    assert load_run(tmp_path / "r1") == run
    hits = [hit for trace in run.traces if trace.answer for hit in trace.answer.hits]
    assert hits


def test_a_verdict_comes_back_equal(tmp_path: Path) -> None:
    verdict = make.run(tmp_path / "r1").record.verdict
    assert decode(to_json(verdict), Verdict, "here") == verdict


def test_a_record_says_everything_that_its_class_has(tmp_path: Path) -> None:
    row = json.loads((saved(tmp_path) / "record.json").read_text())
    assert list(row) == [field.name for field in fields(Record)]


def test_scores_of_other_answers_are_refused(tmp_path: Path) -> None:
    file = saved(tmp_path) / "scores.jsonl"
    text = file.read_text()
    file.write_text(text.replace('"rag"', '"gar"'))
    with pytest.raises(InputError, match=r"scores.jsonl: scores of 'gar', which this run has not"):
        load_run(tmp_path / "r1")
    file.write_text("")
    with pytest.raises(InputError, match=r"scores.jsonl: no scores; the file was cut or edited"):
        load_run(tmp_path / "r1")


def test_a_depth_that_is_no_number_is_refused(tmp_path: Path) -> None:
    file = saved(tmp_path) / "record.json"
    row = json.loads(file.read_text())
    row["retrieval"]["k"] = {f"{depth}x": at for depth, at in row["retrieval"]["k"].items()}
    file.write_text(json.dumps(row))
    with pytest.raises(InputError, match=r"record.json: retrieval.k has the key '\dx', expected a number of passages"):
        load_run(tmp_path / "r1")


def test_nan_is_never_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_json({"value": float("nan")})


def test_a_trace_is_an_answer_or_an_error() -> None:
    with pytest.raises(InputError, match="exactly one"):
        decode('{"case_id": "c", "arm": "rag", "answer": null, "error": null}', Trace, "here")


def test_a_reader_never_sees_half_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    target = tmp_path / "f.json"
    write_atomic(target, "old")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="no space left"):
        write_atomic(target, "new")
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["f.json"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("record.json", '{"schema_version": 0}', "schema version 0, this version reads 2"),
        ("record.json", '{"schema_version": 1, "complete": true}', "schema version 1, this version reads 2"),
        ("record.json", '{"schema_version": 2}', "record.json: not of this version"),
        ("record.json", "{", "record.json: broken JSON"),
        ("traces.jsonl", '{"case_id": "c1", "arm"', "traces.jsonl:1: broken JSON"),
        ("traces.jsonl", '{"case_id": "c1", "arm": "rag", "error": "x"}\n', "found 1 traces, the record says"),
        ("traces.jsonl", '{"arm": "rag"}\n', "traces.jsonl:1: not of this version"),
        ("scores.jsonl", '{"case_id": "c"}\n', "scores.jsonl:1: not of this version"),
    ],
)
def test_what_is_broken_is_named(tmp_path: Path, name: str, content: str, message: str) -> None:
    folder = saved(tmp_path)
    (folder / name).write_text(content)
    with pytest.raises(InputError, match=message):
        load_run(folder)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    (folder / "scores.jsonl").unlink()
    with pytest.raises(InputError, match=r"scores.jsonl: no such file; the run folder is not whole"):
        load_run(folder)


def test_runs_are_found_by_folder_by_id_and_as_latest(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    assert find_run(str(folder), tmp_path) == find_run("r1", tmp_path) == find_run("latest", tmp_path) == folder
    with pytest.raises(InputError, match="finished runs: r1"):
        find_run("r2", tmp_path)
