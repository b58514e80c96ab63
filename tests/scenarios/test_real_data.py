"""The scenario folders of public data sets, on invented data of their shapes, and the tables of what ran on them."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import real_data, real_scenarios
from benchmarks.real_scenarios import DEFAULT, ORACLE, RAG, STUDIES, Contestant, Study, Terms, Tune
from harness.engine.inputs import load_inputs
from harness.scenario.load import load_scenario
from tests.make.small import SETTINGS, write_small

LABELS = [f"label_{at}" for at in range(77)]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("data")
    for name in ("nq_oracle", "squad2", "banking77", "finetunebench_people"):
        (home / name).mkdir()
    towns = [f"Town {at}" for at in range(6)]
    rows = [
        {"question": f"where is the weir of {town}", "answers": ["upstream"],
         "ctxs": [{"title": town, "text": f"The weir of {town} is upstream.", "isgold": True, "hasanswer": True}]}
        for town in towns
    ]  # fmt: skip
    with gzip.open(home / "nq_oracle" / "nq-open-oracle.jsonl.gz", "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in rows)
    paragraphs = [{"context": f"{town} has a weir.", "qas": _questions(town)} for town in towns]
    squad = {"version": "v2.0", "data": [{"title": "Some_towns", "paragraphs": paragraphs}]}
    (home / "squad2" / "dev-v2.0.json").write_text(json.dumps(squad), encoding="utf-8")
    for part, count in (("train", 35), ("test", 4)):
        messages = [(f"{part} message {at} about {label}", label) for label in LABELS for at in range(count)]
        _write(home / "banking77" / f"{part}.csv", ("text", "category"), messages)
    people = home / "finetunebench_people"
    ids = [f"ama-weir-{at}" for at in range(4)]
    head = ("id", "prompt", "answer", "fact", "question", "rephrased_question")
    for file, answer in (("memorization", "30"), ("rephrased", "30"), ("secondary", "No")):
        asked = [(id, f"Answer.\nHow old is {id}?", answer, f"{id} is 30.", f"How old is {id}?", "") for id in ids]
        _write(people / f"{file}.csv", head, [(*row[:-1], f"The age of {row[0]}?") for row in asked])
    return home


def _questions(town: str) -> list[dict[str, object]]:
    said = {"question": f"What does {town} have?", "id": f"a {town}", "is_impossible": False}
    left_open = {"question": f"Who built {town}?", "id": f"b {town}", "is_impossible": True, "answers": []}
    return [{**said, "answers": [{"text": "a weir", "answer_start": 0}]}, left_open]


def _write(file: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([head, *rows])


@pytest.mark.parametrize("name", STUDIES)
def test_every_folder_is_a_scenario_that_loads(name: str, data: Path, tmp_path: Path) -> None:
    for study in STUDIES[name](Terms(data, tmp_path / "scenarios", "pocket", 5, 5)):
        labels = [one.label for one in study.contestants]
        assert {label for pair in study.pairs for label in pair} <= set(labels)
        asked = set()
        for one in study.contestants:
            inputs = load_inputs(load_scenario(one.folder))
            assert one.arm in {arm.name for arm in inputs.arms}
            asked.add(frozenset(case.id for case in inputs.test_cases))
            assert bool(inputs.examples) == any(arm.tuned for arm in inputs.arms)
        assert len(asked) == 1  # everybody is asked the same


def test_a_question_left_open_has_its_own_paragraph_as_the_nearest(data: Path, tmp_path: Path) -> None:
    (study,) = STUDIES["squad2"](Terms(data, tmp_path))
    cases = load_inputs(load_scenario(study.contestants[0].folder)).cases
    assert {case.source for case in cases if case.id == "b Town 3"} == {"Some_towns#4"}


def test_the_training_is_chosen_on_messages_that_are_neither_trained_on_nor_tested(data: Path, tmp_path: Path) -> None:
    terms = Terms(data, tmp_path)
    _, examples, dev = real_scenarios._labelled(terms, 10)
    (study,) = STUDIES["banking10"](terms)
    tested = {case.question for case in load_inputs(load_scenario(study.contestants[0].folder)).test_cases}
    trained, chosen = {question for question, _ in examples}, {case.question for case in dev}
    assert len(trained) == 300
    assert not trained & chosen
    assert not chosen & tested
    assert "banking10_choice" not in DEFAULT


def test_the_tables_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_small(tmp_path / "scenarios" / "plans")
    arms = SETTINGS.replace("[baseline, rag, rag+few-shot, tune, hybrid]", "[rag, tune, oracle]")
    quick = arms.replace("tasks: items, limit: 8", "tasks: none").replace("limit: 4", "prompts: none")
    settings = load_settings(quick + "candidate: tune\nlatency: {questions: 0}\n")
    (folder / "scenario.yaml").write_text(json.dumps(settings))
    monkeypatch.chdir(tmp_path)
    contestants = tuple(Contestant(label, folder, arm) for label, arm in ((RAG, "rag"), (ORACLE, "oracle")))
    study = Study("Plans", "Six.", contestants, ("correct", "recall@k"), ((ORACLE, RAG),), (RAG, ORACLE))
    tuned = replace(study, contestants=(*contestants, Contestant("tune", folder, "tune")))
    lines = list(real_data.section(tuned, {}, workers=1))
    assert lines[1] == "## Plans"
    assert any(line.startswith("| RAG | 0.0 % (0.0 to") for line in lines)  # a random model
    assert any(line.startswith("| oracle − RAG | 0.0 points (") for line in lines)
    assert any(line.startswith("RAG reaches nothing of the ceiling. Of its 5 wrong answers") for line in lines)
    assert any(line.startswith("tune: ") and "general ability not measured" in line for line in lines)
    assert lines[-1].startswith("CPU: plans: rag, oracle ")


def load_settings(text: str) -> dict[str, object]:
    import yaml

    return dict(yaml.safe_load(text))


def test_a_training_says_its_settings() -> None:
    assert real_scenarios._said(Tune(5e-4, 2)) == "rate 0.0005, 2 epochs, 8 a step"
