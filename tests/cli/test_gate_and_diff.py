"""`harness gate` and `harness diff` on stored runs: exit codes, JSON, another arm, a golden set that changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.cli.diff import diff_command
from harness.cli.gate import EXIT_CODES, gate_command
from harness.errors import InputError
from harness.files.hashing import file_hash
from harness.record.files import StoredRun, save_run
from harness.record.sections import CountSection, ScenarioSection
from harness.scenario.settings import Models
from harness.types import Score, Trace
from tests.verdict import runs

Stored = Callable[..., str]

SCENARIO = """\
title: Gate test
golden: golden.jsonl
corpus: corpus/
arms: [baseline, rag, tune, hybrid]
candidate: hybrid
"""


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stored:
    """A function that writes a run folder (scores, changed sections) beside its scenario; the folder's name."""
    scenario = tmp_path / "scenario"
    (scenario / "corpus").mkdir(parents=True)
    (scenario / "corpus" / "d0.md").write_text("# D\n\nx\n", encoding="utf-8")
    (scenario / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    rows = [
        {"id": case.id, "question": f"{case.id}?", "accept": [f"x{case.id}"],
         "evidence": [{"doc": case.evidence[0].doc}], "kind": "lookup", "category": "factual", "split": "test"}
        for case in runs.cases()
    ]  # fmt: skip
    golden = scenario / "golden.jsonl"
    golden.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    monkeypatch.setenv("HARNESS_REPORTS", str(tmp_path / "reports"))

    def write(scores: list[Score], name: str = "one", golden_hash: str | None = None, **changes: Any) -> str:
        traces = tuple(Trace(case.id, "hybrid", error="not needed here") for case in runs.cases())
        hashes = replace(runs.figures().hashes, golden=golden_hash or file_hash(golden))
        sections = {
            "scenario": ScenarioSection("small", "Small", "0" * 16, str(scenario)),
            "hashes": hashes,
            "counts": CountSection(len(traces), len(traces)),
        }
        record = runs.record(name, rows=scores, **(sections | changes))
        save_run(StoredRun(tmp_path / "reports" / name, record, traces, tuple(scores)))
        return name

    return write


@pytest.mark.parametrize(("rag", "word"), [(84, "GO"), (104, "NOT PROVEN"), (113, "NO-GO")])
def test_the_exit_code_is_the_verdict(stored: Stored, capsys: pytest.CaptureFixture[str], rag: int, word: str) -> None:
    run = stored(runs.scores({**runs.HITS, "rag": rag}))
    assert gate_command(run) == EXIT_CODES[word]
    out = capsys.readouterr().out
    assert out.startswith(f"{word}: ")
    assert "Task success gained over RAG-only" in out


def test_json_is_one_object_with_every_gate(stored: Stored, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate_command(stored(runs.scores()), arm="rag", as_json=True) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["exit_code"] == 0
    assert summary["verdict"]["candidate"] == "rag"
    assert len(summary["verdict"]["gates"]) == 12


def test_the_policy_can_be_given(stored: Stored, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate_command(stored(runs.scores({**runs.HITS, "rag": 104})), policy="point") == 0
    assert "policy: point" in capsys.readouterr().out


def test_a_golden_set_that_changed_since_the_run_is_refused(stored: Stored) -> None:
    with pytest.raises(InputError, match=r"golden.jsonl: changed since one was run"):
        gate_command(stored(runs.scores(), golden_hash="0" * 16))


def test_diff_names_what_flipped_and_what_was_set_otherwise(stored: Stored, capsys: pytest.CaptureFixture[str]) -> None:
    old = stored(runs.scores(), models=Models(generator="pocket"))
    new = stored(runs.scores({**runs.HITS, "rag": 96}), name="two", models=Models(generator="other"))
    diff_command(old, new)
    out = capsys.readouterr().out
    assert "models.generator: pocket -> other" in out
    assert "rag: 12 gained, 0 lost" in out
    assert "rag, Task success: +10.0 points" in out
    diff_command(old, new, as_json=True)
    assert json.loads(capsys.readouterr().out)["flips"]["rag"]["lost"] == []


def test_diff_as_a_page_shows_settings_answers_and_what_moved(stored: Stored, tmp_path: Path) -> None:
    old = stored(runs.scores(), models=Models(generator="pocket"))
    new = stored(runs.scores({**runs.HITS, "rag": 96}), name="two", models=Models(generator="<b>other</b>"))
    page = tmp_path / "diff.html"
    diff_command(old, new, html=page)
    html = page.read_text()
    assert "&lt;b&gt;other&lt;/b&gt;" in html
    assert "<b>other" not in html
    assert html.count("✓ gained") == 12
    assert "10.0 points" in html or "10 points" in html
    assert "default-src" in html
