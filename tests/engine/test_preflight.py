"""What could only fail after an hour is refused in seconds, before any work, and all of it at once."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import EnvironmentFailure, InputError
from harness.generation.model_files import template_fault
from harness.generation.time_limit import TooLong, within
from harness.start_run import make_ready
from tests.make.small import write_small


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small(tmp_path_factory.mktemp("pristine") / "small")


@pytest.fixture
def small(pristine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HARNESS_REPORTS", str(tmp_path / "reports"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return Path(shutil.copytree(pristine, tmp_path / "small"))


def edit(folder: Path, old: str, new: str) -> None:
    file = folder / "scenario.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


MISTAKES = {
    "max_new_tokens: 8": ("max_new_tokens: 99999", "answer.max_new_tokens is 99999, but .* has a context of"),
    "{rank: 2,": ("{rank: 2, targets: [q_proj, nosuch],", "tuning.targets: .* has no layer 'nosuch'; it has: .*q_proj"),
    "tasks: items": ("tasks: genral", "forgetting.tasks: 'genral' is no file.*; did you mean 'general'"),
    "1: yes, 2: no": ("1: yes, 10: no", "advice.answers.*: found question 10"),
    "few_shot: shots.jsonl": ("few_shot: golden.jsonl", "golden.jsonl:1: unknown key 'id'"),
    "chunk_tokens: 40": ("filters: {owner: nobody}, chunk_tokens: 40", "retrieval.filters .*: no passage matches"),
    "{generator: model}": ("{generator: model, embedder: corpus}", "embedder '.*corpus': .*config.json: no such file"),
    "text: answer,": ("text: anser,", "answer.fields.text is 'anser', .*; did you mean 'answer'"),
    "refused: refused": ("refused: declined", "answer.fields.refused is 'declined'.* but: ok, refused"),
    "status: status": ("status: citation", "answer.fields.status is 'citation'.*; did you mean 'citations'"),
}


@pytest.mark.parametrize("old", MISTAKES)
def test_a_mistake_costs_seconds(small: Path, old: str) -> None:
    new, message = MISTAKES[old]
    edit(small, old, new)
    with pytest.raises((InputError, EnvironmentFailure), match=message):
        make_ready(str(small))


def test_what_is_right_passes(small: Path) -> None:
    assert make_ready(str(small)).scenario.answer.max_new_tokens == 8


def test_several_are_told_together(small: Path) -> None:
    edit(small, "{rank: 2,", "{rank: 2, targets: [q_prj],")
    edit(small, "tasks: items", "tasks: nothing")
    edit(small, "1: yes, 2: no", "1: yes, 2: perhaps")
    with pytest.raises(InputError) as error:
        make_ready(str(small))
    lines = str(error.value).split("\n")
    assert [next(w for w in ("targets", "forgetting", "advice") if w in line) for line in lines] == [
        "advice", "targets", "forgetting",
    ]  # fmt: skip
    assert "did you mean 'q_proj'" in lines[1]


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


SPOILT: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "weights cut": ("model.safetensors", cut, "truncated or damaged weight file"),
    "no template": ("chat_template.jinja", Path.unlink, "no chat template"),
    "template loops": (
        "chat_template.jinja",
        lambda f: f.write_text("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"),
        "comes to no end",
    ),
    "template fails": ("chat_template.jinja", lambda f: f.write_text("{{ messages[7].content }}"), "fails on a plain"),
    "template unfinished": ("chat_template.jinja", lambda f: f.write_text("{% for m in"), "fails on a plain"),
    "template of nothing": ("chat_template.jinja", lambda f: f.write_text("hi"), "what a user says does not stand"),
    "config no JSON": ("config.json", lambda f: f.write_text("{"), "config.json: not valid JSON"),
    "config a list": ("config.json", lambda f: f.write_text("[]"), "config.json: found a list"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_model_that_cannot_be_used_is_refused_before_it_is_loaded(small: Path, name: str) -> None:
    file, spoil, message = SPOILT[name]
    spoil(small / "model" / file)
    with pytest.raises(InputError, match=message):
        make_ready(str(small))


def test_a_template_that_takes_no_system_turn_is_taken(tmp_path: Path) -> None:
    text = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}{{ messages[0].content }}"
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": text}))
    assert template_fault(tmp_path) is None


def test_what_does_not_end_is_stopped() -> None:
    def forever() -> None:
        while True:
            pass

    with pytest.raises(TooLong):
        within(0.2, forever)
    assert within(1.0, lambda: 7) == 7


def test_a_pipe_is_never_waited_for(small: Path) -> None:
    (small / "train.jsonl").unlink()
    os.mkfifo(small / "train.jsonl")
    with pytest.raises(InputError, match=r"examples: train.jsonl: is a named pipe, expected a file"):
        make_ready(str(small))
