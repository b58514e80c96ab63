"""scenario.yaml: what is read, and what each mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import InputError
from harness.scenario.load import load_scenario


def write(folder: Path, text: str, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content, encoding="utf-8")
    return folder


def test_defaults_and_values(tmp_path: Path) -> None:
    text = "title: T\ntuning: {learning_rate: 2e-3, targets: [q_proj]}\nretrieval: {top_k: 3}\n"
    scenario = load_scenario(write(tmp_path / "s", text))
    assert (scenario.id, scenario.title, scenario.candidate) == ("s", "T", "hybrid")
    assert scenario.tuning.learning_rate == 2e-3
    assert scenario.tuning.targets == ("q_proj",)
    assert scenario.retrieval.top_k == 3
    assert scenario.retrieval.fusion == "convex"


def test_the_hash_moves_with_a_setting_and_not_with_the_folder(tmp_path: Path) -> None:
    a = load_scenario(write(tmp_path / "x" / "s", "title: T\n"))
    b = load_scenario(write(tmp_path / "y" / "s", "title: T\n"))
    c = load_scenario(write(tmp_path / "z" / "s", "title: T\nseed: 8\n"))
    assert a.hash == b.hash != c.hash


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "found nothing, expected a mapping"),
        ("- 1\n", "expected a mapping"),
        ("title: [\n", "not valid YAML"),
        ("arms: [rag]\n", "no 'title'"),
        ("title: T\nretreival: {}\n", r"scenario.yaml:2:1: unknown key 'retreival'; did you mean 'retrieval'"),
        ("title: T\ntuning:\n  rnak: 4\n", r"scenario.yaml:3:3: unknown key 'rnak' in 'tuning'; did you mean 'rank'"),
        ("title: T\ntitle: U\n", "stands twice"),
        ("title: T\ntuning: {rank: four}\n", "tuning.rank is 'four' \\(str\\), expected int"),
        ("title: T\ntuning: {rank: true}\n", "expected int"),
        ("title: T\ntuning: {quantization: int3}\n", "expected one of: none, nf4"),
        ("title: T\nlatency: {questions: -1}\n", "latency.questions is -1, expected at least 0"),
        ("title: T\nlatency: {repeats: 0}\n", "latency.repeats is 0, expected at least 1"),
        ("title: T\nretrieval: {top_k: 9}\n", "top_k is 9, expected 1 to 6"),
        ("title: T\ncorpus: ../../../etc\n", "leads out"),
        ("title: T\ngolden: missing.jsonl\n", "missing.jsonl does not exist"),
        ("title: T\nanswer: {schema: bad.json}\n", "not valid JSON"),
        ("title: T\nanswer: {schema: notschema.json}\n", "not a JSON Schema: at type"),
        ("title: T\nanswer: {schema: list.json}\n", "expected a JSON Schema object"),
    ],
)
def test_each_mistake_is_one_message(tmp_path: Path, text: str, message: str) -> None:
    files = {"bad__json": "{", "notschema__json": '{"type": "objekt"}', "list__json": "[]"}
    with pytest.raises(InputError, match=message):
        load_scenario(write(tmp_path / "a" / "s", text, **files))


def test_a_scenario_that_is_not_utf8_names_the_byte(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_bytes(b"title: caf\xe9\n")
    with pytest.raises(InputError, match="not UTF-8 at byte 10"):
        load_scenario(tmp_path)
