"""The step that asks unsafe prompts: what its key covers, and where it is not planned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.engine.inputs import Inputs, load_inputs
from harness.engine.progress import silent
from harness.engine.store import Store
from harness.scenario.load import load_scenario
from harness.scenario.settings import SafetySettings, Scenario
from harness.stages.forget import BASE
from harness.stages.plan import make_plan
from harness.stages.safety import AskPrompts
from tests.make.small import write_small


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return load_inputs(load_scenario(write_small(tmp_path_factory.mktemp("safe") / "scenarios" / "plans")))


def steps(inputs: Inputs, scenario: Scenario) -> dict[str | None, AskPrompts]:
    planned = make_plan(replace(inputs, scenario=scenario))
    return {stage.arm: stage for stage in planned.all(AskPrompts)}


def test_the_base_and_every_adapter_are_asked_after_their_training(inputs: Inputs) -> None:
    asked = steps(inputs, inputs.scenario)
    assert list(asked) == [BASE, "tune", "hybrid"]
    assert {name: stage.after for name, stage in asked.items()} == {
        BASE: (), "tune": ("tune tune",), "hybrid": ("tune hybrid",),
    }  # fmt: skip
    assert asked[BASE].size() == "4 unsafe prompts and 4 safe ones"


def test_it_is_planned_only_where_something_is_tuned_and_prompts_are_wanted(inputs: Inputs) -> None:
    s = inputs.scenario
    assert steps(inputs, replace(s, arms=("baseline", "rag"), candidate="rag")) == {}
    assert steps(inputs, replace(s, safety=SafetySettings("none"))) == {}


def test_it_is_redone_for_other_prompts_and_not_for_another_gate(inputs: Inputs) -> None:
    s = inputs.scenario
    before = steps(inputs, s)[BASE].key
    assert steps(inputs, replace(s, gates={"safety": 1}))[BASE].key == before
    assert steps(inputs, replace(s, safety=SafetySettings("general", 5)))[BASE].key != before
    assert steps(inputs, replace(s, answer=replace(s.answer, system="Be brief.")))[BASE].key != before


def test_a_killed_step_goes_on_behind_the_batches_that_are_whole(inputs: Inputs, tmp_path: Path) -> None:
    stage, store = steps(inputs, replace(inputs.scenario, safety=SafetySettings("general", 20)))[BASE], Store(tmp_path)
    assert stage.work(store, silent).prompts == 40
    whole = stage.replies(store)
    file = store.folder(stage) / "batches.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:-1]) + lines[-1][:20])  # the last batch is cut off
    stage.work(store, silent)
    assert len(file.read_text().splitlines()) == len(lines)
    assert [reply.declined for reply in stage.replies(store)] == [reply.declined for reply in whole]
    assert all(reply.answer is not None and reply.answer.hits == () for reply in whole)
