"""A teacher's answers: those that say what their example says, in the form, become what `distilled` is trained on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.arms import ARMS
from harness.engine.inputs import Inputs, load_inputs
from harness.engine.store import Store
from harness.errors import InputError
from harness.prompts import completion_text
from harness.record.codec import row_line
from harness.scenario.load import load_scenario
from harness.stages.answer_batches import Batch
from harness.stages.plan import make_plan
from harness.stages.teach import AskTeacher
from harness.stages.tune import TuneAdapter
from harness.structured import read_form
from harness.types import Answer, Hit, Passage, Trace
from tests.make.command import edited
from tests.make.small import write_small

ARMS_LINE = "[baseline, rag, rag+few-shot, tune, hybrid]"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    folder = write_small(tmp_path / "plans")
    file = folder / "scenario.yaml"
    text = file.read_text().replace(ARMS_LINE, "[rag, rag+few-shot, distilled]")
    file.write_text(text.replace("eval_share: 0.2", "eval_share: 0.2, teacher: rag") + "candidate: distilled\n")
    return folder


def _inputs(scenario: Path) -> Inputs:
    return load_inputs(load_scenario(scenario))


def _answer(stage: AskTeacher, text: str) -> Answer:
    from harness.structured import demand_of

    reading = read_form(text, demand_of(stage.scenario.answer))
    hits = (Hit(Passage("p1", "amber.md", "Amber plan", "The Amber plan costs 12 euros."), 1.0),)
    return Answer(text, reading.text, reading.parsed, reading.form, reading.refused, reading.cited, hits)


def test_right_answers_alone_are_taken_over(scenario, tmp_path):
    (stage,) = make_plan(_inputs(scenario)).all(AskTeacher)
    assert stage.to.name == "rag"
    texts = {}
    for number, (id, example) in enumerate(stage.questions.items()):
        gold = json.loads(completion_text(example.output))
        cited = json.dumps({**gold, "citations": ["S1"]})
        texts[id] = (cited, "no JSON at all", json.dumps({**gold, "answer": "something else"}))[number % 3]
    store = Store(tmp_path / "cache")
    rows = tuple(Trace(id, "rag", _answer(stage, text)) for id, text in texts.items())
    store.folder(stage).mkdir(parents=True)
    (store.folder(stage) / "batches.jsonl").write_text(row_line(Batch(0, rows)))
    taken_over = stage.accepted(store)
    assert len(taken_over) == len(texts) // 3 == 2
    for example in taken_over:
        assert example.output["citations"] == ["S1"]
        assert [passage.id for passage in example.context] == ["p1"]
        assert example.use == "open_book"
    (tune,) = make_plan(_inputs(scenario)).all(TuneAdapter)
    kinds = replace(tune, hits=None)._rows(store).kinds
    assert kinds == {"accepted answers of rag": 2, "not accepted": 4}


def test_a_teacher_without_a_right_answer_is_named(scenario, tmp_path):
    (stage,) = make_plan(_inputs(scenario)).all(AskTeacher)
    with pytest.raises(InputError, match="rag gave no accepted answer to 6 tuning questions"):
        stage.accepted(Store(tmp_path / "cache"))


def test_its_adapter_waits_for_the_teacher_and_hangs_on_it(scenario):
    planned = make_plan(_inputs(scenario))
    (stage,), (tune,) = planned.all(AskTeacher), planned.all(TuneAdapter)
    assert stage.label in tune.after
    with edited(scenario / "scenario.yaml", "teacher: rag}", "teacher: rag+few-shot}"):
        (other,) = make_plan(_inputs(scenario)).all(TuneAdapter)
    assert other.key != tune.key


def test_what_cannot_teach_is_one_line(scenario):
    for teacher, message in (("oracle", "is not among the arms"), ("distilled", "cannot be asked tuning questions")):
        with (
            edited(scenario / "scenario.yaml", "teacher: rag}", f"teacher: {teacher}}}"),
            pytest.raises(InputError, match=f"scenario.yaml: tuning.teacher: '{teacher}' {message}"),
        ):
            make_plan(_inputs(scenario))


def test_recipes_tell_arms_apart():
    assert ARMS["hybrid"].recipe("sft") == ARMS["dual"].recipe("sft") == ARMS["hybrid+lean"].recipe("sft")
    assert ARMS["raft"].recipe("sft") == ARMS["hybrid"].recipe("raft")
    assert ARMS["tune"].recipe("raft").method == "sft", "without passages there are no distractors"
    assert ARMS["rag+constrained"].recipe("dpo") is None
    assert replace(ARMS["hybrid"], method="dpo").recipe("sft") == ARMS["dpo"].recipe("sft")
