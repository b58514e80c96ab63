"""Two runs side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.errors import InputError
from harness.history.diff import diff_runs, flipped_cases
from harness.record.files import StoredRun
from harness.scenario.settings import Models
from harness.types import Answer, Form, Score, Trace
from tests.verdict import runs

FORM = Form(demanded=False, first_try=True, valid=True, repaired=False)


def _run(name: str, scores: list[Score], wording: str = "", **changes: Any) -> StoredRun:
    success = [score for score in scores if score.metric == "task_success"]
    traces = tuple(Trace(score.case_id, score.arm, _answer(f"{score.value}{wording}")) for score in success)
    return StoredRun(Path(name), runs.record(name, rows=scores, **changes), traces, tuple(scores))


def _answer(raw: str) -> Answer:
    return Answer(raw=raw, text="", parsed=None, form=FORM, refused=False, cited=())


def test_answers_that_flipped_are_named_by_arm() -> None:
    before = _run("a", runs.scores())
    after = _run("b", runs.scores({**runs.HITS, "hybrid": 116, "rag": 81}))
    changes = diff_runs(before, after)
    assert changes.shared_cases == 120
    assert changes.flips["hybrid"].gained == ("q114", "q115")
    assert changes.flips["rag"].lost == ("q081", "q082", "q083")
    assert changes.flips["tune"] == type(changes.flips["tune"])((), (), ())


def test_another_wording_with_the_same_success_is_no_flip() -> None:
    flips = diff_runs(_run("a", runs.scores()), _run("b", runs.scores(), wording="!")).flips["rag"]
    assert (flips.gained, flips.lost, len(flips.reworded)) == ((), (), 120)


def test_differences_are_paired_after_minus_before_with_holm() -> None:
    changes = diff_runs(_run("a", runs.scores()), _run("b", runs.scores({**runs.HITS, "rag": 96})))
    differences = {(d.metric, d.arm): d for d in changes.differences}
    gain = differences["task_success", "rag"]
    assert gain.estimate.mean == pytest.approx(10.0)  # 12 of 120
    assert gain.against == "a"
    assert gain.p is not None
    assert gain.p_holm is not None
    assert gain.p < gain.p_holm < 0.05
    assert differences["task_success", "hybrid"].p_holm == 1.0


def test_the_metrics_that_are_compared_are_those_that_the_run_compares_arms_on() -> None:
    before, after = (_run(name, runs.scores()) for name in ("a", "b"))
    every = {d.metric for d in diff_runs(before, after).differences}
    assert every == {"task_success", "groundedness"}  # the rows that are compared and have scores here
    rows = tuple(replace(row, compared=row.name == "groundedness") for row in after.record.metric_rows)
    one = diff_runs(before, replace(after, record=replace(after.record, metric_rows=rows))).differences
    assert {d.metric for d in one} == {"groundedness"}


def test_only_settings_that_changed_are_listed() -> None:
    before = _run("a", runs.scores(), models=Models(generator="pocket"), gates={"schema": 99})
    after = _run("b", runs.scores(), models=Models(generator="other"), gates={"schema": 99, "repair": 5})
    assert diff_runs(before, after).settings == {"models.generator": ("pocket", "other"), "gates.repair": (None, 5)}


def test_runs_that_share_nothing_are_refused() -> None:
    other = [Score(f"z{i}", "rag", "task_success", 1.0) for i in range(3)]
    with pytest.raises(InputError, match="a and b share no case"):
        diff_runs(_run("a", runs.scores()), _run("b", other))
    run = _run("b", runs.scores())
    with pytest.raises(InputError, match="share no arm"):
        diff_runs(_run("a", runs.scores()), replace(run, record=replace(run.record, arms=(runs.arm("oracle"),))))


def test_flipped_cases_are_those_of_any_shared_arm() -> None:
    before, after = _run("a", runs.scores()), _run("b", runs.scores({**runs.HITS, "rag": 82, "tune": 37}))
    assert flipped_cases(before.scores, after.scores) == ["q036", "q082", "q083"]
    assert flipped_cases(before.scores, before.scores) == []
