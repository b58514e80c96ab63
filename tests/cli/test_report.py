"""`harness report` on a stored run: the page, the summary and the JUnit file; what is missing is one message."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import typer
from typer.testing import CliRunner

from harness.cli.report import report_command
from harness.errors import InputError
from tests import make
from tests.make.command import command

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


def test_markdown_without_a_file_goes_to_the_summary_of_the_job(
    stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "step.md"))
    assert command("report", "made-up", "--markdown", "--comment", "body.md") == 0, capsys.readouterr().err
    assert (tmp_path / "step.md").read_text(encoding="utf-8").startswith("# ⛔ NO-GO")
    mark, title, *_ = (tmp_path / "body.md").read_text(encoding="utf-8").splitlines()
    assert mark == "<!-- harness: helpdesk -->"
    assert title.startswith("# ⛔ NO-GO")
    monkeypatch.delenv("GITHUB_STEP_SUMMARY")
    assert command("report", "made-up", "--markdown") == 2
    assert "GITHUB_STEP_SUMMARY is not set" in capsys.readouterr().err


def test_annotations_name_the_questions_that_flipped_since_a_run(
    stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make.run(tmp_path / "reports" / "worse", make.script({"hybrid": 9, "rag": 8}, make.World(n=12)))
    assert command("report", "worse", "--annotations", "--against", "made-up") == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("::")]
    assert len(lines) == 2
    assert all(line.startswith("::warning title=golden case ") for line in lines)
    assert all(line.endswith("::hybrid lost this question since made-up") for line in lines)


def test_junit_has_one_case_a_question_and_one_a_gate(stored: Path, tmp_path: Path) -> None:
    assert call("made-up", "--junit", str(tmp_path / "all.xml")).exit_code == 0
    gates, questions = ElementTree.parse(tmp_path / "all.xml").getroot()
    assert gates.get("name") == "harness.helpdesk.hybrid"
    assert questions.get("name") == "harness.questions.helpdesk.hybrid"
    assert (questions.get("tests"), questions.get("failures"), questions.get("errors")) == ("12", "1", "0")
    (wrong,) = [case for case in questions if case.find("failure") is not None]
    assert wrong.get("classname") == "questions.helpdesk.hybrid"
    assert "0 in " in str(wrong.find("failure").get("message"))  # type: ignore[union-attr]


@pytest.mark.parametrize("option", ["--html", "--junit", "--markdown", "--comment"])
def test_an_output_takes_the_place_of_an_earlier_one_and_of_nothing_else(
    stored: Path, tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    own, out = tmp_path / "scenario.yaml", tmp_path / "out"
    own.write_text("title: Mine\n", encoding="utf-8")
    assert command("report", "made-up", option, str(own)) == 2
    assert "name another file" in capsys.readouterr().err
    assert own.read_text(encoding="utf-8") == "title: Mine\n"
    assert [command("report", "made-up", option, str(out)) for _ in range(2)] == [0, 0]
