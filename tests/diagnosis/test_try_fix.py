"""A fix tried on made-up runs: what is put beside the run, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.diagnosis import try_fix as module
from harness.diagnosis.modes import MODES
from harness.diagnosis.try_fix import try_fix
from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.progress import plain_lines
from harness.engine.store import Store
from harness.record.sections import FixSection
from harness.results.measure import Measured
from harness.retrieval.documents import Corpus
from tests import make

MODE = "unsupported_despite_evidence"
BASE = make.script(otherwise="unsupported")
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


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[Measured, FixSection]:
    """RAG-only with one passage fewer, measured as `BETTER`."""
    by_arms = {BASE.arms: BASE, BETTER.arms: BETTER}

    def measured(inputs: Inputs, *_: object) -> Measured:
        script = by_arms[inputs.scenario.arms]
        return Measured(make.figures(script), make.traces(script), make.scores(script))

    monkeypatch.setattr(module, "measure_run", measured)
    monkeypatch.setattr(module, "make_plan", lambda inputs: Planned())
    result, fixes = try_fix(MODE, INPUTS, Planned(), Store(tmp_path), plain_lines(lambda line: None))
    (fix,) = fixes
    return result, fix


def test_the_tried_arm_stands_beside_the_others_and_changes_none(tried: tuple[Measured, FixSection]) -> None:
    measured, fix = tried
    base = make.figures(BASE)
    assert measured.figures.arm_names == (*BASE.arms, "rag+fix")
    arm = measured.figures.arm("rag+fix")
    assert arm is not None
    assert (arm.tried, arm.beside, arm.title) == (MODE, True, "rag with retrieval.top_k: 4 → 3")
    assert {name: measured.figures.metrics[name] for name in BASE.arms} == base.metrics
    assert (fix.arm, fix.name, fix.change) == ("rag", "rag+fix", {"retrieval.top_k": 3})


def test_a_fix_says_what_became_of_the_symptom_and_of_task_success(tried: tuple[Measured, FixSection]) -> None:
    _, fix = tried
    assert fix.after is not None
    assert (fix.before.status, fix.after.status) == ("present", "absent")
    assert fix.says.startswith("rag+fix against rag: task success 20.0 points on test (95 % interval ")  # 84 to 108
    assert f"the symptom is gone: {fix.before.symptom} before, {fix.after.symptom} after." in fix.says


def test_a_fix_is_compared_on_the_metrics_that_the_run_compares_arms_on(tried: tuple[Measured, FixSection]) -> None:
    measured, fix = tried
    compared = [metric.name for metric in measured.figures.metric_rows if metric.compared]
    names = [difference.metric for difference in fix.differences["test"]]
    assert names == [name for name in compared if name in names]
    assert {"task_success", "groundedness", "schema"} <= set(names)
    assert all(difference.p_holm is not None for difference in fix.differences["test"])
    assert fix.differences["dev"] == ()


def test_a_fix_that_is_another_arm_has_no_symptom_afterwards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mode = replace(next(mode for mode in MODES if mode.name == MODE), change=lambda scenario: {"candidate": "tune"})
    scripts = {BASE.arms: BASE, ("tune",): make.script({"tune": 40}, arms=("tune",))}
    runs = {
        arms: Measured(make.figures(script), make.traces(script), make.scores(script))
        for arms, script in scripts.items()
    }
    monkeypatch.setattr(module, "measure_run", lambda inputs, *_: runs[inputs.scenario.arms])
    monkeypatch.setattr(module, "make_plan", lambda inputs: Planned())
    _, (fix,) = try_fix(MODE, INPUTS, Planned(), Store(tmp_path), plain_lines(lambda line: None), None, (mode,))
    assert (fix.name, fix.after) == ("tune+fix", None)
    assert f"the symptom was: {fix.before.symptom}." in fix.says
