"""Answers on disk: reading an answers file, writing one, and writing the scenario file to start from.

An answers file is `answers:` and `facts:` at the top, or the same under `advice:` as in a scenario.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from harness.advice.facts import as_mapping
from harness.advice.parse import KEYS, Questionnaire, parse_advice
from harness.advice.questions import QUESTIONS, AnswerValue
from harness.errors import InputError
from harness.files.input_file import is_dir, is_file, real
from harness.record.codec import write_atomic
from harness.scenario.yaml_file import read_yaml

NEEDS = "a mapping with 'answers' (for example answers: {1: yes, 2: no, 3: unsure})"
STARTER = "make one by answering the questions: harness advise --save FILE"


def read_answers(file: Path) -> tuple[str, Questionnaire]:
    """(title, input) of an answers file or a scenario file. Raises InputError that says where and what."""
    raw = read_yaml(file, NEEDS, STARTER)
    title = raw.get("title")
    if "advice" in raw:
        return (title if isinstance(title, str) else ""), parse_advice(raw["advice"], f"{file}: advice")
    raw.pop("title", None)
    if not set(raw) & set(KEYS):
        keys = ", ".join(map(repr, raw)) or "an empty mapping"
        raise InputError(f"{file}: found {keys}; expected 'answers' or 'advice' at the top: {NEEDS}")
    return (title if isinstance(title, str) else ""), parse_advice(raw, f"{file}: ")


def advice_block(questionnaire: Questionnaire) -> str:
    """The `advice:` block as YAML text, two spaces deep."""
    facts = as_mapping(questionnaire.facts)
    lines = ["advice:", f"  answers: {_flow({n: a.value for n, a in questionnaire.answers.items()})}"]
    if facts:
        lines.append(f"  facts: {_flow({name: _plain(value) for name, value in facts.items()})}")
    return "\n".join(lines) + "\n"


def save_answers(file: Path, questionnaire: Questionnaire) -> None:
    """Write an answers file, whole or not at all. Raises InputError where its folder does not exist."""
    write_text(file, f"# harness advise: resume or reuse with --answers {file.name}\n{advice_block(questionnaire)}")


def write_scenario(folder: Path, questionnaire: Questionnaire) -> Path:
    """Write `folder/scenario.yaml` to start from: the answers filled in, the rest commented out.

    Raises:
        InputError: the folder already has a scenario.yaml, or cannot be made.
    """
    file = folder / "scenario.yaml"
    if is_file(file):
        raise InputError(f"{file}: found a scenario there already; expected a new folder; choose another or move it")
    write_atomic(file, scenario_text(real(folder).name, questionnaire))
    return file


def scenario_text(name: str, questionnaire: Questionnaire) -> str:
    """The starter scenario: valid as it stands (advice only), runnable once the comments are taken out."""
    template = Path(__file__).parent / "templates" / "scenario.yaml.txt"
    title = " ".join(name.replace("-", " ").replace("_", " ").split()) or "untitled"
    comments = "".join(f"  # {q.number}: {q.text}\n" for q in QUESTIONS)
    block = advice_block(complete(questionnaire)).replace("advice:\n", f"advice:\n{comments}", 1)
    text = template.read_text(encoding="utf-8")
    return text.replace("{{title}}", json.dumps(title, ensure_ascii=False)).replace("{{advice}}\n", block)


def complete(questionnaire: Questionnaire) -> Questionnaire:
    """The same input with every question that was not answered written out as unsure."""
    answers: Mapping[int, AnswerValue] = {
        q.number: questionnaire.answers.get(q.number, AnswerValue.UNSURE) for q in QUESTIONS
    }
    return Questionnaire(answers=answers, facts=questionnaire.facts)


def write_text(file: Path, text: str) -> None:
    """Write a file whole or not at all. Raises InputError where it cannot stand there."""
    if is_dir(file) or not is_dir(file.parent):
        obstacle = "a folder" if is_dir(file) else f"no folder {file.parent}"
        raise InputError(f"{file}: found {obstacle}; expected a file name in a folder that exists")
    write_atomic(file, text)


def _flow(values: Mapping[int, str] | Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in values.items()) + "}"


def _plain(value: int | float | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(int(value)) if float(value).is_integer() else repr(value)
