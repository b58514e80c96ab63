"""Attention over shared keys gives what the library's gives."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from harness.generation import attention

SIZE = 16


def inputs(rows: int, heads: int, shared: int, new: int, known: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(3)
    query = torch.randn(rows, new, heads, SIZE).transpose(1, 2)  # as a layer hands it over
    return query, torch.randn(rows, shared, known, SIZE), torch.randn(rows, shared, known, SIZE)


def padded(rows: int, new: int, known: int) -> torch.Tensor:
    """Causal from the right, and each row begins one place later than the one before."""
    places = torch.arange(known)
    causal = places <= torch.arange(known - new, known)[:, None]
    return causal[None, None] & (places >= torch.arange(rows)[:, None])[:, None, None]


@pytest.mark.parametrize(
    ("rows", "heads", "shared", "new", "known"),
    [(1, 6, 2, 1, 9), (5, 6, 2, 1, 9), (2, 6, 2, 7, 20), (1, 9, 3, 150, 190), (3, 4, 4, 130, 130), (1, 4, 1, 64, 70)],
)
def test_equals_the_librarys_with_a_mask(rows, heads, shared, new, known):
    query, key, value = inputs(rows, heads, shared, new, known)
    mask = padded(rows, new, known)
    layer = SimpleNamespace(num_key_value_groups=heads // shared, is_causal=True)
    with torch.inference_mode():
        ours, _ = attention.attend(layer, query, key, value, mask, scaling=0.25)
        theirs, _ = sdpa_attention_forward(layer, query, key, value, mask, scaling=0.25)
    assert ours.shape == theirs.shape == (rows, new, heads, SIZE)
    assert (ours - theirs).abs().max() < 1e-5


def test_without_a_mask_it_is_causal():
    query, key, value = inputs(1, 6, 2, 150, 150)
    layer = SimpleNamespace(num_key_value_groups=3, is_causal=True)
    with torch.inference_mode():
        ours, _ = attention.attend(layer, query, key, value, None)
        theirs, _ = sdpa_attention_forward(layer, query, key, value, None)
    assert (ours - theirs).abs().max() < 1e-5


def test_gradients_and_masks_of_numbers_are_left_to_the_library(monkeypatch):
    calls: list[object] = []

    def library(module, query, *others, **settings):
        calls.append(query)
        return query, None

    monkeypatch.setattr("transformers.integrations.sdpa_attention.sdpa_attention_forward", library)
    query, key, value = inputs(1, 2, 2, 3, 3)
    attention.attend(SimpleNamespace(), query, key, value, torch.zeros(1, 1, 3, 3))
    attention.attend(SimpleNamespace(), query.requires_grad_(), key, value, None)
    assert len(calls) == 2
    with torch.inference_mode():
        attention.attend(SimpleNamespace(), query.detach(), key, value, padded(1, 3, 3))
    assert len(calls) == 2, "a mask of booleans without gradients is ours"


def test_a_model_on_a_cpu_attends_by_it_and_keeps_its_masks(base):
    model = base.loaded.model
    assert model.config._attn_implementation == attention.NAME
    assert attention.takes_masks(model)
    ids = torch.tensor([[0, 0, 5, 6, 7], [4, 5, 6, 7, 8]])
    mask = torch.tensor([[0, 0, 1, 1, 1], [1, 1, 1, 1, 1]])
    with torch.inference_mode():
        ours = model(input_ids=ids, attention_mask=mask).logits[:, 2:]
        model.set_attn_implementation("sdpa")
        theirs = model(input_ids=ids, attention_mask=mask).logits[:, 2:]
        model.set_attn_implementation(attention.NAME)
    assert (ours - theirs).abs().max() < 1e-4
