"""scenario.yaml: what is read, and what each mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import InputError
from harness.scenario.load import load_scenario
from harness.scenario.settings import Scenario


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
        (
            "title: T\ntuning: {rank: four}\n",
            r"scenario.yaml:2:10: tuning.rank is 'four' \(str\), expected a whole number from 1 to 1,024",
        ),
        ("title: T\ntuning: 4\n", r"yaml:2:1: tuning is 4 \(int\), expected a mapping"),
        ("title: T\narms: rag\n", r"yaml:2:1: arms is 'rag' \(str\), expected a list"),
        ("title: T\narms: [rag, 2]\n", r"yaml:2:1: arms.2 is 2 \(int\), expected text on one line"),
        (
            "title: T\narms: []\n",
            "arms is a list of 0, expected a list of text on one line",
        ),
        (
            "title: T\nanswer: {fields: {txt: a}}\n",
            r"yaml:2:19: unknown key 'txt' in 'answer.fields'; did you mean 'text'",
        ),
        ("title: T\ndrills: {cases: 0}\n", "drills.cases is 0 \\(int\\), expected a whole number from 1 to 100,000"),
        (
            "title: T\nretrieval: {hnsw: {ef_search: many}}\n",
            "yaml:2:20: retrieval.hnsw.ef_search is 'many' \\(str\\), expected a whole number from 2",
        ),
        (
            "title: T\nretrieval: {filters: {owner: {a: b}}}\n",
            "yaml:2:23: retrieval.filters.owner is a mapping of 1, expected text",
        ),
        ("title: T\ngates: {schema: [99]}\n", "gates.schema is a list of 1, expected true or false or a whole number"),
        ("title: T\ngates: {99: 1}\n", "a key of gates is 99 \\(int\\), expected text on one line"),
        ("title: T\n7: 1\n", r"yaml:2:1: unknown key '7'; known keys: title"),
        ("title: T\ntuning: {rank: true}\n", "expected a whole number from 1 to 1,024"),
        ("title: T\ntuning: {quantization: int3}\n", "expected one of: none, nf4"),
        (
            "title: T\nlatency: {questions: -1}\n",
            "latency.questions is -1 \\(int\\), expected a whole number from 0 to 10,000",
        ),
        ("title: T\nlatency: {repeats: 0}\n", "latency.repeats is 0 \\(int\\), expected a whole number from 1 to 100"),
        ("title: T\nretrieval: {top_k: 9}\n", "top_k is 9 \\(int\\), expected a whole number from 1 to 6"),
        ("title: T\ncorpus: ../../../etc\n", "leads out"),
        ("title: T\ngolden: missing.jsonl\n", "missing.jsonl: no such file; create it or take the key out"),
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


def test_every_key_has_the_default_of_its_setting(tmp_path: Path) -> None:
    scenario = load_scenario(write(tmp_path, "title: T\nretrieval:\nanswer: {fields: }\n"))
    assert scenario == Scenario(scenario.id, scenario.dir, "T")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "models: {judge: gpt-4o}",
            r"yaml:2:10: models.judge is 'gpt-4o' \(str\), expected a mapping or none",
        ),
        (
            "tuning: {method: ppo}",
            r"yaml:2:10: tuning.method: ppo is out of scope: it needs a reward model .*; write dpo",
        ),
        ("tuning: {method: GRPO}", r"yaml:2:10: tuning.method: GRPO is out of scope"),
        ("tuning: {adapter: moe}", r"yaml:2:10: tuning.adapter: moe is out of scope: it changes the architecture"),
        ("tuning: {adapter: dor}", r"yaml:2:10: tuning.adapter is 'dor' .*did you mean 'dora'"),
    ],
)
def test_what_is_out_of_scope_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_scenario(write(tmp_path, f"title: T\n{text}\n"))


def test_a_scenario_that_asks_for_no_more_than_that_is_read(tmp_path: Path) -> None:
    text = "title: T\nmodels: {judge: none}\ntuning: {method: sft, adapter: lora, seeds: 1, rank: 4}\n"
    assert load_scenario(write(tmp_path, text)).tuning.rank == 4


def test_dates_stay_text_and_lists_become_tuples(tmp_path: Path) -> None:
    text = "title: T\nretrieval: {filters: {from: 2026-01-31, status: [current, draft], level: 2}}\n"
    filters = load_scenario(write(tmp_path, text)).retrieval.filters
    assert filters == {"from": "2026-01-31", "status": ("current", "draft"), "level": 2}


def test_extensions_are_python_files_of_the_scenario(tmp_path: Path) -> None:
    folder = write(tmp_path / "s", "title: T\nextensions: [checks.py]\n", checks__py="raise SystemExit")
    assert load_scenario(folder).extensions == (folder.resolve() / "checks.py",)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../checks.py", r"yaml:2:1: extensions: '../checks.py' leads out of"),
        ("none.py", r"yaml:2:1: extensions: none.py: no such file; create it or take the key out"),
        ("notes.txt", "notes.txt is no Python file"),
    ],
)
def test_an_extension_from_elsewhere_is_refused(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "checks.py").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_scenario(write(tmp_path / "s", f"title: T\nextensions: [{name}]\n", notes__txt=""))
