"""What could only fail after an hour is refused in seconds, before any work, and all of it at once."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import EnvironmentFailure, InputError
from harness.generation.model_files import layers, shape_fault, template_fault, window
from harness.process.time_limit import TooLong, within
from harness.runs.start import make_ready
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
    "citations: citations}": ("citations: answer}", "answer.fields.citations is 'answer', as text is"),
    "status: status, refused": ("refused", "answer.fields.refused needs answer.fields.status"),
    "eval_share: 0.2}": ("eval_share: 0.2, max_length: 16}", "tuning.max_length is 16 tokens, and the prompt of every"),
    "epochs: 1,": ("epochs: 1.0e-9,", "epochs is 1e-09 .*expected a number from 0.01"),
    "gates: {schema: 99}": ("gates: {p95_ratio: 0}", "p95_ratio.*expected a number from 0.01"),
    "generator: model}": ("generator: golden.jsonl}", "golden.jsonl: is a file, expected the folder of a model"),
    "generator: model": ("embedder: README.md, generator: model", "README.md: is a file, expected the folder of an"),
    "status: status": ("status: citation", "answer.fields.status is 'citation'.*; did you mean 'citations'"),
}


FILES: dict[str, tuple[str, str, str]] = {  # what is wrong -> file, what stands in it, the message
    "no example": ("train.jsonl", "", "no tuning examples for a closed-book arm"),
    "an example of nothing": ("train.jsonl", '{"prompt": {"user": "Q?"}, "output": ""}', "train.jsonl:1: "),
    "an example of no key": ("train.jsonl", '{"prompt": {"user": "Q?"}, "output": {}}', "train.jsonl:1: "),
    "no worked example": ("shots.jsonl", "\n", r"no example in it, so that rag\+few-shot would show none"),
    "no probe": ("probes.jsonl", "\n", "probes.jsonl: no probes in it"),
    "a probe that is a case": ("probes.jsonl", '{"id": "c00", "question": "Q?"}', "probe 'c00' has the id of a golden"),
    "no item": ("items/test/sums.csv", "\n\n", "no question in any test"),
    "items from nowhere": ("items.yaml", "task: x\noutput_type: multiple_choice\n", "says nowhere what its items are"),
    "rewording of nothing": ("p.jsonl", '{"id": "none", "question": "Q?"}', "none of its 1 ids is one of a golden"),
    "rewording blank": ("p.jsonl", '{"id": "c00", "question": " "}', "p.jsonl:1: expected id and question"),
    "reworded twice": ("p.jsonl", '{"id": "c00", "question": "A"}\n' * 2, "p.jsonl:2: id 'c00' stands in an earlier"),
    "a change into itself": ("c.jsonl", '{"id": "c00", "old": "12", "new": "12"}', "old and new are the same words"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_says_nothing_costs_seconds(small: Path, name: str) -> None:
    file, text, message = FILES[name]
    (small / file).write_text(text)
    edit(small, "{tasks: items,", "{tasks: items.yaml," if file == "items.yaml" else "{tasks: items,")
    drill = {"p.jsonl": "paraphrases", "c.jsonl": "changes"}.get(file)
    if drill is not None:
        edit(small, "arms: ", f"drills: {{{drill}: {file}}}\narms: ")
    with pytest.raises(InputError, match=message) as error:
        make_ready(str(small))
    assert len(str(error.value).split("\n")) == 1


@pytest.mark.parametrize("old", MISTAKES)
def test_a_mistake_costs_seconds(small: Path, old: str) -> None:
    new, message = MISTAKES[old]
    (small / "README.md").write_text("No model.")
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


def retyped(file: Path, **values: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


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
    "template grows": ("chat_template.jinja", lambda f: f.write_text("{{ 'x' * 10**10 }}"), "fails on a.*MemoryError"),
    "kind unknown": ("config.json", lambda f: retyped(f, model_type="nosuch"), "model_type is 'nosuch'"),
    "kind a list": ("config.json", lambda f: retyped(f, model_type=["llama"]), "model_type is "),
    "kind an object": ("config.json", lambda f: retyped(f, model_type={}), "model_type is "),
    "more layers": ("config.json", lambda f: retyped(f, num_hidden_layers=99), "num_hidden_layers is 99, and the"),
    "no layers": ("config.json", lambda f: retyped(f, num_hidden_layers=0), "num_hidden_layers is 0, and the"),
    "other words": ("config.json", lambda f: retyped(f, vocab_size=31), "vocab_size is 31, and no matrix"),
    "other width": ("config.json", lambda f: retyped(f, hidden_size=7), "hidden_size is 7, and no matrix"),
    "an adapter's": ("adapter_config.json", lambda f: f.write_text("{}"), "is the folder of an adapter"),
    "config no JSON": ("config.json", lambda f: f.write_text("{"), "config.json: not valid JSON"),
    "config a list": ("config.json", lambda f: f.write_text("[]"), "config.json: found a list"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_model_that_cannot_be_used_is_refused_before_it_is_loaded(small: Path, name: str) -> None:
    file, spoil, message = SPOILT[name]
    spoil(small / "model" / file)
    with pytest.raises(InputError, match=message):
        make_ready(str(small))


@pytest.mark.parametrize("value", [[], ["x"], {}, {"a": []}, None, "x", -1, 1.5, True, 10**30])
def test_whatever_a_key_of_config_json_holds_nothing_but_an_input_error_is_raised(small: Path, value: object) -> None:
    model = small / "model"
    before = (model / "config.json").read_text()
    for key in [*json.loads(before), "text_config"]:
        (model / "config.json").write_text(before)
        retyped(model / "config.json", **{key: value})
        for look in (window, shape_fault, layers):
            with contextlib.suppress(InputError):
                look(model)


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
