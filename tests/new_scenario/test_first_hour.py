"""A first hour: 15 Markdown pages and 25 questions in a CSV file, two commands, a verdict; nothing edited."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.golden.imported import REFUSAL
from harness.record.files import load_run
from harness.record.sections import Record
from tests.make.chat_server import chat_server
from tests.make.command import command
from tests.make.handbook import QUESTIONS, write_faq_csv, write_handbook

KEY = "a-key-of-the-team-0123456789"


def reads(body: Mapping[str, Any]) -> str:
    """What a model that reads would say: the first sentence of the first passage; without one that it cannot know."""
    _, mark, text = str(body["messages"][-1]["content"]).partition("[S1]")
    sentences = [line for line in text.splitlines()[1:] if line.strip()]
    return f"{sentences[0].partition('. ')[0].rstrip('.')}." if mark else REFUSAL


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HARNESS_CACHE", "HARNESS_REPORTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    write_handbook(tmp_path / "handbook")
    write_faq_csv(tmp_path / "faq.csv")
    return tmp_path


def outcome_of(home: Path) -> Record:
    (record,) = (home / "reports").glob("mine-*/record.json")
    assert (record.parent / "report.html").is_file()
    return load_run(record.parent).record


def check(record: Record) -> None:
    """A verdict about every question, with the gates that apply settled or open, and none about what is not there."""
    assert record.verdict.word in ("GO", "NO-GO", "NOT PROVEN")
    assert (record.counts.traces, record.counts.errors) == (2 * QUESTIONS, 0)
    assert record.arm_names == ("baseline", "rag")
    statuses = {gate.name: gate.status for gate in record.verdict.gates}
    for name in ("gain_over_baseline", "gain_over_constant", "groundedness", "hallucination"):
        assert statuses[name] in ("pass", "fail", "not proven"), (name, statuses[name])


def test_from_pages_and_questions_to_a_verdict_in_two_commands(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("init", "mine", "--docs", "handbook", "--questions", "faq.csv", "--model", "pocket") == 0
    assert command("run", "mine", "--workers", "1") == 0
    check(outcome_of(home))
    assert "report.html" in capsys.readouterr().out


def test_the_same_with_a_model_behind_a_server_with_a_key(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEAM_KEY", KEY)
    monkeypatch.setattr("tests.make.chat_server.answer_to", reads)
    with chat_server(models=[{"id": "team-model"}], key=KEY) as server:
        options = ("--base-url", server.url, "--api-key-env", "TEAM_KEY")
        assert command("init", "mine", "--docs", "handbook", "--questions", "faq.csv", *options) == 0
        assert command("run", "mine") == 0
    check(outcome_of(home))
    assert KEY not in "".join(capsys.readouterr())
    assert all(KEY.encode() not in path.read_bytes() for path in home.rglob("*") if path.is_file())
