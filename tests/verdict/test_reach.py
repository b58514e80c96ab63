"""Every set of arms can reach GO with the gates as they stand when a scenario says nothing."""

from __future__ import annotations

import pytest

from harness.arms import ARMS
from harness.record.measurements import AbilitySection
from harness.types import Verdict
from harness.verdict.decide import decide
from tests import make

BEST, OTHERS = 114, 84  # of 120 cases

SETS: tuple[tuple[str, tuple[str, ...]], ...] = (  # (candidate, arms)
    *((arm.name, (arm.name,)) for arm in ARMS.values() if not arm.oracle),
    ("rag", ("baseline", "rag")),
    ("rag+few-shot", ("rag", "rag+few-shot")),
    ("tune", ("baseline", "tune")),
    ("hybrid", ("rag", "hybrid")),
    ("hybrid", ("baseline", "hybrid")),
    ("hybrid", ("tune", "hybrid")),
    ("rag", ("baseline", "rag", "tune")),
    ("tune", ("baseline", "rag", "tune")),
    ("hybrid", ("rag", "hybrid", "oracle")),
    ("baseline", ("baseline", "rag", "tune", "hybrid")),
    ("rag", ("baseline", "rag", "tune", "hybrid")),
    ("hybrid", ("baseline", "rag", "tune", "hybrid")),
    ("tune+rag", tuple(ARMS)),
)


def _healthy(candidate: str, arms: tuple[str, ...]) -> Verdict:
    script = make.script({arm: BEST if arm in (candidate, "oracle") else OTHERS for arm in arms}, arms=arms)
    latency = make.latency(arms, {candidate: 0.5} if candidate != "rag" else None)
    figures = make.figures(script, candidate=candidate, latency=latency)
    return decide(figures, make.scores(script), script.cases, {}, candidate, advised=None)


@pytest.mark.parametrize(("candidate", "arms"), SETS)
def test_a_healthy_run_is_go_under_the_defaults_and_says_what_it_was_not_compared_with(
    candidate: str, arms: tuple[str, ...]
) -> None:
    verdict = _healthy(candidate, arms)
    assert (verdict.word, verdict.ship) == ("GO", candidate), verdict.sentence
    for other, gate in (("rag", "task_success_gain"), ("tune", "gain_over_tune"), ("baseline", "gain_over_baseline")):
        judged = next(row for row in verdict.gates if row.name == gate)
        if other not in arms:
            assert judged.status == "not applicable"
            assert judged.reason == f"the scenario does not run {other}; add it to `arms:` to compare with it"
        elif other != candidate:
            assert judged.status == "pass"
    assert any("runs no arm beside" in note for note in verdict.notes) == (set(arms) - {"oracle"} == {candidate})


@pytest.mark.parametrize("section", ["safety", "forgetting"])
def test_what_a_tuned_arm_could_measure_and_does_not_stays_not_measured(section: str) -> None:
    figures = make.figures(**{section: AbilitySection("not measured", "nobody asked")})
    verdict = make.record(figures).verdict
    gate = next(row for row in verdict.gates if row.name == section)
    assert (gate.status, gate.reason, verdict.word) == ("not measured", "nobody asked", "NOT PROVEN")


def test_what_cannot_be_measured_is_not_applicable() -> None:
    figures = make.figures(safety=AbilitySection("not applicable", "the model is asked by nobody else"))
    verdict = make.record(figures).verdict
    gate = next(row for row in verdict.gates if row.name == "safety")
    assert (gate.status, verdict.word) == ("not applicable", "GO")


def test_an_arm_without_an_adapter_needs_no_measure_of_what_tuning_did() -> None:
    script = make.script(arms=("baseline", "rag"))
    missing = AbilitySection("not measured", "nobody asked")
    figures = make.figures(script, candidate="rag", safety=missing, forgetting=missing)
    assert make.record(figures, script).verdict.word == "GO"
