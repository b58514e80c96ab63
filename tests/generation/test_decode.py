"""Decoding of our own gives the same tokens as transformers' generate."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from harness.generation.decode import greedy, is_plain
from harness.generation.local import load_generator
from harness.types import Decoding
from tests.generation.models import questions


def test_same_tokens_as_the_library(base, monkeypatch):
    prompts, decoding = questions(24), Decoding(max_new_tokens=24)
    # A random model hardly ever ends by itself: tokens that a quarter of its answers hold are made to end them.
    rows = [base.encode(one) for one in prompts]
    free = greedy(base.loaded.model, rows, max_new_tokens=24, end_tokens=[])
    held = Counter(token for answer in free for token in set(answer.tokens))
    ends = [1, *sorted(token for token, count in held.items() if 2 <= count <= 6)[:2]]
    monkeypatch.setattr(base.loaded.model.generation_config, "eos_token_id", ends)
    ours = base.generate(prompts, decoding)
    library = replace(base, library_decoding=True).generate(prompts, decoding)
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
    model = getattr(transformers, f"{family}ForCausalLM")(config)
    out = Path(shutil.copytree(folder, tmp_path / family))
    model.save_pretrained(out)
    generator = load_generator(str(out))
    assert is_plain(generator.loaded.model) == (family != "Mistral"), "Mistral's attention slides: the library's path"
    prompts, decoding = questions(6), Decoding(max_new_tokens=10)
    ours = [g.text for g in generator.generate(prompts, decoding)]
    assert ours == [g.text for g in replace(generator, library_decoding=True).generate(prompts, decoding)]
    assert [generator.generate([one], decoding)[0].text for one in prompts] == ours
    assert len(set(ours)) > 1


def test_one_at_a_time_equals_batched_and_measures_the_first_token(base):
    prompts, decoding = questions(5), Decoding(max_new_tokens=12)
    batched = base.generate(prompts, decoding)
    alone = [base.generate([one], decoding)[0] for one in prompts]
    assert [g.text for g in batched] == [g.text for g in alone]
    assert all(g.first_token_seconds is None for g in batched)
    assert all(0 < g.first_token_seconds < g.seconds for g in alone)
    slow = replace(base, library_decoding=True).generate(prompts[:1], decoding)[0]
    assert 0 < slow.first_token_seconds < slow.seconds
