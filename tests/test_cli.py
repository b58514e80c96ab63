"""The command line as a process: how fast it says what it can do, and what its codes are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def harness(*arguments: str, home: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "harness", *arguments],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_takes_less_than_half_a_second_of_the_processor() -> None:
    """Processor seconds, so that a busy machine does not decide; the least of three."""
    least = min(_seconds("--help") for _ in range(3))
    assert least < 0.5


def _seconds(*arguments: str) -> float:
    before = os.times()
    assert harness(*arguments).returncode == 0
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "nowhere"], "nowhere: no scenario.yaml there"),
        (["run"], "Missing argument"),
        (["fly"], "No such command 'fly'"),
        (["run", "helpdesk", "--arms", "rag,magic"], "unknown arm 'magic'"),
        (["report", "no-such-run"], "no-such-run"),
        (["schema", "nothing"], "no such format; known:"),
    ],
)
def test_bad_use_is_code_2_and_no_traceback(arguments: list[str], said: str) -> None:
    done = harness(*arguments)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_shell_is_told_what_could_come_next() -> None:
    words = {"_HARNESS_COMPLETE": "complete_bash", "COMP_WORDS": "harness re", "COMP_CWORD": "1"}
    code = "import sys; sys.argv[0] = 'harness'; from harness.cli.main import main; main([])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **words}, capture_output=True, text=True, check=False
    )
    assert sorted(done.stdout.split()) == ["refresh", "report", "retrieval"]


@pytest.mark.parametrize("color", ["1", ""])
def test_no_color_is_heeded(color: str) -> None:
    """NO_COLOR set to anything but nothing: no colour even where a terminal is claimed (no-color.org)."""
    code = "from harness.cli.console import console; c = console(stderr=False); c.print('word', style='bold cyan')"
    environment = {**os.environ, "NO_COLOR": color, "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True).stdout
    assert ("36m" in out) == (color == "")
