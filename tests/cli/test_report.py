"""`harness report` on a stored run: the page, the summary and the JUnit file; what is missing is one message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from harness.cli.report import report_command
from harness.errors import InputError
from tests import make

SHORT = make.script({"hybrid": 11, "rag": 8}, make.World(n=12))


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARNESS_REPORTS", str(tmp_path / "reports"))
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "reports" / "made-up"
    make.run(folder, SHORT, gates={"p95_ms": "1 ms"})  # which no arm holds
    return folder


def call(*arguments: str) -> Any:
    app = typer.Typer()
    app.command()(report_command)
    return CliRunner().invoke(app, list(arguments))


def test_page_summary_and_junit_are_written(stored: Path, tmp_path: Path) -> None:
    done = call("made-up", "--markdown", str(tmp_path / "summary.md"), "--junit", str(tmp_path / "gates.xml"))
    assert done.exit_code == 0, done.output
    assert "NO-GO" in (stored / "report.html").read_text(encoding="utf-8")
    assert (tmp_path / "summary.md").read_text(encoding="utf-8").startswith("# ⛔ NO-GO")
    assert "<testsuite " in (tmp_path / "gates.xml").read_text(encoding="utf-8")
    assert "no scenario.yaml there" in done.output  # the made-up scenario does not exist: said, and done without


def test_the_page_can_go_elsewhere(stored: Path, tmp_path: Path) -> None:
    assert call("latest", "--html", str(tmp_path / "page.html")).exit_code == 0
    assert (tmp_path / "page.html").is_file()
    assert not (stored / "report.html").exists()


def test_a_run_that_is_not_there_is_one_message(stored: Path) -> None:
    done = call("nothing")
    assert isinstance(done.exception, InputError)
    assert "finished runs: made-up" in str(done.exception)
