"""`harness run --only failing RUN`: the cases that a run has not got right, by its candidate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.results.open_cases import open_cases
from tests import make


def test_failing_are_wrong_unscored_and_unanswered_ones(tmp_path: Path) -> None:
    run = make.run(tmp_path / "r", make.script({"hybrid": 10, "rag": 12}, make.World(n=12)))
    failing = open_cases(run, "failing")
    assert len(failing) == 2
    assert failing == tuple(
        s.case_id for s in run.scores if (s.arm, s.metric, s.value) == ("hybrid", "task_success", 0.0)
    )
    lost = next(trace for trace in run.traces if trace.arm == "hybrid" and trace.case_id not in failing)
    cut = tuple(replace(t, answer=None, error="HTTP 500") if t is lost else t for t in run.traces)
    scores = tuple(s for s in run.scores if (s.case_id, s.arm) != (lost.case_id, "hybrid"))
    broken = replace(run, traces=cut, scores=scores)
    assert set(open_cases(broken, "failing")) == {*failing, lost.case_id}
    assert open_cases(broken, "unanswered") == (lost.case_id,)


def test_nothing_to_ask_again_and_an_unknown_choice_are_said(tmp_path: Path) -> None:
    run = make.run(tmp_path / "r", make.script({"hybrid": 12}, make.World(n=12)))
    with pytest.raises(InputError, match="r has no such case of hybrid"):
        open_cases(run, "failing")
    with pytest.raises(InputError, match="--only broken: expected one of: failing, unanswered"):
        open_cases(run, "broken")
