"""The table of steps: what is planned, what its keys cover, and a step that is added by one line."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.arms import ARMS, Arm
from harness.engine.estimate import forecast
from harness.engine.execute import execute
from harness.engine.inputs import Inputs, load_inputs
from harness.engine.planned import Planned
from harness.engine.progress import silent
from harness.engine.store import Store
from harness.files.hashing import content_hash
from harness.results.measure import measure_step, run_key
from harness.scenario.load import load_scenario
from harness.stages.answer import Generate
from harness.stages.plan import STEPS, make_plan
from harness.stages.tune import TuneAdapter, tune_of
from tests.engine.steps import Note, log
from tests.make.small import write_small


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    folder = write_small(tmp_path_factory.mktemp("plan") / "scenarios" / "plans")
    return load_inputs(load_scenario(folder))


def labels(planned: Iterable[object]) -> list[str]:
    return [getattr(stage, "label", "") for stage in planned]


def test_every_step_is_planned_after_what_it_needs(inputs: Inputs) -> None:
    planned = make_plan(replace(inputs, drills=True))
    known: set[str] = set()
    for stage in planned:
        assert known.issuperset(stage.after), stage.label
        known.add(stage.label)
    assert labels(planned)[:4] == ["index", "retrieve", "retrieve-examples", "evidence"]
    assert {"perturb", "refresh", "drill hybrid", "forget base", "latency"} <= known
    assert not {"rerank", "gold", "measure"} & known


def test_a_step_is_added_by_one_line_and_seen_everywhere(inputs: Inputs, tmp_path: Path) -> None:
    def count_steps(inputs: Inputs, planned: Planned) -> Iterable[Note]:
        yield Note(key=content_hash(len(inputs.cases)), word="counted", after=("index",))

    index, *others = STEPS
    planned, store = make_plan(inputs, (index, count_steps, *others)), Store(tmp_path)
    assert labels(planned)[:3] == ["index", "note", "retrieve"]
    rows = forecast((*planned, measure_step(inputs, planned)), store, 1, "").stages
    assert ("note", "a word") in [(row.label, row.size) for row in rows]
    only = planned.only(Note)
    assert [timing.stage.label for timing in execute(only, store, silent, 1).timings] == ["note"]
    assert log(store) == ["counted"]
    assert measure_step(inputs, planned).key != measure_step(inputs, make_plan(inputs)).key


def test_a_case_that_is_added_trains_nothing_again_and_an_example_asks_nobody_again(inputs: Inputs) -> None:
    case = replace(inputs.cases[0], id="new", question="How much is Oak?")
    example = replace(inputs.examples[0], user="How much is Elm?", use="both")
    before, more_cases, more_examples = (
        {stage.label: stage.key for stage in make_plan(each)}
        for each in (
            inputs,
            replace(inputs, cases=(*inputs.cases, case)),
            replace(inputs, examples=(*inputs.examples, example)),
        )
    )
    same = {label for label, key in before.items() if more_cases[label] == key}
    assert {"retrieve-examples", "tune tune", "tune hybrid", "forget hybrid", "safety hybrid"} <= same
    assert not {"retrieve", "generate rag", "generate hybrid"} & same
    same = {label for label, key in before.items() if more_examples[label] == key}
    assert {"retrieve", "generate baseline", "generate rag", "forget base"} <= same
    assert not {"retrieve-examples", "tune tune", "tune hybrid", "generate hybrid"} & same


def test_a_tuned_reranker_is_a_step_with_a_line_of_its_own(inputs: Inputs, tmp_path: Path) -> None:
    settings = replace(inputs.scenario.retrieval, reranker="tuned")
    planned = make_plan(replace(inputs, scenario=replace(inputs.scenario, retrieval=settings)))
    assert labels(planned)[:3] == ["index", "rerank", "retrieve"]
    assert planned.labelled("retrieve").after == ("index", "rerank")
    row = next(row for row in forecast(planned, Store(tmp_path), 1, "").stages if row.name == "rerank")
    assert row.seconds > 60
    assert "re-ranker" in row.size


def test_arms_of_one_book_share_an_adapter(inputs: Inputs) -> None:
    arms = ("rag", "tune", "tune+rag", "hybrid")
    planned = make_plan(replace(inputs, scenario=replace(inputs.scenario, arms=arms)))
    assert labels(planned.all(TuneAdapter)) == ["tune tune", "tune hybrid"]
    assert tune_of(planned, ARMS["tune"]) == tune_of(planned, ARMS["tune+rag"]) == planned.all(TuneAdapter)[0]
    assert tune_of(planned, ARMS["rag"]) is None
    assert "tune tune" in planned.labelled("generate tune+rag").after


def test_a_changed_gate_changes_the_run_and_no_step(inputs: Inputs) -> None:
    changed = replace(inputs, scenario=replace(inputs.scenario, gates={"schema": 50}))
    before, after = make_plan(inputs), make_plan(changed)
    assert [stage.key for stage in before] == [stage.key for stage in after]
    assert measure_step(inputs, before).key == measure_step(changed, after).key
    assert run_key(measure_step(inputs, before)) != run_key(measure_step(changed, after))


def test_an_arm_of_another_table_is_planned_like_any_other(inputs: Inputs) -> None:
    mine = Arm("careful", "Careful", retriever=True, adapter="open_book", base="rag")
    table = {**ARMS, "careful": mine}
    scenario = replace(inputs.scenario, arms=("rag", "careful"), candidate="careful")
    planned = make_plan(replace(inputs, scenario=scenario, arm_table=table))
    generate = planned.of_arm(Generate, "careful")
    assert generate is not None
    assert generate.to == mine
    assert labels(planned.all(TuneAdapter)) == ["tune careful"]
    renamed = make_plan(replace(inputs, scenario=scenario, arm_table={**table, "careful": replace(mine, title="T")}))
    assert [stage.key for stage in renamed] == [stage.key for stage in planned], "a title changes no answer"


def test_another_candidate_is_asked_anew_where_there_are_probes(inputs: Inputs) -> None:
    rag = replace(inputs, scenario=replace(inputs.scenario, candidate="rag"))
    pairs = zip(make_plan(inputs), make_plan(rag), strict=True)
    asked_anew = {before.label for before, after in pairs if before.key != after.key}
    assert {"generate rag", "generate hybrid"} <= asked_anew
    assert "generate tune" not in asked_anew

    keys = [make_plan(replace(i, probes=())).labelled("generate hybrid").key for i in (inputs, rag)]
    assert keys[0] == keys[1], "without probes the candidate is asked what every arm is"


def test_a_scenario_that_moved_trains_nothing_anew(tmp_path: Path) -> None:
    here, there = tmp_path / "here" / "plans", tmp_path / "there" / "plans"
    write_small(here)
    shutil.copytree(here, there)
    keys = [[s.key for s in make_plan(load_inputs(load_scenario(folder))).all(TuneAdapter)] for folder in (here, there)]
    assert keys[0] == keys[1] != []
