"""The forward pass of our own gives what the library's gives, in whole and in part."""

from __future__ import annotations

import pytest
import torch
import transformers

from harness.generation import decode, llama

SIZE = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}


def model(family: str, **others: object):
    config = getattr(transformers, f"{family}Config")(
        vocab_size=408, num_key_value_heads=2, max_position_embeddings=1024, initializer_range=0.4, head_dim=16,
        bos_token_id=None, eos_token_id=1, pad_token_id=0, **SIZE, **others,
    )  # fmt: skip
    torch.manual_seed(1)
    return getattr(transformers, f"{family}ForCausalLM")(config).eval()


@pytest.fixture(scope="module")
def small():
    return model("Llama")


@pytest.fixture(scope="module")
def rows() -> list[list[int]]:
    """Rows that begin alike, some of them for longer, one of them twice, some longer than a block of queries."""
    torch.manual_seed(2)
    start = torch.randint(5, 400, (100,)).tolist()
    made = [start + torch.randint(5, 400, (5 + 30 * at,)).tolist() for at in range(6)]
    return [*made, [*made[2][:112], 5, 6, 7], made[4]]


def library(model, row: list[int], ends: list[int], new: int) -> list[int]:
    with torch.inference_mode():
        out = model.generate(
            input_ids=torch.tensor([row]), attention_mask=torch.ones(1, len(row), dtype=torch.long),
            max_new_tokens=new, do_sample=False, eos_token_id=ends, pad_token_id=0,
        )[0, len(row) :].tolist()  # fmt: skip
    return out[: next((at for at, token in enumerate(out) if token in ends), new)]


@pytest.mark.parametrize("family", llama.FAMILIES)
def test_same_tokens_as_the_library_with_and_without_a_prefix(family, rows):
    one = model(family.removesuffix("ForCausalLM"))
    assert llama.fits(one)
    free = [library(one, row, [1], 12) for row in rows]
    ends = [1, free[0][5], free[5][2]]  # so that rows end at different steps
    theirs = [library(one, row, ends, 12) for row in rows]
    assert len({len(answer) for answer in theirs}) > 2
    prefix = decode.prefix_of(one, rows)
    assert len(prefix) == 100
    for known in (prefix, None):
        ours = decode.greedy(one, rows, max_new_tokens=12, end_tokens=ends, prefix=known)
        assert [answer.tokens for answer in ours] == theirs
    alone = [decode.greedy(one, [row], max_new_tokens=12, end_tokens=ends)[0].tokens for row in rows]
    assert alone == theirs


def test_what_rows_begin_with_is_computed_once(small, rows):
    own = sum(len(row) - 100 for row in rows[:6]) + 3 + 1  # a row of three tokens of its own, and one row again
    assert decode.fresh_tokens(rows, decode.prefix_of(small, rows)) == own
    assert decode.fresh_tokens(rows, None) == own + 100


def test_without_products_laid_out_it_is_the_same(small, rows, monkeypatch):
    ours = decode.greedy(small, rows, max_new_tokens=6, end_tokens=[1])
    llama._KNOWN.clear()
    monkeypatch.setattr(llama, "can_lay_out", lambda: False)
    assert not llama.of(small).head.laid_out
    assert decode.greedy(small, rows, max_new_tokens=6, end_tokens=[1]) == ours
    llama._KNOWN.clear()


def test_changed_weights_are_laid_out_anew(rows):
    one = model("Llama")
    before = decode.greedy(one, rows[:1], max_new_tokens=8, end_tokens=[1])
    with torch.no_grad():
        for weight in one.model.layers.parameters():
            weight.mul_(-0.7)
    after = decode.greedy(one, rows[:1], max_new_tokens=8, end_tokens=[1])
    assert after != before
    assert after[0].tokens == library(one, rows[0], [1], 8)


@pytest.mark.parametrize(
    "settings",
    [{"hidden_act": "gelu"}, {"rope_parameters": {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0}}],
)
def test_another_activation_or_rotation_is_left_to_the_library(settings):
    assert not llama.fits(model("Llama", **settings))


def test_products_in_bf16_choose_among_the_best_logits_in_full(small):
    forward = llama.of(small, torch.bfloat16)
    hidden = torch.randn(64, 32)
    exact = (forward.norm(hidden) @ small.lm_head.weight.t()).argmax(-1)
    assert torch.equal(forward.following(hidden), exact)
