"""`harness advise --check`: a folder of runs as text and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.record.files import save_record
from harness.record.sections import Record, ScenarioSection
from tests.make.command import command
from tests.verdict import runs


def _record(name: str, advised: str) -> Record:
    return runs.record(name, advised, scenario=ScenarioSection(name, "", "0" * 16, "scenarios/small"))


def test_a_folder_of_runs_as_text_and_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_record(tmp_path / "one", _record("one", "both"))
    save_record(tmp_path / "two", _record("two", "rag"))
    save_record(tmp_path / "old", replace(_record("old", "rag"), schema_version=0))
    assert command("advise", "--check", str(tmp_path)) == 0
    printed = capsys.readouterr()
    assert "1 of 2 comparable runs agree with the checklist" in printed.out
    assert "prompting alone fell behind" in printed.out
    assert "schema version 0" in printed.err
    assert command("advise", "--check", str(tmp_path), "--json") == 0
    rows = json.loads(capsys.readouterr().out)["check"]["rows"]
    assert [(row["scenario"], row["agreement"]) for row in rows] == [("one", "agrees"), ("two", "disagrees")]


def test_a_folder_without_runs_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("advise", "--check", str(tmp_path)) == 2
    assert "no finished run there" in capsys.readouterr().err
