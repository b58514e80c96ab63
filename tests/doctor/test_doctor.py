"""`harness doctor`: what is looked at, what is missing, and nothing that waits for a network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.doctor import machine, models
from harness.doctor.check import MARKS
from harness.verdict.status import STATUSES
from tests.make.chat_server import chat_server
from tests.make.command import command
from tests.make.handbook import write_faq_csv, write_handbook


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HARNESS_REPORTS", str(tmp_path / "reports"))
    return tmp_path


def checks(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    found = json.loads(capsys.readouterr().out)
    return {row["name"]: row for row in found["checks"]}


def made(home: Path, *options: str) -> str:
    write_handbook(home / "handbook")
    file = write_faq_csv(home / "faq.csv")
    assert command("init", "mine", "--docs", "handbook", "--questions", file.name, *options) == 0
    return "mine"


def test_a_machine_alone_is_one_mark_a_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = command("doctor")
    text = capsys.readouterr().out
    first = [line for line in text.splitlines() if line and not line.startswith((" ", "next", "0", "1", "2"))]
    assert all(line.split(" ")[0] in MARKS.values() for line in first)
    for name in ("Python", "processor", "memory", "GPU", "cache folder", "default model", "hub"):
        assert any(line[2:].startswith(name) for line in first), name
    assert code in (0, 2)
    assert set(MARKS.values()) <= {row.mark for row in STATUSES.values()}, "one set of marks"


def test_each_arm_of_a_scenario_says_what_it_will_need(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = made(home, "--model", "pocket")
    capsys.readouterr()
    assert command("doctor", scenario, "--json") == 0
    rows = checks(capsys)
    assert rows["model"]["state"] == "good"
    assert rows["arm baseline"]["finding"].startswith("25 questions, about ")
    assert rows["arm rag"]["finding"].startswith("25 questions, 15 documents, about ")
    assert "steps, about" in rows["run"]["finding"]


def test_what_a_run_would_fail_by_is_code_2(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = made(home, "--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--api-key-env", "NO_SUCH_KEY")
    capsys.readouterr()
    assert command("doctor", scenario, "--json") == 2
    rows = checks(capsys)
    assert rows["server"]["state"] == "bad"
    assert "NO_SUCH_KEY is not set" in rows["server"]["finding"]
    assert "arm rag" not in rows
    (home / "mine" / "scenario.yaml").write_text("title: t\ncorpus: nowhere/\ngolden: none.jsonl\n")
    assert command("doctor", scenario) == 2
    text = capsys.readouterr().out
    assert "nowhere/" in text
    assert "none.jsonl" in text
    assert "2 would fail a run" in text


def test_a_server_is_asked_with_its_key_which_is_never_shown(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = "a-key-of-the-team-0123456789"
    monkeypatch.setenv("TEAM_KEY", key)
    with chat_server(models=[{"id": "m"}], key=key) as server:
        scenario = made(home, "--base-url", server.url, "--api-key-env", "TEAM_KEY")
        assert command("doctor", scenario, "--json") == 0
        said = capsys.readouterr()
        assert f"{server.url} answers, and lists m" in said.out
        monkeypatch.setenv("TEAM_KEY", "another-key-9876543210")
        assert command("doctor", scenario) == 2
        assert "status 401" in " ".join(capsys.readouterr().out.split())
    assert key not in said.out + said.err


def test_a_model_that_is_not_here_is_named_and_nothing_is_brought(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HARNESS_MODELS", str(home / "models"))
    scenario = made(home)
    assert "harness models get smollm2 && harness run mine" in capsys.readouterr().out
    assert command("doctor", scenario, "--json") == 2
    assert "harness models get smollm2" in checks(capsys)["model"]["remedy"]
    assert not (home / "models").exists()
    assert models.generator("somebody/some-model", False).state == "bad"
    assert models.generator("somebody/some-model", True).state == "open"


def test_the_hub_is_not_asked_where_it_is_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("httpx.head", lambda *_, **__: pytest.fail("asked"))
    assert models.hub().state == "apart"
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.undo()


def test_a_full_disk_and_a_folder_that_takes_nothing_are_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    class Full:
        free = 10

    monkeypatch.setattr(psutil, "disk_usage", lambda _: Full())
    assert {row.state for row in machine.disk()} == {"bad"}
    monkeypatch.undo()
    (home / "file").write_text("x")
    monkeypatch.setenv("HARNESS_CACHE", str(home / "file" / "cache"))
    assert machine.disk()[0].state == "bad"
