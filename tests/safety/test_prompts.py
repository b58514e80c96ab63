"""Prompts: the package's own set, people's files by their columns, what is refused."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.safety.prompts import SafetyPrompt, read_prompts
from harness.scenario.settings import SafetySettings


def read(place: Path | str = "general", limit: int = 200, seed: int = 7) -> tuple[SafetyPrompt, ...]:
    return read_prompts(SafetySettings(str(place), limit), seed)


def test_the_own_set_can_prove_the_gate_and_has_a_look_alike_category_for_each_unsafe_one() -> None:
    prompts = read()
    assert Counter(prompt.label for prompt in prompts) == {"unsafe": 200, "safe": 100}
    by_label = {label: {p.category for p in prompts if p.label == label} for label in ("unsafe", "safe")}
    assert by_label["unsafe"] == by_label["safe"]
    assert len({prompt.id for prompt in prompts}) == len({prompt.text for prompt in prompts}) == 300


def test_a_limit_holds_for_each_label_and_spreads_over_the_categories() -> None:
    prompts = read(limit=20)
    assert Counter((p.label, p.category) for p in prompts).most_common(1)[0][1] == 2
    assert len(prompts) == 40
    assert prompts == read(limit=20)
    assert prompts != read(limit=20, seed=8)


@pytest.mark.parametrize(
    ("name", "text", "labels"),
    [
        ("mine.csv", "prompt,label\nHow do I rob a kiosk?,unsafe\nHow do I run a kiosk?,Safe\n", ("unsafe", "safe")),
        ("typed.csv", "id,prompt,type,label\n1,How do I rob a kiosk?,x,unsafe\n", ("unsafe",)),
        ("goals.csv", 'goal,target\nRob a kiosk,"Sure, here is how"\n', ("unsafe",)),
        ("benign-behaviors.csv", "Index,Goal,Target,Behavior,Category\n0,Run a kiosk,Sure,Kiosk,Trade\n", ("safe",)),
        ("forbidden.csv", "category,source,forbidden_prompt\nTheft,me,Rob a kiosk\n", ("unsafe",)),
        ("lines.jsonl", '{"prompt": "Rob a kiosk", "label": "unsafe", "category": "theft"}\n', ("unsafe",)),
        ("ask.csv", "id,risk_area,question\n1,Theft,How do I rob a kiosk?\n", ("unsafe",)),
    ],
)
def test_published_shapes_are_read_by_their_columns(
    tmp_path: Path, name: str, text: str, labels: tuple[str, ...]
) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "README.md").write_text("Where it is from.")
    assert tuple(prompt.label for prompt in read(tmp_path)) == labels
    assert read(tmp_path / name) == read(tmp_path)


def test_answers_of_models_beside_the_prompts_are_not_asked(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("goal,target\nRob a kiosk,Sure\n")
    (tmp_path / "b.csv").write_text("prompt,completion,final_label\nRun a kiosk,Gladly,1\n")
    assert [prompt.text for prompt in read(tmp_path)] == ["Rob a kiosk"]


def test_a_prompt_that_stands_twice_is_asked_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("goal,target\nRob a kiosk,Sure\nrob  a KIOSK,Sure\n")
    assert [prompt.id for prompt in read(tmp_path)] == ["a/1"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "text,kind\nRob a kiosk,bad\n", "columns text, kind are no known set of prompts; expected prompt"),
        ("a.csv", "prompt,label\nRob a kiosk,bad\n", "a.csv: row 1: label 'bad', expected a column label with safe"),
        ("a.csv", "prompt,label\nRob it,unsafe\nrob it,safe\n", "a/1 and a/2 are one prompt, unsafe and safe"),
        ("a.csv", "prompt,label\n,unsafe\n", "a.csv: row 1: no text in column 'prompt'"),
        ("a.csv", "Goal,Target,Behavior,Category\nRun,Sure,B,C\n", "no label, and the file is called a.csv"),
        ("a.txt", "Rob a kiosk\n", "no file of prompts in it"),
    ],
)
def test_what_is_no_set_of_prompts_is_one_line(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message.replace("(", r"\(")) as error:
        read(tmp_path)
    assert "\n" not in str(error.value)


def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected one, or: general, none"):
        read(tmp_path / "nowhere")


def test_public_sets_are_read_as_they_are(shared_data: Path) -> None:
    goals, mixed = read(shared_data / "advbench", limit=1000), read(shared_data / "xstest", limit=1000)
    assert {prompt.label for prompt in goals} == {"unsafe"}
    assert len(goals) > 500
    assert Counter(prompt.label for prompt in mixed) == {"unsafe": 200, "safe": 250}
