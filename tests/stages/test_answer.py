"""One arm's answers: by callable, in shares, with and without probes."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.arms import ARMS, Arm
from harness.engine.execute import bring_to_end, execute
from harness.engine.inputs import Inputs, load_inputs
from harness.engine.progress import silent
from harness.engine.store import Store
from harness.engine.workers import Preload
from harness.errors import InputError
from harness.results.measure import RunResult, measure_run, measure_step
from harness.scenario.load import load_scenario
from harness.stages.answer import Generate, Generated
from harness.stages.index import IndexCorpus
from harness.stages.plan import make_plan
from harness.stages.retrieve import Retrieve
from harness.types import Probe, Trace
from tests.make.small import write_small
from tests.stages import systems

OURS = Arm("ours", "The system that we have", answers=systems.plain, test_double=True)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    folder = write_small(tmp_path_factory.mktemp("answer") / "scenarios" / "plans")
    return load_inputs(load_scenario(folder))


def with_system(inputs: Inputs, arm: Arm = OURS, names: Sequence[str] = ("ours",)) -> Inputs:
    scenario = replace(inputs.scenario, arms=tuple(names), candidate=arm.name)
    return replace(inputs, scenario=scenario, arm_table={**ARMS, arm.name: arm})


def generate_of(inputs: Inputs) -> Generate:
    stage = make_plan(inputs).one(Generate)
    assert stage is not None
    return stage


def measured(inputs: Inputs, store: Store) -> RunResult:
    return measure_run(measure_step(inputs, make_plan(inputs)), store, silent, 1)


def test_a_callable_answers_every_question_and_no_model_is_loaded(
    small: Inputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.stages.models.load_generator", lambda *_, **__: pytest.fail("a model was loaded"))
    inputs = with_system(small)
    run = measured(inputs, Store(tmp_path))
    (arm,) = run.figures.arms
    assert (arm.name, arm.test_double, arm.base) == ("ours", True, None)
    assert run.figures.test_double
    assert len(run.traces) == len(inputs.cases) + len(inputs.probes)
    answers = [trace.answer for trace in run.traces if trace.answer is not None]
    assert all(answer.form.valid and answer.text == "12 euros" for answer in answers)
    assert "ours" in run.figures.latency.arms
    assert run.figures.metrics["ours"]["task_success"].n == len(inputs.test_cases)
    assert run.figures.estimate("ours", "prompt_tokens") is None, "tokens that nobody counted are not 0"
    assert run.figures.identical_outputs == {}


def test_a_callable_that_answers_too_little_is_named(small: Inputs, tmp_path: Path) -> None:
    wrong = replace(OURS, answers=systems.short)
    with pytest.raises(InputError, match=r"arm 'ours': its callable was given 7 questions and returned 6 items"):
        bring_to_end(generate_of(with_system(small, wrong)), Store(tmp_path), silent)


def test_what_answers_by_itself_has_no_parts_of_ours() -> None:
    with pytest.raises(ValueError, match="arm 'ours': what answers by itself is given the question alone"):
        replace(OURS, retriever=True)


def test_another_callable_is_another_key(small: Inputs) -> None:
    keys = {generate_of(with_system(small, replace(OURS, answers=f))).key for f in (systems.plain, systems.short)}
    assert len(keys) == 2


SYSTEM = "def answers(questions):\n    return ['{}' for _ in questions]\n"


def load_by_path(path: Path) -> object:
    """A module from a file of no package, found again under its name."""
    import importlib.util
    import sys

    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def test_workers_import_files_of_somebody_elses_before_their_work_arrives(small: Inputs, tmp_path: Path) -> None:
    file = tmp_path / "their_system.py"
    file.write_text(SYSTEM)
    module = load_by_path(file)
    theirs = Arm("theirs", "Theirs", answers=module.answers)  # type: ignore[attr-defined]
    inputs = with_system(small, theirs, ("ours", "theirs"))
    inputs = replace(inputs, arm_table={**inputs.arm_table, "ours": OURS})
    stages, store = make_plan(inputs).all(Generate), Store(tmp_path / "store")
    done = execute(stages, store, silent, 2, Preload(load_by_path, (file,)))
    assert [done.result(stage).answers for stage in stages] == [12, 7]  # theirs fails the form: no probes


def test_shares_of_any_number_of_workers_answer_alike(small: Inputs, tmp_path: Path) -> None:
    probes = tuple(Probe(f"p{i}", f"What is number {i}?") for i in range(250))
    stage = generate_of(with_system(replace(small, probes=probes)))
    whole = Store(tmp_path / "whole")
    alone = bring_to_end(stage, whole, silent)
    assert alone.result.answers == 257
    for workers in (2, 3):
        store, shards = Store(tmp_path / str(workers)), stage.shards(workers)
        assert [shard.label for shard in shards][:2] == ["generate ours, golden 1", "generate ours, golden 2"]
        assert len(shards) == 2 * workers
        assert sum(shard.seconds() for shard in shards) == pytest.approx(stage.seconds())
        for shard in shards:
            shard.work(store, silent)
        assert stage.join(store) == alone.result
        assert timeless(stage.traces(store)) == timeless(stage.traces(whole))
    assert stage.shards(1) == ()
    assert generate_of(with_system(small)).shards(2) == (), "few probes are not worth sharing"


# --- answers of earlier runs ---------------------------------------------------------------------------------------


@pytest.fixture
def rag(tmp_path: Path) -> Path:
    """A scenario of one arm that is shown passages, answered by a model of this machine."""
    folder = write_small(tmp_path / "scenarios" / "plans")
    settings = folder / "scenario.yaml"
    settings.write_text(re.sub("(?m)^arms: .*", "arms: [rag]\ncandidate: rag", settings.read_text()))
    return folder


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions that are put to the model, as they are."""
    from harness.generation.local import LocalGenerator

    questions: list[str] = []
    stream = LocalGenerator.stream

    def counted(self: LocalGenerator, prompts: Any, decoding: Any, batches: Any = None) -> Any:
        questions.extend(prompts[i][-1].content for batch in batches for i in batch)
        return stream(self, prompts, decoding, batches)

    monkeypatch.setattr(LocalGenerator, "stream", counted)
    return questions


def answered(folder: Path, store: Store) -> tuple[Generated, dict[str, Trace]]:
    """The answers of the arm, and its traces by question."""
    inputs = load_inputs(load_scenario(folder))
    stages = make_plan(inputs)
    for kind in (IndexCorpus, Retrieve, Generate):
        for stage in stages.all(kind):
            result = bring_to_end(stage, store, silent).result
    generate = stages.one(Generate)
    assert generate is not None
    return result, {trace.case_id: trace for trace in timeless(generate.traces(store))}


def test_a_case_that_is_added_is_asked_and_no_other(rag: Path, put: list[str], tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    first, before = answered(rag, store)
    assert (first.earlier, len(put)) == (0, first.answers)
    put.clear()
    case = {
        "id": "new",
        "question": "How much is Cedar?",
        "accept": ["31 euros"],
        "source": "cedar.md",
        "split": "test",
    }
    with (rag / "golden.jsonl").open("a") as golden:
        golden.write(json.dumps(case) + "\n")
    second, after = answered(rag, store)
    assert [question.splitlines()[-1] for question in put] == ["Question: How much is Cedar?"]
    assert (second.answers, second.earlier) == (first.answers + 1, first.answers)
    assert {name: after[name] for name in before} == before


def test_a_page_that_changed_asks_what_is_shown_it_and_nothing_else(rag: Path, put: list[str], tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    _, before = answered(rag, store)
    put.clear()
    page = rag / "corpus" / "birch.md"
    page.write_text(page.read_text().replace("of storage", "of room"))
    second, after = answered(rag, store)
    shown = [name for name, trace in after.items() if "of room" in "".join(h.passage.text for h in trace.answer.hits)]
    assert 0 < len(shown) < len(after)
    assert (len(put), second.earlier) == (len(shown), len(after) - len(shown))
    texts = {name: [hit.passage.text for hit in trace.answer.hits] for name, trace in after.items()}
    was = {name: [hit.passage.text for hit in trace.answer.hits] for name, trace in before.items()}
    assert {name for name in after if texts[name] != was[name]} == set(shown), (
        "an earlier answer has the passages of now"
    )


def test_an_answer_that_is_damaged_is_asked_again_and_of_another_model_all_are(
    rag: Path, put: list[str], tmp_path: Path
) -> None:
    store = Store(tmp_path / "cache")
    first, before = answered(rag, store)
    cut, edited = sorted((store.root / "replies").glob("*/*.json"))[:2]
    cut.write_text("{")
    edited.write_text(edited.read_text().replace('"completion_tokens": ', '"completion_tokens": 1'))
    shutil.rmtree(store.root / "generate")
    put.clear()
    second, after = answered(rag, store)
    assert (len(put), second.earlier, after) == (2, first.answers - 2, before)
    settings = rag / "scenario.yaml"
    settings.write_text(settings.read_text().replace("max_new_tokens: 8", "max_new_tokens: 7"))
    put.clear()
    third, _ = answered(rag, store)
    assert (len(put), third.earlier) == (first.answers, 0)


def timeless(traces: Iterable[Trace]) -> list[Trace]:
    return [replace(t, answer=replace(t.answer, seconds=0.0)) for t in traces if t.answer is not None]
