"""The local generator: batches that can be resumed, adapters on a shared base."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.generation.local import load_generator
from harness.types import Decoding, Failure, Message
from tests.generation.models import damaged, questions
from tests.tiny_model import prompt


def test_stream_resumes_with_the_same_batches(base):
    prompts, decoding = questions(40), Decoding(max_new_tokens=4)
    batches = base.layout(prompts, decoding)
    assert sorted(i for batch in batches for i in batch) == list(range(40))
    whole = list(base.stream(prompts, decoding))
    assert [indices for indices, _ in whole] == batches
    ((indices, rest),) = base.stream(prompts, decoding, batches[1:2])
    assert indices == batches[1]
    assert [g.text for g in rest] == [g.text for g in whole[1][1]]


def test_count_is_the_prompt_length_of_the_answer(base):
    one = questions(3)[2]
    assert base.count(one) == base.generate([one], Decoding(max_new_tokens=1))[0].prompt_tokens


def test_temperature_samples_by_seed(base):
    prompts = questions(2)
    first, again, other = (
        [g.text for g in base.generate(prompts, Decoding(max_new_tokens=12, temperature=1.5, seed=seed))]
        for seed in (1, 1, 2)
    )
    assert first == again != other


def test_a_prompt_longer_than_the_context_is_that_questions_error(base):
    long, short = base.generate([prompt("x " * 3000), prompt("x")], Decoding(max_new_tokens=8))
    assert isinstance(long, Failure)
    assert "exceed the model's context of 2048" in long.reason
    assert not long.again
    assert short.completion_tokens == 8 or short.finish == "stop"


def make_adapter(folder: Path, out: Path, seed: int, base_hash: str | None = None) -> Path:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(seed)
    config = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM", init_lora_weights=False)
    get_peft_model(AutoModelForCausalLM.from_pretrained(folder), config).save_pretrained(out)
    if base_hash is not None:
        record = {"id": "abc123", "base": {"name": "tiny", "hash": base_hash}}
        (out / "training.json").write_text(json.dumps(record))
    return out


def test_adapters_share_a_base_that_stays_as_it_was(base, folder, tmp_path):
    prompts, decoding = questions(6), Decoding(max_new_tokens=10)
    before = [g.text for g in base.generate(prompts, decoding)]
    one = base.with_adapter(make_adapter(folder, tmp_path / "one", 1, base.loaded.base_hash))
    two = base.with_adapter(make_adapter(folder, tmp_path / "two", 2))
    texts = [[g.text for g in arm.generate(prompts, decoding)] for arm in (one, two, base)]
    assert texts[2] == before
    assert texts[0] != before != texts[1] != texts[0]
    assert one.loaded.tokenizer is base.loaded.tokenizer
    assert (one.adapter, two.adapter) == ("abc123", "two")
    with pytest.raises(InputError, match="already carries"):
        one.with_adapter(tmp_path / "two")


def test_adapter_of_another_base_is_refused(base, folder, tmp_path):
    wrong = make_adapter(folder, tmp_path / "wrong", 1, base_hash="0" * 64)
    with pytest.raises(InputError, match="trained on tiny"):
        base.with_adapter(wrong)
    with pytest.raises(InputError, match=r"adapter_config.json: no such file"):
        base.with_adapter(tmp_path)
    (wrong / "training.json").unlink()
    (wrong / "adapter_model.safetensors").write_bytes(b"\x00" * 40)
    with pytest.raises(InputError, match="truncated or damaged weight file"):
        base.with_adapter(wrong)


def test_template_without_a_system_role_keeps_the_message(base, folder, tmp_path):
    plain = damaged(folder, tmp_path)
    (plain / "chat_template.jinja").write_text(
        "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
        "{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{% endfor %}<|assistant|>"
    )
    generator = load_generator(str(plain))
    ids = generator.encode((Message("system", "the desk"), Message("user", "storage")))
    assert "the desk\n\nstorage" in generator.loaded.tokenizer.decode(ids)


def test_nf4_loads_and_answers_with_an_adapter(folder, tmp_path):
    pytest.importorskip("bitsandbytes")
    generator = load_generator(str(folder), quantization="nf4")
    tuned = generator.with_adapter(make_adapter(folder, tmp_path / "a", 1))
    prompts, decoding = questions(2), Decoding(max_new_tokens=4)
    assert len(generator.generate(prompts, decoding)) == len(tuned.generate(prompts, decoding)) == 2
