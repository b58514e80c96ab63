"""Gates that no answers could decide are named before anything runs, each with its reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.scenario.load import load_scenario
from harness.scenario.settings import ForgettingSettings, LatencySettings, Scenario
from harness.verdict.reach import Sizes, out_of_reach
from harness.verdict.thresholds import read_thresholds
from tests.make.small import write_small

LARGE = Sizes(400, 400, 600)


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return load_scenario(write_small(tmp_path_factory.mktemp("reach") / "scenarios" / "plans"))


def reach(scenario: Scenario, sizes: Sizes, **gates: object) -> dict[str, str]:
    return dict(out_of_reach(scenario, read_thresholds(gates), sizes))


def measured(scenario: Scenario) -> Scenario:
    """The scenario with everything measured that gates ask for."""
    return replace(scenario, latency=LatencySettings(30), forgetting=ForgettingSettings("general"))


def test_a_large_set_reaches_every_default_gate(scenario: Scenario) -> None:
    assert reach(measured(scenario), LARGE) == {}


def test_a_small_set_cannot_decide(scenario: Scenario) -> None:
    limits = reach(measured(scenario), Sizes(12, 4, 12))
    assert {"groundedness", "hallucination", "task_success_gain"} <= limits.keys()
    assert "12 cases" in limits["groundedness"]


def test_by_point_estimate_everything_is_decided(scenario: Scenario) -> None:
    assert reach(measured(scenario), Sizes(12, 4, 12), policy="point") == {}


def test_references_that_are_sentences_leave_success_unscored(scenario: Scenario) -> None:
    limits = reach(measured(scenario), replace(LARGE, undecided=400))
    assert "sentence" in limits["gain_over_constant"]
    assert "sentence" in limits["task_success_gain"]


def test_what_the_settings_do_not_measure(scenario: Scenario) -> None:
    limits = reach(replace(measured(scenario), latency=LatencySettings(0)), LARGE, cost_ratio=1.5)
    assert limits.keys() == {"p95_ratio", "cost_ratio"}
    assert "forgetting" in reach(replace(measured(scenario), forgetting=ForgettingSettings("none")), LARGE)
    few = reach(replace(measured(scenario), latency=LatencySettings(20)), LARGE)
    assert few == {"p95_ratio": "latency.questions is 20, and the ratio has no interval below 30"}


def test_a_gate_that_does_not_apply_is_not_named(scenario: Scenario) -> None:
    rag = replace(measured(scenario), candidate="rag", forgetting=ForgettingSettings("none"))
    assert reach(rag, LARGE) == {}


def exit_code(folder: Path) -> int:
    from harness.cli.main import main

    with pytest.raises(SystemExit) as exit:
        main(["golden", "check", str(folder), "--no-pii"])
    return int(exit.value.code or 0)


def test_the_check_says_it_and_an_unknown_gate_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_small(tmp_path / "scenarios" / "plans")
    assert exit_code(folder) == 0
    assert "note: gates: groundedness: not even" in capsys.readouterr().out
    file = folder / "scenario.yaml"
    text = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("gates:")]
    file.write_text("\n".join([*text, "gates: {groundednes: 90}", ""]), encoding="utf-8")
    assert exit_code(folder) == 2
    assert "gates.groundednes: no such gate; did you mean 'groundedness'?" in capsys.readouterr().out
