"""Greedy decoding of one batch with a preallocated key-value cache, for small models on a CPU.

Same tokens as `transformers`' `generate` (a test compares them), made for machines where `generate` is slow: there the
attention of a padded batch costs twice a causal one, the cache is copied at every step, and rows that ended go on.
Here every prompt is prefilled alone (no padding, activations that stay in the CPU's cache) and in the order of their
tokens, so that each takes over the keys of what it begins alike with the one before it: the system message, worked
examples, the same first passages (RadixAttention, Zheng et al. 2024). Keys and values are written in place, never
repeated for heads that share them (harness.generation.attention), and ended rows are dropped. A prompt that comes alone
is decoded with drafts (harness.generation.lookup).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from harness.generation.attention import takes_masks
from harness.generation.batches import common, shared_prefix
from harness.generation.lookup import decode_one

if TYPE_CHECKING:
    import torch
    from transformers import DynamicCache, PreTrainedModel
    from transformers.cache_utils import DynamicLayer

# Below this many tokens that are known already, a pass of its own for them does not pay.
MIN_SHARED_TOKENS = 64

Buffers = list[tuple["torch.Tensor", "torch.Tensor"]]  # keys and values a layer


@dataclass(frozen=True, slots=True)
class DecodedRow:
    """Tokens of one row, without the token that ended it."""

    tokens: list[int]
    stopped: bool  # ended by an end token rather than by the limit


@dataclass(frozen=True, slots=True)
class BatchCache:
    """A batch's cache: row i holds the keys of prompt i, right-aligned, so that they end where decoding starts."""

    buffers: Buffers  # each (rows, heads, width + new, head size)
    lengths: torch.Tensor  # prompt tokens of each row, shape (rows,)
    width: int  # longest prompt


@dataclass(frozen=True, slots=True)
class Prefix:
    """Tokens whose keys and values were computed before."""

    tokens: Sequence[int]
    buffers: Buffers  # each (1, heads, at least as many as tokens, head size)


def prefix_of(model: PreTrainedModel, rows: Sequence[list[int]]) -> Prefix | None:
    """What all of these prompts begin with, computed once for all of their batches; None where that does not pay."""
    import torch

    shared = shared_prefix(rows) if len(rows) > 1 else 0
    if shared < MIN_SHARED_TOKENS:
        return None
    tokens = rows[0][:shared]
    with torch.inference_mode():
        buffers = _allocate(model, 1, shared)
        _forward(model, [tokens], buffers, used=0)
    return Prefix(tokens, buffers)


def greedy(
    model: PreTrainedModel,
    rows: Sequence[list[int]],
    *,
    max_new_tokens: int,
    end_tokens: Sequence[int],
    on_first: Callable[[], None] | None = None,
    prefix: Prefix | None = None,
) -> list[DecodedRow]:
    """Decode `rows` (token ids of each prompt) greedily; one DecodedRow a row, in order.

    Args:
        on_first: called when the first token of every row is known.
        prefix: what these rows or others of their kind begin with (`prefix_of`).
    """
    import torch

    with torch.inference_mode():
        batch, last = _prefill(model, rows, max_new_tokens, prefix)
        if on_first is not None:
            on_first()
        ends = frozenset(end_tokens)
        if len(rows) == 1:
            return [_decode_alone(model, batch, rows[0], int(last), (max_new_tokens, ends))]
        return _decode(model, batch, last, max_new_tokens, ends)


def is_plain(model: PreTrainedModel) -> bool:
    """Whether `greedy` may serve this model: full attention in every layer and no extra rules of generation."""
    if not attends_fully(model):
        return False
    settings = model.generation_config
    neutral = {"repetition_penalty": 1.0, "encoder_repetition_penalty": 1.0, "no_repeat_ngram_size": 0, "num_beams": 1}
    if any(getattr(settings, name, None) not in (None, value) for name, value in neutral.items()):
        return False
    rules = ("bad_words_ids", "suppress_tokens", "begin_suppress_tokens", "forced_bos_token_id", "forced_eos_token_id",
             "sequence_bias", "min_length", "min_new_tokens")  # fmt: skip
    return not any(getattr(settings, name, None) for name in rules)


def attends_fully(model: PreTrainedModel) -> bool:
    """Whether every layer keeps keys and values of all that came before, and nothing else."""
    from transformers import DynamicCache
    from transformers.cache_utils import DynamicLayer

    layers = DynamicCache(config=model.config).layers
    return len(layers) == model.config.num_hidden_layers and all(type(layer) is DynamicLayer for layer in layers)


def _prefill(
    model: PreTrainedModel, rows: Sequence[list[int]], new: int, prefix: Prefix | None
) -> tuple[BatchCache, torch.Tensor]:
    """Fill the cache prompt by prompt; returns it with the first new token of each row, shape (rows,)."""
    import torch

    lengths = [len(row) for row in rows]
    width = max(lengths)
    buffers = _allocate(model, len(rows), width + new)
    first = torch.empty(len(rows), dtype=torch.long, device=model.device)
    before = prefix or Prefix((), [])
    for index in sorted(range(len(rows)), key=rows.__getitem__):  # so that no earlier one shares more than the last
        row, start = rows[index], width - lengths[index]
        views = [(keys[index : index + 1, :, start:], values[index : index + 1, :, start:]) for keys, values in buffers]
        used = _shared(before.tokens, row)
        for (keys, values), (prefix_keys, prefix_values) in zip(views, before.buffers if used else (), strict=False):
            keys[:, :, :used] = prefix_keys[:, :, :used]
            values[:, :, :used] = prefix_values[:, :, :used]
        first[index] = _forward(model, [row[used:]], views, used)[0]
        before = Prefix(row, views)
    return BatchCache(buffers, torch.tensor(lengths, device=model.device), width), first


def _shared(before: Sequence[int], row: Sequence[int]) -> int:
    """Tokens of a row whose keys are taken over from another that is known; the last one's logits are always needed."""
    used = min(common(before, row), len(row) - 1)
    return used if used >= MIN_SHARED_TOKENS else 0


def fresh_tokens(rows: Sequence[list[int]], prefix: Prefix | None) -> int:
    """Tokens of a batch that prefilling computes: those that no row before it has."""
    order = [prefix.tokens if prefix else (), *sorted(rows)]
    return sum(len(row) - _shared(before, row) for before, row in pairwise(order))


def _allocate(model: PreTrainedModel, rows: int, room: int) -> Buffers:
    """Zeroed keys and values a layer: what is left of a row's start is masked, but NaN would survive a mask."""
    import torch

    config = model.config
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    make = {"dtype": model.dtype, "device": model.device}
    return [
        (torch.zeros(rows, heads, room, size, **make), torch.zeros(rows, heads, room, size, **make))
        for _ in range(config.num_hidden_layers)
    ]


def _forward(model: PreTrainedModel, rows: Sequence[list[int]], buffers: Buffers, used: int) -> torch.Tensor:
    """One unpadded pass that writes `rows` behind `used` cached tokens; returns the next token of each row."""
    import torch

    ids = torch.tensor(rows, device=model.device)
    positions = torch.arange(used, used + ids.shape[1], device=model.device)[None]
    out = model(
        input_ids=ids, position_ids=positions, past_key_values=_cache(buffers, used), use_cache=True, logits_to_keep=1
    )
    return out.logits[:, -1].argmax(-1)  # type: ignore[no-any-return]


def _decode_alone(
    model: PreTrainedModel, batch: BatchCache, row: Sequence[int], first: int, limits: tuple[int, frozenset[int]]
) -> DecodedRow:
    """Decode one row; `limits`: most new tokens, end tokens."""
    import torch

    memory = _cache(batch.buffers, batch.width)
    room = torch.arange(batch.buffers[0][0].shape[2], device=model.device)

    def forward(tokens: Sequence[int], used: int) -> list[int]:
        positions = room[used : used + len(tokens)]
        mask = (room[: used + len(tokens)] <= positions[:, None])[None, None] if len(tokens) > 1 else None
        for layer in memory.layers:
            layer.crop(used)
        out = model(
            input_ids=torch.tensor([tokens], device=model.device), position_ids=positions[None],
            attention_mask=mask if takes_masks(model) else None, past_key_values=memory, use_cache=True,
            logits_to_keep=len(tokens),
        )  # fmt: skip
        return out.logits[0].argmax(-1).tolist()  # type: ignore[no-any-return]

    return DecodedRow(*decode_one(row, first, *limits, forward))


def _decode(
    model: PreTrainedModel, batch: BatchCache, last: torch.Tensor, new: int, ends: frozenset[int]
) -> list[DecodedRow]:
    """Step all rows that have not ended; rows that ended are cut from the cache once half of the rows has."""
    import torch

    tokens: list[list[int]] = [[] for _ in range(len(last))]
    stopped = [False] * len(last)
    rows = list(range(len(last)))  # which prompt each row of the cache belongs to
    memory = _cache(batch.buffers, batch.width)
    mask = torch.arange(batch.width + new, device=last.device)[None] >= (batch.width - batch.lengths)[:, None]
    mask = mask[:, None, None] if takes_masks(model) else mask
    positions = batch.lengths
    for step in range(new):
        for row, token in zip(rows, last.tolist(), strict=True):
            if not stopped[row]:
                stopped[row] = token in ends
                if not stopped[row]:
                    tokens[row].append(token)
        alive = [at for at, row in enumerate(rows) if not stopped[row]]
        if not alive or step == new - 1:
            break
        if 2 * len(alive) <= len(rows):
            keep = torch.tensor(alive, device=last.device)
            memory.batch_select_indices(keep)
            mask, positions, last = mask[keep], positions[keep], last[keep]
            rows = [rows[at] for at in alive]
        last = model(
            input_ids=last[:, None], position_ids=positions[:, None], past_key_values=memory, use_cache=True,
            attention_mask=mask[..., : batch.width + step + 1], logits_to_keep=1,
        ).logits[:, -1].argmax(-1)  # fmt: skip
        positions = positions + 1
    return [DecodedRow(row, end) for row, end in zip(tokens, stopped, strict=True)]


def _cache(buffers: Buffers, used: int) -> DynamicCache:
    from transformers import DynamicCache

    cache = DynamicCache()
    cache.layers = [_layer_type()(keys, values, used) for keys, values in buffers]
    return cache


@cache
def _layer_type() -> Callable[[torch.Tensor, torch.Tensor, int], DynamicLayer]:
    """The cache layer over a given buffer (made here because its base class must not be imported with the package)."""
    from transformers.cache_utils import DynamicLayer

    class InPlaceLayer(DynamicLayer):  # type: ignore[misc]
        """A cache layer that writes new keys and values into a buffer instead of making a new tensor of them."""

        def __init__(self, keys: torch.Tensor, values: torch.Tensor, used: int) -> None:
            super().__init__()
            self.room = (keys, values)
            self.dtype, self.device = keys.dtype, keys.device
            self.is_initialized = True
            self._show(used)

        def _show(self, used: int) -> None:
            self.keys, self.values = self.room[0][:, :, :used], self.room[1][:, :, :used]

        def update(
            self, key_states: torch.Tensor, value_states: torch.Tensor, *args: object, **kwargs: object
        ) -> tuple[torch.Tensor, torch.Tensor]:
            used = self.keys.shape[2]
            end = used + key_states.shape[2]
            self.room[0][:, :, used:end] = key_states
            self.room[1][:, :, used:end] = value_states
            self._show(end)
            return self.keys, self.values

        def crop(self, max_length: int) -> None:
            self._show(max_length)

        def batch_select_indices(self, indices: torch.Tensor) -> None:
            used = self.keys.shape[2]
            self.room = (self.room[0][indices], self.room[1][indices])
            self._show(used)

    return InPlaceLayer
