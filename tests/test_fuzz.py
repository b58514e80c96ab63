"""The fuzzer itself: some inputs of one seed, each in a fork of a warm process, end as they should."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow  # half a minute: the pristine folder is made by real commands
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the fuzzer forks")
def test_sixty_spoilt_inputs_end_without_a_finding(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.fuzz", "--inputs", "60", "--seed", "2026"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    assert "seed 2026: 60 inputs" in ended.stdout
    codes = next(line for line in ended.stdout.splitlines() if line.startswith("exit codes: "))
    assert "2: " in codes  # something was refused
    assert "70: " not in codes  # nothing was unforeseen
