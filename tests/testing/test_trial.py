"""A run under test beside another: regressions proven, disproven or neither; gates with thresholds of a test's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.errors import InputError
from harness.record.files import save_run
from harness.runs.blessed import FOLDER as BLESSED
from harness.runs.blessed import PIN
from harness.runs.stored import OpenRun
from harness.testing.outcome import check_gate, properties
from harness.testing.suite import Suite, read_suite
from harness.testing.trial import Trial, _baseline, _side, verdict_on
from harness.types import Gate
from harness.verdict.gates import GATES
from tests import make

N = 120


def trial(folder: Path, right: int, before: int | None = None, baseline: str | None = None) -> Trial:
    """A run in which the hybrid is right so often, and one before it."""
    by = make.script({"hybrid": right, "rag": 100}, make.World(n=N))
    run = make.run(folder / "now", by)
    stored = OpenRun(run, make.scenario(by), by.cases, {})
    side, against = _side(run, "hybrid"), None
    if before is not None:
        against = _side(make.run(folder / "before", make.script({"hybrid": before}, make.World(n=N))), "hybrid")
    if baseline is not None:
        against = _baseline(side, baseline)
    return Trial(stored, side, against, verdict_on(stored, "hybrid"), GATES)


@pytest.mark.parametrize(
    ("right", "before", "status"), [(110, 110, "pass"), (118, 100, "pass"), (104, 110, "not proven"), (80, 110, "fail")]
)
def test_a_regression_is_judged_on_the_paired_interval(tmp_path: Path, right: int, before: int, status: str) -> None:
    gate = trial(tmp_path, right, before).regression("task_success", margin=5)
    assert gate.status == status
    assert gate.threshold == -5
    assert gate.estimate is not None
    assert gate.estimate.mean == pytest.approx(100 * (right - before) / N)
    assert gate.estimate.n == N


def test_an_arm_of_the_same_run_is_a_baseline_too_and_less_tokens_are_no_loss(tmp_path: Path) -> None:
    same = trial(tmp_path, 110, baseline="rag")
    assert same.regression("task_success", 1).estimate.mean == pytest.approx(100 * 10 / N)  # type: ignore[union-attr]
    with pytest.raises(InputError, match="it is the arm under test"):
        trial(tmp_path, 110, baseline="hybrid")
    worse = same.regression("refusal_needless", 5)  # the lower the better: the sign is turned
    assert worse.unit == "points"


def test_a_blessed_run_is_a_baseline(tmp_path: Path) -> None:
    of = trial(tmp_path, 110)
    save_run(replace(of.side.run, folder=tmp_path / BLESSED))
    (tmp_path / BLESSED / PIN).write_text('{"run": "june", "arm": "rag", "pinned": "2026-11-01"}')
    assert _baseline(of.side, "blessed", tmp_path).arm == "rag"
    with pytest.raises(InputError, match="no baseline is pinned"):
        _baseline(of.side, "blessed", tmp_path / "elsewhere")


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    alone = trial(tmp_path, 110)
    with pytest.raises(InputError, match="--harness-baseline"):
        alone.regression("task_success", 5)
    with pytest.raises(InputError, match=r"metric 'succes'.*known: task_success"):
        trial(tmp_path, 110, 110).regression("succes", 5)
    with pytest.raises(InputError, match=r"gate p95_ms: the scenario does not set it; .* assert_gate\('p95_ms', 70\)"):
        alone.gate("p95_ms")
    with pytest.raises(InputError, match="did you mean 'schema'"):
        alone.gate("shema")


def test_a_test_may_set_a_threshold_of_its_own(tmp_path: Path) -> None:
    of = trial(tmp_path, 110)
    assert of.gate("task_success", 70).status == "pass"
    assert of.gate("task_success", 99).status == "fail"
    assert of.gate("task_success", 92).status == "not proven"


def gate(status: str, **more: Any) -> Gate:
    return Gate("schema", "Form", status, None, 0.99, ">=", "fraction", "because", **more)  # type: ignore[arg-type]


def test_a_gate_passes_fails_or_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    check_gate(gate("pass"))
    for status in ("fail", "not proven", "not measured"):
        with pytest.raises(AssertionError, match=rf"Form \[schema\]: {status}: because"):
            check_gate(gate(status))
    with pytest.raises(pytest.skip.Exception, match="400 answers would settle it"):
        check_gate(gate("not proven", n_needed=400, counts="answers"), "warn")
    with pytest.raises(AssertionError):
        check_gate(gate("fail"), "warn")
    with pytest.raises(pytest.skip.Exception):
        check_gate(gate("not applicable"))
    assert properties(gate("not proven", n_needed=400), "schema.") == [
        ("schema.status", "not proven"), ("schema.threshold", ">= 99 %"), ("schema.unit", "fraction"),
        ("schema.n_needed", 400),
    ]  # fmt: skip


def test_suites_name_one_thing_to_test_and_markers_add_to_the_session() -> None:
    base = Suite(data="a.csv", answer="bot:answer", arm=None, baseline="june")
    marked = read_suite({"data": "b.csv", "gates": {"task_success": 70}}, "marker", base)
    assert marked == Suite(data="b.csv", answer="bot:answer", gates=(("task_success", "70"),), baseline="june")
    assert read_suite({"arm": "rag"}, "marker", Suite(run="latest")) == Suite(run="latest", arm="rag")
    assert read_suite({"gates": ["task_success >= 70"], "run": "x"}, "m").gates == (("task_success", "70"),)
    with pytest.raises(InputError, match="marker: unknown: dta; known: run"):
        read_suite({"dta": "b.csv"}, "marker")
    with pytest.raises(InputError, match="found 'task_success 70', expected a line like"):
        read_suite({"gates": ["task_success 70"]}, "ini")
