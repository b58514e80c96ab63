"""`harness gate` on a stored run: exit codes, JSON, another arm, a golden set that changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import verdict_runs as runs

from harness.cli.gate import EXIT_CODES, diff_command, gate_command
from harness.errors import InputError
from harness.hashing import file_hash
from harness.record.files import SCHEMA_VERSION, Run, plain, save_run
from harness.types import Score, Trace

SCENARIO = """\
title: Gate test
golden: golden.jsonl
corpus: corpus/
arms: [baseline, rag, tune, hybrid]
candidate: hybrid
"""


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that writes a run folder (scores, changes of the record) beside its scenario; the folder's name."""
    scenario = tmp_path / "scenario"
    (scenario / "corpus").mkdir(parents=True)
    (scenario / "corpus" / "d0.md").write_text("# D\n\nx\n", encoding="utf-8")
    (scenario / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    rows = [
        {"id": case.id, "question": f"{case.id}?", "accept": ["x"], "evidence": [{"doc": case.evidence[0].doc}],
         "kind": "lookup", "category": "factual", "split": "test"}
        for case in runs.cases()
    ]  # fmt: skip
    golden = scenario / "golden.jsonl"
    golden.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    monkeypatch.setenv("HARNESS_REPORTS", str(tmp_path / "reports"))

    def write(scores: list[Score], name: str = "one", **changes: Any) -> str:
        found = {"schema_version": SCHEMA_VERSION, "scenario": {"dir": str(scenario)}}
        record = plain(runs.record(**{"hashes": {"golden": file_hash(golden)}, **changes}) | found)
        traces = tuple(Trace(case.id, "hybrid", error="not needed here") for case in runs.cases())
        save_run(Run(tmp_path / "reports" / name, record, traces, tuple(scores)))
        return name

    return write


@pytest.mark.parametrize(("rag", "word"), [(84, "GO"), (104, "NOT PROVEN"), (113, "NO-GO")])
def test_the_exit_code_is_the_verdict(stored: Any, capsys: pytest.CaptureFixture[str], rag: int, word: str) -> None:
    run = stored(runs.scores({**runs.HITS, "rag": rag}))
    assert gate_command(run) == EXIT_CODES[word]
    shown = capsys.readouterr().out
    assert shown.startswith(f"{word}: ")
    assert "Task success gained over RAG-only" in shown


def test_json_is_one_object_with_every_gate(stored: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate_command(stored(runs.scores()), arm="rag", as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["exit_code"] == 0
    assert found["verdict"]["candidate"] == "rag"
    assert len(found["verdict"]["gates"]) == 12


def test_the_policy_can_be_given(stored: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate_command(stored(runs.scores({**runs.HITS, "rag": 104})), policy="point") == 0
    assert "policy: point" in capsys.readouterr().out


def test_a_golden_set_that_changed_since_the_run_is_refused(stored: Any) -> None:
    with pytest.raises(InputError, match=r"golden.jsonl: changed since one was run"):
        gate_command(stored(runs.scores(), hashes={"golden": "0" * 16}))


def test_diff_names_what_flipped_and_what_was_set_otherwise(stored: Any, capsys: pytest.CaptureFixture[str]) -> None:
    old = stored(runs.scores(), models={"generator": "pocket"})
    new = stored(runs.scores({**runs.HITS, "rag": 96}), name="two", models={"generator": "other"})
    diff_command(old, new)
    shown = capsys.readouterr().out
    assert "models.generator: pocket -> other" in shown
    assert "rag: 12 gained, 0 lost" in shown
    assert "rag task_success: 10.0 points" in shown
    diff_command(old, new, as_json=True)
    assert json.loads(capsys.readouterr().out)["flips"]["rag"]["lost"] == []


def test_diff_as_a_page_shows_settings_answers_and_what_moved(stored: Any, tmp_path: Path) -> None:
    old = stored(runs.scores(), models={"generator": "pocket"})
    new = stored(runs.scores({**runs.HITS, "rag": 96}), name="two", models={"generator": "<b>other</b>"})
    page = tmp_path / "diff.html"
    diff_command(old, new, html=page)
    html = page.read_text()
    assert "&lt;b&gt;other&lt;/b&gt;" in html
    assert "<b>other" not in html
    assert html.count("✓ gained") == 12
    assert "10.0 points" in html or "10 points" in html
    assert "default-src" in html
