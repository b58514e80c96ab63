"""Every `--json` of a command that reads a corpus says what was skipped and what was read otherwise."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.cli.run import print_outcome
from harness.record.sections import FileRemark, SkippedFile
from tests.make import runs
from tests.make.command import command
from tests.make.small import write_small
from tests.retrieval.fakes import WordEmbedder, use

MENU = "The café’s menu has a crème brûlée for eight euros and a soup."


@pytest.fixture
def scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One document of an old kind, one in an old encoding."""
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HARNESS_REPORTS", str(tmp_path / "reports"))
    folder = write_small(tmp_path / "scenarios" / "plans")
    (folder / "corpus" / "fees.doc").write_bytes(b"\xd0\xcf\x11\xe0 old")
    (folder / "corpus" / "menu.txt").write_bytes(MENU.encode("cp1252"))
    return folder


@pytest.mark.parametrize(
    "arguments",
    [
        ("golden", "check", "--no-pii"), ("run", "--dry-run"), ("index",), ("index", "--status"), ("retrieval",),
        ("retrieval", "--compare", "--k", "2"),
    ],
)  # fmt: skip
def test_skipped_files_and_their_reasons_are_in_the_object(
    scenario: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, WordEmbedder())
    if "--status" in arguments:
        command("index", str(scenario))
    capsys.readouterr()
    assert command(*arguments, str(scenario), "--json") == 0
    says = json.loads(capsys.readouterr().out)
    assert [row["file"] for row in says["skipped"]] == ["fees.doc"]
    assert says["skipped"][0]["reason"].startswith("kind '.doc' has no reader")
    assert says["remarks"] == [{"file": "menu.txt", "remark": "read as windows-1252"}]


def test_findings_end_in_2_and_notes_alone_in_0(scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("golden", "check", str(scenario), "--no-pii") == 0
    golden = scenario / "golden.jsonl"
    lost: dict[str, Any] = {"id": "x", "question": "What is the fee?", "accept": ["5"]}
    lost["evidence"] = [{"doc": "fees.doc"}]
    golden.write_text(golden.read_text() + json.dumps(lost) + "\n")
    capsys.readouterr()
    assert command("golden", "check", str(scenario), "--no-pii") == 2
    assert "fees.doc" in capsys.readouterr().out
    assert command("golden", "check", str(scenario), "--no-pii", "--json") == 2
    says = json.loads(capsys.readouterr().out)
    assert says["serious"] == 1
    assert says["cases"] == 8


def test_a_question_says_it_too(scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("ask", str(scenario), "What does Amber cost?", "--json") == 0
    says = json.loads(capsys.readouterr().out)
    assert [row["file"] for row in says["skipped"]] == ["fees.doc"]
    assert len(says["remarks"]) == 1


def test_the_outcome_of_a_run_says_it_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What `run` and `score` print, without a run."""
    record = runs.record(runs.figures())
    corpus = replace(record.corpus, skipped=(SkippedFile("fees.doc", "old"),), remarks=(FileRemark("m.txt", "read"),))
    print_outcome(tmp_path, replace(record, corpus=corpus), as_json=True)
    says = json.loads(capsys.readouterr().out)
    assert says["skipped"] == [{"file": "fees.doc", "reason": "old"}]
    assert says["remarks"] == [{"file": "m.txt", "remark": "read"}]
