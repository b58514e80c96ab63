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
from harness.tuning.kinds import plain_model, settings_of

if TYPE_CHECKING:
    import torch
    from transformers import DynamicCache

    from harness.tuning.kinds import Trained

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


def backward(model: Trained, rows: Sequence[Row], items: torch.Tensor | int) -> torch.Tensor:
    """Add the gradients of a batch to those of the adapter; returns its loss.

    Args:
        items: tokens of answers that the sum of the losses is divided by.
    """
    import torch

    prefix = shared_tokens(model, rows)
    computed = shared_keys(model, rows[0].tokens[:prefix]) if prefix else []
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


def mean_loss(model: Trained, rows: Sequence[Row]) -> torch.Tensor:
    """The loss of a token of these answers, without gradients."""
    import torch

    with torch.no_grad():
        prefix = shared_tokens(model, rows)
        keys = shared_keys(model, rows[0].tokens[:prefix]) if prefix else []
        total = torch.stack([_summed(model, part, prefix, keys) for part in parts(rows, prefix)]).sum()
    return total / sum(label != IGNORED for row in rows for label in row.labels)


def shared_tokens(model: Trained, rows: Sequence[Row]) -> int:
    """Tokens that all rows begin with, the one before each answer left out; 0 where sharing them does not pay or
    would not be the same: one row, dropout (each row draws its own), a prefix, which every row has before it,
    attention that is not full in every layer."""
    base, adapter = plain_model(model), settings_of(model)
    recomputes = getattr(base, "is_gradient_checkpointing", False)  # and keeps no keys while it trains
    if len(rows) < 2 or recomputes or getattr(adapter, "lora_dropout", 0) or is_prefix(model) or not is_plain(base):
        return 0
    tokens = [row.tokens for row in rows]
    shared = min(common(min(tokens), max(tokens)), min(row.first for row in rows) - 1)
    return shared if shared >= MIN_SHARED_TOKENS else 0


def parts(rows: Sequence[Row], prefix: int) -> list[list[Row]]:
    """Rows of like length together, as many as TOKENS_AT_ONCE holds behind the prefix, the longest first."""
    ordered = sorted(rows, key=lambda row: -len(row.tokens))
    size = max(1, TOKENS_AT_ONCE // (len(ordered[0].tokens) - prefix))
    return [ordered[at : at + size] for at in range(0, len(ordered), size)]


def shared_keys(model: Trained, tokens: list[int]) -> Keys:
    """Keys and values of what all rows begin with."""
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


def _summed(model: Trained, rows: Sequence[Row], prefix: int, keys: Keys) -> torch.Tensor:
    """Cross-entropy of the answers' tokens of some rows whose first `prefix` tokens have these keys, summed."""
    return row_losses(model, rows, prefix, keys).sum()


def row_losses(model: Trained, rows: Sequence[Row], prefix: int = 0, keys: Keys = ()) -> torch.Tensor:
    """The cross-entropy of each row's answer, summed over its tokens: (rows,)."""
    import torch
    from torch.nn.functional import cross_entropy

    place = plain_model(model).device
    width = max(len(row.tokens) for row in rows)
    gaps = [width - len(row.tokens) for row in rows]
    first = min(row.first for row in rows)
    ids = torch.tensor([row.tokens[prefix:] + [0] * gap for row, gap in zip(rows, gaps, strict=True)], device=place)
    targets = torch.tensor(
        [row.labels[first:] + [IGNORED] * gap for row, gap in zip(rows, gaps, strict=True)], device=place
    )
    mask = torch.tensor([[1] * (width - gap) + [0] * gap for gap in gaps], device=place) if any(gaps) else None
    memory: dict[str, object] = {"use_cache": False}
    if prefix:
        memory = {"past_key_values": _cache(keys, len(rows)), "use_cache": True}
    if not is_prefix(model):  # with a prefix the library counts the places itself
        memory["position_ids"] = torch.arange(prefix, width, device=place)[None].expand(len(rows), -1)
    logits = model(
        input_ids=ids, attention_mask=mask, logits_to_keep=width - first + 1,  # the token before predicts the first
        **memory,
    ).logits  # fmt: skip
    losses = cross_entropy(logits[:, :-1].float().transpose(1, 2), targets, ignore_index=IGNORED, reduction="none")
    return losses.sum(1)


def is_prefix(model: Trained) -> bool:
    """Whether what is trained are keys and values before every row."""
    return bool(getattr(settings_of(model), "is_prompt_learning", False))
