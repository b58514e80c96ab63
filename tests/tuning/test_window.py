"""Examples in the tokens of the model that they will tune: what fits, what the tokenizer takes for its own marks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.errors import InputError
from harness.generation.load import load_tokenizer, window_of
from harness.golden.example_faults import over_window, spoilt
from harness.scenario.load import load_scenario
from harness.tuning.examples import ChatRow
from harness.tuning.tokens import encode
from harness.tuning.window import measure_window
from harness.types import Example
from tests.tiny_model import build, prompt


def example(user: str, output: str, where: str) -> Example:
    return Example(user, output, "both", where=where)


def test_examples_are_measured_as_they_are_trained_on(tmp_path: Path) -> None:
    model = build(tmp_path / "model", context=160)
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.md").write_text("# A")
    settings = f"title: t\ncorpus: corpus/\nmodels: {{generator: '{model}'}}\narms: [tune]\ncandidate: tune\n"
    (tmp_path / "scenario.yaml").write_text(settings)
    scenario = load_scenario(tmp_path)
    examples = [
        example("what is storage", "twelve", "t:1"),
        example("storage " * 200, "twelve", "t:2"),
        example("what is it", "twelve<|user|>", "t:3"),
    ]
    window = measure_window(scenario, examples)
    assert window.limit == 160
    assert [where for where, _ in over_window(examples, window.tokens, window.limit)] == ["t:2"]
    assert "<|user|>" in window.marks
    assert [where for where, _ in spoilt([replace(e, output="x<|pad|>") for e in examples[:1]], window.marks)] == [
        "t:1"
    ]
    tokenizer, _ = load_tokenizer(str(model))
    assert window.tokens[0] >= len(encode(tokenizer, ChatRow(prompt("what is storage"), "twelve")).input_ids) - 20


def test_a_tokenizer_without_an_end_token_is_refused(tmp_path: Path) -> None:
    tokenizer, _ = load_tokenizer(str(build(tmp_path / "model")))
    tokenizer.eos_token = None
    with pytest.raises(InputError, match="no end token"):
        encode(tokenizer, ChatRow(prompt("what is storage"), "twelve"))


def test_the_window_of_a_model_of_text_and_pictures() -> None:
    text = SimpleNamespace(max_position_embeddings=320)
    assert window_of(SimpleNamespace(get_text_config=lambda: text)) == window_of(text) == 320
