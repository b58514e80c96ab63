"""A stored run is opened one way: what was edited since is named, and borne only by commands that may."""

from __future__ import annotations

from pathlib import Path

import pytest

import harness
from harness.errors import InputError
from harness.runs.stored import BEARS, open_stored
from tests.make.faq import CASES, write_cases, write_faq


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scenario that was run."""
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HARNESS_REPORTS", str(tmp_path / "reports"))
    written = write_faq(tmp_path / "faq")
    harness.run(written, workers=1, allow_code=True)
    return written


def test_nothing_edited_nothing_stale(folder: Path) -> None:
    run = open_stored("latest", bears=())
    assert run.stale == {}
    assert [case.id for case in run.cases] == [case["id"] for case in CASES]


def test_an_edited_golden_set_is_refused_by_gate_and_score_and_never_set_beside_old_answers(folder: Path) -> None:
    write_cases(folder, [{**case, "question": "Something else?"} for case in CASES])
    for command in ("gate", "score"):
        with pytest.raises(InputError, match=r"golden.jsonl: changed since .* run the scenario again"):
            open_stored("latest", BEARS[command])
    for command in ("report", "diff"):
        run = open_stored("latest", BEARS[command])
        assert run.cases == ()
        assert "golden.jsonl: changed since" in run.without_questions


def test_edited_gates_are_what_gate_is_for(folder: Path) -> None:
    settings = folder / "scenario.yaml"
    settings.write_text(settings.read_text() + "gates: {task_success: 10}\n")
    run = open_stored("latest", BEARS["gate"])
    assert list(run.stale) == ["scenario"]
    assert run.needed_scenario().gates == {"task_success": 10}


def test_without_its_scenario_a_run_is_shown_and_not_judged(folder: Path) -> None:
    (folder / "scenario.yaml").unlink()
    run = open_stored("latest", BEARS["report"])
    assert (run.scenario, run.cases) == (None, ())
    with pytest.raises(InputError, match="its scenario is needed"):
        run.needed_scenario()


def test_every_command_says_what_it_bears() -> None:
    assert set(BEARS) == {"gate", "score", "report", "diff"}
    assert all("golden" not in BEARS[command] for command in ("gate", "score"))
