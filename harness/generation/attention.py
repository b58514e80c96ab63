"""Attention on a CPU for models whose query heads share keys: keys are never repeated, and nobody looks behind a mask.

Nine query heads that share three pairs of keys and values are three rows of queries to each pair. transformers repeats
the pairs in memory instead, at every layer of every step: three quarters of a decoding step of SmolLM2 at 15 rows
(8.1 ms a layer; 2.2 here). Long prompts are taken in blocks of queries, each over the keys up to the last that it sees.

`use` registers this under a name of its own beside the library's (transformers' AttentionInterface), with the library's
masks, so that whatever asks the model gets it: `generate`, lm-eval.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

NAME = "harness_shared_keys"
LIBRARY = "sdpa"  # what it stands in for
BLOCK = 64  # queries at once: 43 ms of products a layer of SmolLM2 at 483 tokens, attention 8.0 ms; in one piece 12


def use(model: PreTrainedModel) -> None:
    """Let a model that attends by the library's fused kernel attend by this, with the same result."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    if model.config._attn_implementation != LIBRARY or not model._can_set_attn_implementation():
        return
    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    model.set_attn_implementation(NAME)


def takes_masks(model: PreTrainedModel) -> bool:
    """Whether its attention takes a ready mask of booleans; else the model makes one from the lengths at every step."""
    return model.config._attn_implementation in (NAME, LIBRARY)


def attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    **others: Any,
) -> tuple[torch.Tensor, None]:
    """Attention of one layer, as transformers calls it.

    Args:
        query: (rows, heads, new, size).
        key, value: (rows, shared heads, length, size).
        attention_mask: booleans, broadcast to (rows, 1, new, length); None: causal, or a single query.

    Returns:
        (rows, new, heads, size), and no weights.
    """
    from torch.nn.functional import scaled_dot_product_attention as fused

    if dropout or query.requires_grad or others.get("position_bias") is not None or _is_other(attention_mask):
        return _library()(module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **others)
    new, length = query.shape[2], key.shape[2]
    if attention_mask is None and new > 1:
        attention_mask = _causal(new, length, query.device)
    parts = [
        fused(_grouped(part, key.shape[1]), key[:, :, :end], value[:, :, :end], attn_mask=mask, scale=scaling).reshape(
            part.shape
        )
        for part, mask, end in _blocks(query, attention_mask, length, query.shape[1] // key.shape[1])
    ]
    mixed = parts[0] if len(parts) == 1 else _join(parts)
    return mixed.transpose(1, 2).contiguous(), None


def _is_other(mask: torch.Tensor | None) -> bool:
    """Whether a mask is one of numbers, or differs between heads: the library's own."""
    import torch

    return mask is not None and (mask.dtype != torch.bool or mask.shape[1] != 1)


def _library() -> Callable[..., tuple[torch.Tensor, None]]:
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    return sdpa_attention_forward  # type: ignore[no-any-return]


def _causal(new: int, length: int, device: torch.device) -> torch.Tensor:
    import torch

    places = torch.arange(length, device=device)
    return (places <= places[length - new :, None])[None, None]


def _grouped(query: torch.Tensor, shared: int) -> torch.Tensor:
    """Queries of the heads that share keys, one behind the other: (rows, shared heads, group x new, size)."""
    rows, _, _, size = query.shape
    return query.reshape(rows, shared, -1, size)


def _blocks(
    query: torch.Tensor, mask: torch.Tensor | None, length: int, group: int
) -> list[tuple[torch.Tensor, torch.Tensor | None, int]]:
    """(queries, their mask for every head of a group, keys up to the last that they see) block by block."""
    if mask is None:
        return [(query, None, length)]
    new = query.shape[2]
    blocks: list[tuple[torch.Tensor, torch.Tensor | None, int]] = []
    for start in range(0, new, BLOCK):
        own = mask[:, :, start : start + BLOCK]
        end = length if new <= BLOCK else 1 + int(own.flatten(0, -2).any(0).nonzero()[-1])
        own = own[..., :end]
        if own.shape[2] > 1:
            own = own.repeat(1, 1, group, 1)
        blocks.append((query[:, :, start : start + BLOCK], own, end))
    return blocks


def _join(parts: list[torch.Tensor]) -> torch.Tensor:
    import torch

    return torch.cat(parts, dim=2)
