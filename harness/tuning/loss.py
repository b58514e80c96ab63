"""The loss of a batch on its answers alone, with what its rows begin alike with computed once, forwards and backwards.

Rows of a training begin with the same system message: 138 of the 196 tokens of a closed-book row of the help desk, 140
of 520 with passages. Its keys are computed once a step and handed to every row; their gradients are gathered there and
go back through it once. Rows go in parts of like length, so that a part needs little padding and its activations fit a
cache; logits are computed where answers are. The sum is that of the rows one by one (a test compares the gradients).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.generation.batches import common
from harness.generation.decode import MIN_SHARED_TOKENS, is_plain

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import DynamicCache

    Keys = Sequence[tuple[torch.Tensor, torch.Tensor]]  # keys and values a layer, each (1, heads, tokens, size)

IGNORED = -100  # the label of a token that no loss is on
# A long row goes alone: it needs neither padding nor a mask then. Short ones go together. What is kept for the way back
# grows with them: 1,200 tokens at once took 4.6 GB on smollm2, 500 take 2.4 and no more time.
TOKENS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation: its tokens, and as many labels, IGNORED outside the answer."""

    tokens: list[int]
    labels: list[int]

    @property
    def first(self) -> int:
        """The place of the first token of the answer."""
        return next(at for at, label in enumerate(self.labels) if label != IGNORED)


def rows_of(inputs: dict[str, torch.Tensor]) -> list[Row]:
    """The rows of a trainer's batch, without their padding on the right."""
    lengths = inputs["attention_mask"].sum(1).tolist()
    pairs = zip(inputs["input_ids"].tolist(), inputs["labels"].tolist(), lengths, strict=True)
    return [Row(tokens[:length], labels[:length]) for tokens, labels, length in pairs]


def backward(model: PeftModel, rows: Sequence[Row], items: torch.Tensor | int) -> torch.Tensor:
    """Add the gradients of a batch to those of the adapter; returns its loss.

    Args:
        items: tokens of answers that the sum of the losses is divided by.
    """
    import torch

    prefix = shared_tokens(model, rows)
    computed = _keys(model, rows[0].tokens[:prefix]) if prefix else []
    leaves = [tuple(tensor.detach().requires_grad_(tensor.requires_grad) for tensor in pair) for pair in computed]
    total = torch.zeros(())
    for part in parts(rows, prefix):
        loss = _summed(model, part, prefix, leaves) / items  # type: ignore[arg-type]
        loss.backward()  # type: ignore[no-untyped-call]
        total = total + loss.detach()
    gathered = [
        (tensor, leaf.grad)
        for pair, pair_leaves in zip(computed, leaves, strict=True)
        for tensor, leaf in zip(pair, pair_leaves, strict=True)
        if leaf.grad is not None
    ]
    if gathered:
        torch.autograd.backward([tensor for tensor, _ in gathered], [grad for _, grad in gathered])
    return total


def mean_loss(model: PeftModel, rows: Sequence[Row]) -> torch.Tensor:
    """The loss of a token of these answers, without gradients."""
    import torch

    with torch.no_grad():
        prefix = shared_tokens(model, rows)
        keys = _keys(model, rows[0].tokens[:prefix]) if prefix else []
        total = torch.stack([_summed(model, part, prefix, keys) for part in parts(rows, prefix)]).sum()
    return total / sum(label != IGNORED for row in rows for label in row.labels)


def shared_tokens(model: PeftModel, rows: Sequence[Row]) -> int:
    """Tokens that all rows begin with, the one before each answer left out; 0 where sharing them does not pay or
    would not be the same: one row, dropout (each row draws its own), attention that is not full in every layer."""
    base = model.get_base_model()
    recomputes = getattr(base, "is_gradient_checkpointing", False)  # and keeps no keys while it trains
    if len(rows) < 2 or recomputes or model.active_peft_config.lora_dropout or not is_plain(base):
        return 0
    tokens = [row.tokens for row in rows]
    shared = min(common(min(tokens), max(tokens)), min(row.first for row in rows) - 1)
    return shared if shared >= MIN_SHARED_TOKENS else 0


def parts(rows: Sequence[Row], prefix: int) -> list[list[Row]]:
    """Rows of like length together, as many as TOKENS_AT_ONCE holds behind the prefix, the longest first."""
    ordered = sorted(rows, key=lambda row: -len(row.tokens))
    size = max(1, TOKENS_AT_ONCE // (len(ordered[0].tokens) - prefix))
    return [ordered[at : at + size] for at in range(0, len(ordered), size)]


def _keys(model: PeftModel, tokens: list[int]) -> Keys:
    import torch
    from transformers import DynamicCache

    cache = DynamicCache()
    model(input_ids=torch.tensor([tokens]), past_key_values=cache, use_cache=True, logits_to_keep=1)
    return [(layer.keys, layer.values) for layer in cache.layers]


def _cache(keys: Keys, rows: int) -> DynamicCache:
    from transformers import DynamicCache

    cache = DynamicCache()
    for layer, pair in enumerate(keys):
        cache.update(*(tensor.expand(rows, -1, -1, -1) for tensor in pair), layer)
    return cache


def _summed(model: PeftModel, rows: Sequence[Row], prefix: int, keys: Keys) -> torch.Tensor:
    """Cross-entropy of the answers' tokens of some rows whose first `prefix` tokens have these keys, summed."""
    import torch
    from torch.nn.functional import cross_entropy

    width = max(len(row.tokens) for row in rows)
    gaps = [width - len(row.tokens) for row in rows]
    first = min(row.first for row in rows)
    ids = torch.tensor([row.tokens[prefix:] + [0] * gap for row, gap in zip(rows, gaps, strict=True)])
    targets = torch.tensor([row.labels[first:] + [IGNORED] * gap for row, gap in zip(rows, gaps, strict=True)])
    mask = torch.tensor([[1] * (width - gap) + [0] * gap for gap in gaps]) if any(gaps) else None
    memory = {"past_key_values": _cache(keys, len(rows)), "use_cache": True} if prefix else {"use_cache": False}
    logits = model(
        input_ids=ids, attention_mask=mask, position_ids=torch.arange(prefix, width)[None].expand(len(rows), -1),
        logits_to_keep=width - first + 1, **memory,  # the token before an answer predicts its first
    ).logits  # fmt: skip
    return cross_entropy(logits[:, :-1].flatten(0, 1).float(), targets.flatten(), ignore_index=IGNORED, reduction="sum")
