"""A model that can think first: its template's switch, its thoughts apart, in asking and in training alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.engine.inputs import load_inputs
from harness.errors import InputError
from harness.generation.chat_template import answer_texts, thought_marks
from harness.generation.load import load_model
from harness.generation.local import LocalGenerator, load_generator
from harness.generation.thinking import known_switches, switches
from harness.scenario.load import load_scenario
from harness.structured import FormDemand, read_form
from harness.tuning.examples import ChatRow
from harness.tuning.tokens import encode
from harness.types import Decoding, Generation, Message
from tests import tiny_model

# of the kind of Qwen3's: an empty thought before the answer where thinking is off, and in finished answers
TEMPLATE = (
    "{%- for message in messages %}"
    "{%- if message.role == 'assistant' %}"
    "{{- '<|assistant|><think>\n\n</think>\n\n' + message.content + '<|end|>' }}"
    "{%- else %}{{- '<|' + message.role + '|>' + message.content + '<|end|>' }}{%- endif %}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|assistant|>' }}"
    "{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\n\n</think>\n\n' }}{%- endif %}"
    "{%- endif %}"
)
PROMPT = (Message("system", "be brief"), Message("user", "the orchid plan"))


def thinker(folder: Path, template: str = TEMPLATE, *, special: bool = False) -> Path:
    """A random model of Qwen3's architecture whose tokenizer has marks for thoughts."""
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    tokenizer = tiny_model.build_tokenizer(400)
    tokenizer.add_tokens(["<think>", "</think>"], special_tokens=special)
    tokenizer.chat_template = template
    config = Qwen3Config(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=2, head_dim=16, max_position_embeddings=512, eos_token_id=1, pad_token_id=0,
        initializer_range=0.4,
    )  # fmt: skip
    torch.manual_seed(0)
    Qwen3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return thinker(tmp_path_factory.mktemp("thinks"))


def ends_in(generator: LocalGenerator, text: str) -> bool:
    return str(generator.loaded.tokenizer.decode(generator.encode(PROMPT))).endswith(text)


def test_thoughts_are_off_unless_the_scenario_says_so(model: Path) -> None:
    for thinking, end in (
        (None, "<think>\n\n</think>\n\n"),
        (False, "<think>\n\n</think>\n\n"),
        (True, "<|assistant|>"),
    ):
        generator = load_generator(str(model), thinking=thinking)
        assert ends_in(generator, end), thinking
        (answer,) = generator.generate([PROMPT], Decoding(max_new_tokens=6))
        assert isinstance(answer, Generation)
        assert answer.prompt_tokens == len(generator.encode(PROMPT))


def test_training_sees_the_prompt_that_asking_sees(model: Path) -> None:
    loaded = load_model(str(model))
    row = encode(loaded.tokenizer, ChatRow(PROMPT, "nine euros"))
    asked = load_generator(str(model)).encode(PROMPT)
    assert row.input_ids[: len(asked)] == asked
    answer = [token for token, label in zip(row.input_ids, row.labels, strict=True) if label != -100]
    assert loaded.tokenizer.decode(answer) == "nine euros<|end|>"


def test_a_switch_that_the_template_has_not_is_refused(tmp_path: Path) -> None:
    plain = tiny_model.build(tmp_path / "plain")
    with pytest.raises(InputError, match=r"models.thinking is false, but the chat template of .* has no switch"):
        load_model(str(plain), thinking=False)
    folder = tmp_path / "scenarios" / "s"
    folder.mkdir(parents=True)
    golden = '{"id": "a", "question": "x?", "accept": ["y"], "split": "test", "source": "d"}\n'
    (folder / "golden.jsonl").write_text(golden)
    text = f"title: T\ngolden: golden.jsonl\nmodels: {{generator: {plain}, thinking: true}}\narms: [baseline]\n"
    (folder / "scenario.yaml").write_text(text + "candidate: baseline\n")
    with pytest.raises(InputError, match="no switch for thoughts"):
        load_inputs(load_scenario(folder))


@pytest.mark.parametrize(
    ("template", "names"),
    [
        (TEMPLATE, ("enable_thinking",)),
        ("{% if thinking %}x{% endif %}", ("thinking",)),
        ("{# enable_thinking #}{{ 'enable_thinking' }} enable_thinking, thinking", ()),
        ("{{ message.thinking }}{{ loop.enable_thinking }}", ()),
        ({"default": "{{ x }}", "tool_use": "{{ enable_thinking }}"}, ("enable_thinking",)),
        (None, ()),
    ],
)
def test_a_switch_is_a_variable_of_the_template(template: object, names: tuple[str, ...]) -> None:
    assert known_switches(template) == names
    assert switches(template, None, "m") == dict.fromkeys(names, False)


def test_marks_of_thoughts_stay_in_the_text_though_they_are_special(tmp_path: Path) -> None:
    generator = load_generator(str(thinker(tmp_path / "special", special=True)))
    tokenizer = generator.loaded.tokenizer
    tokens = tokenizer("<think>refunds</think>badge", add_special_tokens=False)["input_ids"]
    [text] = answer_texts(
        tokenizer, [generator.encode(PROMPT)], [[*tokens, tokenizer.eos_token_id]], thought_marks(tokenizer)
    )
    assert text == "<think>refunds</think>badge"
    assert read_form(text, FormDemand()).text == "badge"


def test_a_thought_that_the_prompt_opens_is_no_answer(tmp_path: Path) -> None:
    template = TEMPLATE.replace(
        "{{- '<think>\n\n</think>\n\n' }}{%- endif %}{%- endif %}", "{%- endif %}<think>\n{%- endif %}"
    )
    generator = load_generator(str(thinker(tmp_path / "opens", template)))
    assert ends_in(generator, "<think>\n") or ends_in(generator, "<think>")
    tokenizer = generator.loaded.tokenizer
    tokens = tokenizer("refunds are", add_special_tokens=False)["input_ids"]
    [text] = answer_texts(tokenizer, [generator.encode(PROMPT)], [tokens], thought_marks(tokenizer))
    assert read_form(text, FormDemand()).text == "", "cut off within the thought: nothing of it is an answer"
