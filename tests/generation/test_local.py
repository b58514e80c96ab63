"""The local generator: same tokens as transformers' generate, adapters on a shared base, one message per bad model."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import EnvironmentFailure, InputError
from harness.generation.batches import plan, shared_prefix
from harness.generation.decode import greedy, is_plain
from harness.generation.local import LocalGenerator, load_generator
from harness.types import Decoding, Message
from tests.tiny_model import WORDS, build, prompt

SYSTEM = "answer the question from the passages " * 8  # long enough to be shared by a batch


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def base(folder: Path) -> LocalGenerator:
    return load_generator(str(folder), threads=2)


def questions(count: int) -> list:
    return [prompt(" ".join(WORDS[i : i + 2 + i % 7]), system=SYSTEM, passages=i % 4) for i in range(count)]


def test_plan_groups_similar_lengths_within_both_limits():
    assert plan([5, 50, 6, 49, 5], max_batch=2, token_budget=1000) == [[1, 3], [2, 0], [4]]
    assert plan([10, 10, 10], max_batch=8, token_budget=20) == [[0, 1], [2]]
    assert plan([99, 1], max_batch=8, token_budget=20) == [[0], [1]]
    assert plan([], max_batch=8, token_budget=20) == []
    with pytest.raises(ValueError, match="at least 1"):
        plan([1], max_batch=0, token_budget=1)


def test_shared_prefix_leaves_every_row_a_token():
    assert shared_prefix([[1, 2, 3], [1, 2, 4]]) == 2
    assert shared_prefix([[1, 2, 3], [1, 2, 3]]) == 2
    assert shared_prefix([[1], [1, 2]]) == 0
    assert shared_prefix([]) == 0


def test_same_tokens_as_the_library(base, monkeypatch):
    asked, decoding = questions(24), Decoding(max_new_tokens=24)
    # A random model hardly ever ends by itself: tokens that a quarter of its answers hold are made to end them.
    rows = [base.encode(one) for one in asked]
    free = greedy(base.loaded.model, rows, max_new_tokens=24, end_tokens=[])
    held = Counter(token for answer in free for token in set(answer.tokens))
    ends = [1, *sorted(token for token, count in held.items() if 2 <= count <= 6)[:2]]
    monkeypatch.setattr(base.loaded.model.generation_config, "eos_token_id", ends)
    ours = base.generate(asked, decoding)
    library = replace(base, library_decoding=True).generate(asked, decoding)
    facts = [(g.text, g.prompt_tokens, g.completion_tokens, g.finish) for g in ours]
    assert facts == [(g.text, g.prompt_tokens, g.completion_tokens, g.finish) for g in library]
    assert {g.finish for g in ours} == {"stop", "length"}, "both ways to end must occur for this test to mean anything"


@pytest.mark.parametrize("family", ["Qwen2", "Qwen3", "Mistral"])
def test_other_families_and_grouped_heads_give_the_librarys_tokens(family, folder, tmp_path):
    import torch
    import transformers

    size = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
    config = getattr(transformers, f"{family}Config")(
        vocab_size=408, num_key_value_heads=2, max_position_embeddings=1024, initializer_range=0.4, bos_token_id=None,
        eos_token_id=1, pad_token_id=0, head_dim=16, **size,
    )  # fmt: skip
    torch.manual_seed(1)
    made = getattr(transformers, f"{family}ForCausalLM")(config)
    out = Path(shutil.copytree(folder, tmp_path / family))
    made.save_pretrained(out)
    generator = load_generator(str(out))
    assert is_plain(generator.loaded.model) == (family != "Mistral"), "Mistral's attention slides: the library's path"
    asked, decoding = questions(6), Decoding(max_new_tokens=10)
    ours = [g.text for g in generator.generate(asked, decoding)]
    assert ours == [g.text for g in replace(generator, library_decoding=True).generate(asked, decoding)]
    assert [generator.generate([one], decoding)[0].text for one in asked] == ours
    assert len(set(ours)) > 1


def test_one_at_a_time_equals_batched_and_measures_the_first_token(base):
    asked, decoding = questions(5), Decoding(max_new_tokens=12)
    batched = base.generate(asked, decoding)
    alone = [base.generate([one], decoding)[0] for one in asked]
    assert [g.text for g in batched] == [g.text for g in alone]
    assert all(g.first_token_seconds is None for g in batched)
    assert all(0 < g.first_token_seconds < g.seconds for g in alone)
    slow = replace(base, library_decoding=True).generate(asked[:1], decoding)[0]
    assert 0 < slow.first_token_seconds < slow.seconds


def test_stream_resumes_with_the_same_batches(base):
    asked, decoding = questions(40), Decoding(max_new_tokens=4)
    batches = base.layout(asked, decoding)
    assert sorted(i for batch in batches for i in batch) == list(range(40))
    whole = list(base.stream(asked, decoding))
    assert [indices for indices, _ in whole] == batches
    ((indices, rest),) = base.stream(asked, decoding, batches[1:2])
    assert indices == batches[1]
    assert [g.text for g in rest] == [g.text for g in whole[1][1]]


def test_count_is_the_prompt_length_of_the_answer(base):
    one = questions(3)[2]
    assert base.count(one) == base.generate([one], Decoding(max_new_tokens=1))[0].prompt_tokens


def test_temperature_samples_by_seed(base):
    asked = questions(2)
    first, again, other = (
        [g.text for g in base.generate(asked, Decoding(max_new_tokens=12, temperature=1.5, seed=seed))]
        for seed in (1, 1, 2)
    )
    assert first == again != other


def test_prompt_longer_than_the_context_is_refused(base):
    with pytest.raises(InputError, match="exceed the context"):
        base.generate([prompt("x " * 3000)], Decoding(max_new_tokens=8))


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
    asked, decoding = questions(6), Decoding(max_new_tokens=10)
    before = [g.text for g in base.generate(asked, decoding)]
    one = base.with_adapter(make_adapter(folder, tmp_path / "one", 1, base.loaded.base_hash))
    two = base.with_adapter(make_adapter(folder, tmp_path / "two", 2))
    texts = [[g.text for g in arm.generate(asked, decoding)] for arm in (one, two, base)]
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
    with pytest.raises(InputError, match="no adapter_config"):
        base.with_adapter(tmp_path)
    (wrong / "training.json").unlink()
    (wrong / "adapter_model.safetensors").write_bytes(b"\x00" * 40)
    with pytest.raises(InputError, match="does not load"):
        base.with_adapter(wrong)


def damaged(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "damaged"))


def test_missing_weights(folder, tmp_path):
    bad = damaged(folder, tmp_path)
    (bad / "model.safetensors").unlink()
    with pytest.raises(InputError, match=r"cannot be loaded.*safetensors"):
        load_generator(str(bad))


def test_truncated_weights(folder, tmp_path):
    bad = damaged(folder, tmp_path)
    weights = bad / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(InputError, match="truncated"):
        load_generator(str(bad))


def test_incomplete_weights_are_never_filled_with_random_numbers(folder, tmp_path):
    from safetensors.torch import load_file, save_file

    bad = damaged(folder, tmp_path)
    tensors = load_file(bad / "model.safetensors")
    del tensors["model.layers.1.mlp.up_proj.weight"]
    save_file(tensors, bad / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(InputError, match="1 tensors are missing"):
        load_generator(str(bad))


def test_tokenizer_of_another_model(folder, tmp_path):
    bad = damaged(folder, tmp_path)
    build(tmp_path / "other", vocabulary=270)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tmp_path / "other" / name, bad / name)
    with pytest.raises(InputError, match="do not match"):
        load_generator(str(bad))
    (bad / "tokenizer.json").write_text("{")
    with pytest.raises(InputError, match="tokenizer cannot be loaded"):
        load_generator(str(bad))


def test_no_chat_template(folder, tmp_path):
    bad = damaged(folder, tmp_path)
    (bad / "chat_template.jinja").unlink()
    with pytest.raises(InputError, match="no chat template"):
        load_generator(str(bad))


@pytest.mark.parametrize("name", ["./nowhere", "/no/such/folder", "a b", "one/two/three"])
def test_no_such_folder(name):
    with pytest.raises(InputError, match="no such folder"):
        load_generator(name)


def test_unreachable_hub(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(EnvironmentFailure, match="hub cannot be reached"):
        load_generator("some-org/some-model")


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
    asked, decoding = questions(2), Decoding(max_new_tokens=4)
    assert len(generator.generate(asked, decoding)) == len(tuned.generate(asked, decoding)) == 2
