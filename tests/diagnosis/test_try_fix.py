"""A fix tried on made-up runs: what is put beside the run, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.diagnosis import try_fix as module
from harness.diagnosis.modes import MODES
from harness.diagnosis.try_fix import try_fix
from harness.documents.corpus import Corpus
from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.progress import plain_lines
from harness.engine.store import Store
from harness.record.sections import FixSection
from harness.results.measure import Measure, RunResult
from tests import make

MODE = "unsupported_despite_evidence"
BASE = make.script(otherwise="adorned")
BETTER = make.script({"rag": 108}, arms=("rag",))
INPUTS = Inputs(
    scenario=make.scenario(BASE),
    cases=BASE.cases,
    probes=(),
    examples=(),
    corpus=Corpus(()),
    clusters=dict(BASE.world.clusters),
    corpus_key="",
    model_key="",
    model_bytes=0,
)
STEP = Measure(key="", inputs=INPUTS, planned=Planned())


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[RunResult, FixSection]:
    """RAG-only with one passage fewer, measured as `BETTER`."""
    by_arms = {BASE.arms: BASE, BETTER.arms: BETTER}

    def measured(stage: Measure, *_: object) -> RunResult:
        script = by_arms[stage.inputs.scenario.arms]
        return RunResult(make.figures(script), make.traces(script), make.scores(script))

    monkeypatch.setattr(module, "measure_run", measured)
    monkeypatch.setattr(module, "make_plan", lambda inputs: Planned())
    result, fixes = try_fix(MODE, STEP, Store(tmp_path), plain_lines(lambda line: None))
    (fix,) = fixes
    return result, fix


def test_the_tried_arm_stands_beside_the_others_and_changes_none(tried: tuple[RunResult, FixSection]) -> None:
    measured, fix = tried
    base = make.figures(BASE)
    assert measured.figures.arm_names == (*BASE.arms, "rag+fix")
    arm = measured.figures.arm("rag+fix")
    assert arm is not None
    assert (arm.tried, arm.beside, arm.title) == (MODE, True, "rag with retrieval.top_k: 4 → 3")
    assert {name: measured.figures.metrics[name] for name in BASE.arms} == base.metrics
    assert (fix.arm, fix.name, fix.change) == ("rag", "rag+fix", {"retrieval.top_k": 3})


def test_a_fix_says_what_became_of_the_symptom_and_of_task_success(tried: tuple[RunResult, FixSection]) -> None:
    _, fix = tried
    assert fix.after is not None
    assert (fix.before.status, fix.after.status) == ("present", "absent")
    assert fix.says.startswith("rag+fix against rag: task success 20.0 points on test (95 % interval ")  # 84 to 108
    assert f"the symptom is gone: {fix.before.symptom} before, {fix.after.symptom} after." in fix.says


def test_a_fix_is_tested_on_the_metrics_that_arms_are_compared_on(tried: tuple[RunResult, FixSection]) -> None:
    measured, fix = tried
    compared = [metric.name for metric in measured.figures.metric_rows if metric.compared]
    tested = [difference.metric for difference in fix.differences["test"] if difference.p_holm is not None]
    assert tested == [name for name in compared if name in tested]
    assert {"task_success", "groundedness", "schema"} <= set(tested)
    assert fix.differences["dev"] == ()


def test_a_fix_shows_every_rate_that_both_runs_have(tried: tuple[RunResult, FixSection]) -> None:
    measured, fix = tried
    rows = {difference.metric: difference for difference in fix.differences["test"]}
    both = measured.figures.metrics["rag"].keys() & measured.figures.metrics["rag+fix"].keys()
    rates = {row.name for row in measured.figures.metric_rows if row.unit == "fraction"}
    assert rows.keys() == both & rates
    assert {"recall@k", "hallucination", "citation_precision"} <= rows.keys()
    fewer = rows["hallucination"]
    assert fewer.estimate.mean is not None
    assert fewer.estimate.mean < 0
    assert fewer.estimate.low is not None
    assert (fewer.p, fewer.p_holm) == (None, None)
    assert "prompt_tokens" not in rows  # a length is no rate


def test_holm_counts_the_tested_metrics_alone(tried: tuple[RunResult, FixSection]) -> None:
    _, fix = tried
    tested = [difference for difference in fix.differences["test"] if difference.p is not None]
    smallest = min(tested, key=lambda difference: difference.p or 0.0)
    assert smallest.p_holm == pytest.approx(min(1.0, len(tested) * (smallest.p or 0.0)))


def test_the_page_names_what_only_informs(tried: tuple[RunResult, FixSection]) -> None:
    from harness.report.page.parts.diagnosis import diagnosis
    from harness.report.page.view import view_of

    _, fix = tried
    view = view_of(make.record(by=BASE, fixes=(fix,)), make.traces(BASE), make.scores(BASE), BASE.cases, {})
    (shown,) = diagnosis(view).fixes
    words = {row[0]: row[3] for row in shown.rows}
    assert words["Hallucination"] == words["Recall of shown passages"] == "informative"
    assert words["Task success"].startswith("p ")


def test_a_fix_that_is_another_arm_has_no_symptom_afterwards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mode = replace(next(mode for mode in MODES if mode.name == MODE), change=lambda scenario: {"candidate": "tune"})
    scripts = {BASE.arms: BASE, ("tune",): make.script({"tune": 40}, arms=("tune",))}
    runs = {
        arms: RunResult(make.figures(script), make.traces(script), make.scores(script))
        for arms, script in scripts.items()
    }
    monkeypatch.setattr(module, "measure_run", lambda stage, *_: runs[stage.inputs.scenario.arms])
    monkeypatch.setattr(module, "make_plan", lambda inputs: Planned())
    _, (fix,) = try_fix(MODE, STEP, Store(tmp_path), plain_lines(lambda line: None), None, (mode,))
    assert (fix.name, fix.after) == ("tune+fix", None)
    assert f"the symptom was: {fix.before.symptom}." in fix.says
