"""Two runs side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.errors import InputError
from harness.history.diff import diff_runs, flipped_cases
from harness.record.files import StoredRun
from harness.report.text.diff import diff_text
from harness.results.settings import measured_settings
from harness.scenario.settings import Models
from harness.types import Answer, Form, Score, Trace
from tests import make
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


def test_every_metric_is_paired_and_holm_is_over_those_that_the_run_compares_arms_on() -> None:
    before, after = (_run(name, runs.scores()) for name in ("a", "b"))
    rows = {d.metric: d for d in diff_runs(before, after).differences}
    assert rows.keys() == {"task_success", "groundedness", "hallucination"}  # all that have scores here
    assert rows["groundedness"].p_holm == 1.0
    assert rows["hallucination"].p_holm is None
    settings = tuple(replace(row, compared=row.name == "hallucination") for row in after.record.metric_rows)
    one = diff_runs(before, replace(after, record=replace(after.record, metric_rows=settings))).differences
    assert {d.metric for d in one if d.p_holm is not None} == {"hallucination"}


def test_a_metric_that_arms_are_not_compared_on_is_named_when_it_moves() -> None:
    """Precision of the shown passages and the length of prompts, in their own units."""
    extra = {"a": (0.25, 400.0), "b": (0.75, 300.0)}
    made = {
        name: _run(name, [*runs.scores(), *_all("rag", "precision@k", share), *_all("rag", "prompt_tokens", tokens)])
        for name, (share, tokens) in extra.items()
    }
    changes = diff_runs(made["a"], made["b"])
    rows = {d.metric: d.estimate for d in changes.differences if d.arm == "rag"}
    assert (rows["precision@k"].mean, rows["precision@k"].unit) == (50.0, "points")
    assert (rows["prompt_tokens"].mean, rows["prompt_tokens"].unit) == (-100.0, "tokens")
    assert "rag, Precision of shown passages: +50.0 points" in diff_text(changes, made["b"].record)


def _all(arm: str, metric: str, value: float) -> list[Score]:
    return [Score(case.id, arm, metric, value) for case in runs.cases()]


def test_cases_of_other_splits_do_not_count() -> None:
    dev = [Score(f"dev{i}", arm, "task_success", float(i % 2)) for i in range(30) for arm in runs.HITS]
    turned = [replace(score, value=1.0 - (score.value or 0.0)) for score in dev]
    changes = diff_runs(_run("a", [*runs.scores(), *dev]), _run("b", [*runs.scores(), *turned]))
    assert changes.shared_cases == runs.N
    assert all(not flips.gained and not flips.lost for flips in changes.flips.values())


def test_figures_of_the_whole_run_are_named_when_they_move() -> None:
    slow = runs.latencies(rag=runs.latency(p95=900.0))
    lost = runs.ability(tune=make.around(-9.0, 1.0, "points"), hybrid=make.around(-0.5, 1.5, "points"))
    forms = {**runs.figures().forms, "hybrid": runs.form(schema=make.proportion(1000, 1120))}
    after = _run("b", runs.scores(), latency=slow, forgetting=lost, forms=forms)
    rows = {(row.arm, row.title): row for row in diff_runs(_run("a", runs.scores()), after).figures}
    assert rows["rag", "latency p95"].apart
    assert rows["tune", "general ability (forgetting) beside the base model's"].apart
    assert ("hybrid", "general ability (forgetting) beside the base model's") not in rows
    assert ("hybrid", "form valid after repair, probes included") in rows
    nothing = diff_runs(_run("a", runs.scores()), _run("b", runs.scores()))
    assert nothing.figures == ()
    gone = _run("b", runs.scores(), latency=replace(slow, arms={}))
    text = diff_text(diff_runs(_run("a", runs.scores()), gone), gone.record)
    assert "rag latency p95: 400 ms -> not measured" in text


def test_every_setting_that_changed_is_named_and_an_older_record_says_that_it_keeps_none() -> None:
    kept = measured_settings(make.scenario())
    changed = {**kept, "retrieval.top_k": 6, "tuning.rank": 8, "answer.max_new_tokens": 32}
    before, after = _run("a", runs.scores(), settings=kept), _run("b", runs.scores(), settings=changed)
    assert diff_runs(before, after).settings == {
        "answer.max_new_tokens": (64, 32),
        "retrieval.top_k": (4, 6),
        "tuning.rank": (16, 8),
    }
    older = diff_runs(_run("a", runs.scores(), settings=None), after)
    assert older.settings == {}
    assert older.unknown is not None
    assert "a: made by an earlier version" in diff_text(older, after.record)


def test_only_settings_that_changed_are_listed() -> None:
    before = _run("a", runs.scores(), models=Models(generator="pocket"), gates={"schema": 99})
    after = _run("b", runs.scores(), models=Models(generator="other"), gates={"schema": 99, "repair": 5})
    assert diff_runs(before, after).settings == {"models.generator": ("pocket", "other"), "gates.repair": (None, 5)}


def test_runs_that_share_nothing_are_refused() -> None:
    other = [Score(f"z{i}", "rag", "task_success", 1.0) for i in range(3)]
    with pytest.raises(InputError, match="a and b share no test case"):
        diff_runs(_run("a", runs.scores()), _run("b", other))
    run = _run("b", runs.scores())
    with pytest.raises(InputError, match="share no arm"):
        diff_runs(_run("a", runs.scores()), replace(run, record=replace(run.record, arms=(runs.arm("oracle"),))))


def test_flipped_cases_are_those_of_any_shared_arm() -> None:
    before, after = _run("a", runs.scores()), _run("b", runs.scores({**runs.HITS, "rag": 82, "tune": 37}))
    assert flipped_cases(before.scores, after.scores) == ["q036", "q082", "q083"]
    assert flipped_cases(before.scores, before.scores) == []
