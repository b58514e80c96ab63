"""What travels in the wheel: the model, the starters, the report's templates, every file of the package, no other."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from benchmarks.wheel import ROOT, build_wheel, missing_from, strangers_in


@pytest.mark.slow
def test_everything_that_a_run_needs_travels_in_the_wheel(tmp_path: Path) -> None:
    if subprocess.run(["git", "rev-parse"], cwd=ROOT, capture_output=True, check=False).returncode:
        pytest.skip("not a git checkout: what is tracked cannot be listed")
    wheel = build_wheel(tmp_path)
    assert missing_from(wheel) == []
    assert strangers_in(wheel) == []
