"""A run on disk: what is written comes back equal; what is broken says where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.record.files import Run, find_run, load_run, save_run, to_json, trace_from, verdict_from, write_atomic
from harness.types import Answer, Estimate, Form, Gate, Hit, Passage, Score, Trace, Verdict

FORM = Form(demanded=True, first_try=False, valid=True, repaired=True)
HIT = Hit(Passage("d#0", "d.md", "D", "text \u202e \x00 <script>"), 0.5)
ANSWER = Answer("raw", "text", {"a": 1}, FORM, False, ("S1", "S9"), (HIT,), ("d#0", "d#1"), 10, 3, 0.1)
TRACES = (Trace("c1", "rag", ANSWER), Trace("c2", "rag", None, "server said no"))


def saved(folder: Path) -> Path:
    record = {"schema_version": 1, "counts": {"traces": 2}}
    save_run(Run(folder / "r1", record, TRACES, (Score("c1", "rag", "correct", 1.0),)))
    return folder / "r1"


def test_round_trip(tmp_path: Path) -> None:
    run = load_run(saved(tmp_path))
    assert run.traces == TRACES
    assert run.scores == (Score("c1", "rag", "correct", 1.0),)
    assert run.traces[0].answer is not None
    assert run.traces[0].answer.cited_passages == (HIT.passage, None)


def test_verdict_round_trip() -> None:
    gate = Gate("schema", "t", "pass", Estimate(1.0, 0.99, 1.0, 500), 0.99, ">=", "fraction", "why")
    verdict = Verdict("GO", "hybrid", "hybrid", "s", (gate,), "both", "agrees", "r", ("n",))
    assert verdict_from(json.loads(to_json(verdict))) == verdict


def test_nan_is_never_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_json({"value": float("nan")})


def test_a_trace_is_an_answer_or_an_error() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        trace_from({"case_id": "c", "arm": "rag", "answer": None, "error": None})


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    target = tmp_path / "f.json"
    write_atomic(target, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomic(target, "new \ud800")
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["f.json"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("record.json", '{"schema_version": 0}', "schema version 0, this version reads 1"),
        ("record.json", "{", "not a run record"),
        ("traces.jsonl", '{"case_id": "c1", "arm"', "traces.jsonl:1: broken JSON"),
        ("traces.jsonl", '{"case_id": "c1", "arm": "rag", "error": "x"}\n', "found 1 traces, the record says 2"),
        ("traces.jsonl", '{"arm": "rag"}\n', "traces.jsonl:1: not a row of this version"),
        ("scores.jsonl", '{"case_id": "c"}\n', "scores.jsonl:1: not a row of this version"),
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
    with pytest.raises(InputError, match=r"scores.jsonl: missing"):
        load_run(folder)


def test_runs_are_found_by_folder_by_id_and_as_latest(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    assert find_run(str(folder), tmp_path) == find_run("r1", tmp_path) == find_run("latest", tmp_path) == folder
    with pytest.raises(InputError, match="finished runs: r1"):
        find_run("r2", tmp_path)
