"""Greedy decoding of batches on a CPU for models of Llama's shape (`harness.generation.llama`).

Same tokens as `transformers`' `generate` (a test compares them). There a batch is padded, its last answer is waited
for, and every prompt is computed from its first token. Here what all prompts of an arm begin with (system message,
worked examples) is computed once and read by every row where it lies (RadixAttention, Zheng et al. 2024); of what
follows, each row takes over what it begins alike with the one before it; the tokens that are left are computed as one
flat list without padding; rows that ended are dropped at once. A prompt that comes alone is decoded with drafts
(harness.generation.lookup).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from harness.generation import llama
from harness.generation.batches import common, shared_prefix
from harness.generation.constrained import Guides
from harness.generation.lookup import decode_one

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

    from harness.generation.llama import Llama

# Below this many tokens that are known already, a pass of its own for them does not pay.
MIN_SHARED_TOKENS = 64
TOKENS_AT_ONCE = 512  # of a prefilling pass; a product's rate hardly grows beyond, its result still fits the cache
QUERIES_AT_ONCE = 64  # of one row's attention, over the keys up to the last that they see

Keys = list[tuple["torch.Tensor", "torch.Tensor"]]  # keys and values a layer


@dataclass(frozen=True, slots=True)
class DecodedRow:
    """Tokens of one row, without the token that ended it."""

    tokens: list[int]
    stopped: bool  # ended by an end token rather than by the limit


@dataclass(frozen=True, slots=True)
class Prefix:
    """What all rows begin with, and its keys."""

    tokens: Sequence[int] = ()
    keys: Keys = field(default_factory=list)  # each (shared heads, tokens, size); none where there are no tokens

    def __len__(self) -> int:
        return len(self.tokens)

    def of(self, layer: int) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """Keys and values of a layer."""
        return self.keys[layer] if self.tokens else (None, None)


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens of one row that a pass computes; places count from the row's own first token, behind the prefix."""

    row: int
    tokens: Sequence[int]
    start: int  # the place of the first of them
    source: int | None = None  # the row whose keys it takes over up to there; None: its own lie there


@dataclass(frozen=True, slots=True)
class Memory:
    """Keys and values of a batch: the prefix's once, and each row's own, right-aligned where decoding starts."""

    prefix: Prefix
    own: Keys  # each (rows, shared heads, width + new, size)
    lengths: list[int]  # own tokens of each prompt
    width: int  # the longest of them

    def begin(self, row: int) -> int:
        """Where the keys of a row's own first token lie."""
        return self.width - self.lengths[row]

    def move(self, row: int, to: int) -> None:
        """Put the keys of one row over those of another."""
        for part in (part for pair in self.own for part in pair):
            part[to] = part[row]


def prefix_of(model: PreTrainedModel, rows: Sequence[list[int]], kind: torch.dtype | None = None) -> Prefix | None:
    """What all of these prompts begin with, computed once for all of their batches; None where that does not pay."""
    import torch

    shared = known_tokens(rows)
    if not shared:
        return None
    with torch.inference_mode():
        memory, _ = _prefill(llama.of(model, kind), [rows[0][:shared]], 0, Prefix())
    return Prefix(rows[0][:shared], [(keys[0], values[0]) for keys, values in memory.own])


def known_tokens(rows: Sequence[list[int]]) -> int:
    """Length of the prefix that these prompts will have; 0 for none."""
    shared = shared_prefix(rows) if len(rows) > 1 else 0
    return shared if shared >= MIN_SHARED_TOKENS else 0


def greedy(
    model: PreTrainedModel,
    rows: Sequence[list[int]],
    *,
    max_new_tokens: int,
    end_tokens: Sequence[int],
    on_first: Callable[[], None] | None = None,
    prefix: Prefix | None = None,
    kind: torch.dtype | None = None,
    guides: Guides | None = None,
) -> list[DecodedRow]:
    """Decode `rows` (token ids of each prompt) greedily; one DecodedRow a row, in order.

    Args:
        on_first: called when the first token of every row is known.
        prefix: what each of these rows begins with (`prefix_of`).
        kind: the type of the products; default: that of the model's weights.
        guides: what each row may be written on with; None: anything.
    """
    import torch

    with torch.inference_mode():
        forward = llama.of(model, kind)
        memory, first = _prefill(forward, rows, max_new_tokens, prefix or Prefix(), guides)
        if on_first is not None:
            on_first()
        ends = frozenset(end_tokens)
        if len(rows) == 1 and prefix is None and guides is None:
            return [_decode_alone(forward, memory, rows[0], first[0], (max_new_tokens, ends))]
        return _decode(forward, memory, first, max_new_tokens, ends, guides)


def serves(model: PreTrainedModel) -> bool:
    """Whether `greedy` may answer for this model."""
    return is_plain(model) and llama.fits(model)


def is_plain(model: PreTrainedModel) -> bool:
    """Whether a model has full attention in every layer and no extra rules of generation."""
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
    forward: Llama, rows: Sequence[list[int]], new: int, prefix: Prefix, guides: Guides | None = None
) -> tuple[Memory, list[int]]:
    """Keys of all prompts, and the first new token of each."""
    import torch

    lengths = [len(row) - len(prefix) for row in rows]
    width = max(lengths)
    room = (len(rows), forward.shared, width + new, forward.size)
    # Zeroes: what is left of a row's start is masked, but NaN would survive a mask.
    own = [(torch.zeros(room), torch.zeros(room)) for _ in forward.layers]
    memory, first = Memory(prefix, own, lengths, width), [0] * len(rows)
    for pieces in _passes(rows, len(prefix)):
        for piece, token in zip(pieces, _run(forward, memory, pieces, last=True, guides=guides), strict=True):
            first[piece.row] = token
    return memory, first


def _passes(rows: Sequence[list[int]], prefix: int) -> Iterator[list[Piece]]:
    """The tokens to compute, in the order of the rows' tokens, so that no earlier row shares more than the last."""
    pieces, size, before = list[Piece](), 0, None
    for row in sorted(range(len(rows)), key=rows.__getitem__):
        own = rows[row][prefix:]
        used = 0 if before is None else _overlap(rows[before][prefix:], own)
        if pieces and size + len(own) - used > TOKENS_AT_ONCE:
            yield pieces
            pieces, size = [], 0
        pieces.append(Piece(row, own[used:], used, before if used else None))
        size, before = size + len(own) - used, row
    yield pieces


def _overlap(before: Sequence[int], row: Sequence[int]) -> int:
    """Tokens of a row whose keys are taken over from another; the last one's logits are always needed."""
    return min(common(before, row), len(row) - 1)


def fresh_tokens(rows: Sequence[list[int]], prefix: Prefix | None) -> int:
    """Tokens of a batch that prefilling computes: those that no row before it has."""
    return sum(len(piece.tokens) for pieces in _passes(rows, len(prefix or ())) for piece in pieces)


def _run(
    forward: Llama, memory: Memory, pieces: Sequence[Piece], last: bool, guides: Guides | None = None
) -> list[int]:
    """One pass over the tokens of some rows: the token that follows the last of each piece, or every one."""
    import torch

    tokens = torch.tensor([token for piece in pieces for token in piece.tokens])
    starts = [len(memory.prefix) + piece.start for piece in pieces]
    places = [torch.arange(at, at + len(piece.tokens)) for at, piece in zip(starts, pieces, strict=True)]
    masks = [_masks(len(piece.tokens), at, forward.group) for at, piece in zip(starts, pieces, strict=True)]
    attend = partial(_attend_pieces, memory, list(zip(pieces, masks, strict=True)))
    hidden = forward.hidden(tokens, torch.cat(places), attend)
    if last:
        hidden = hidden[torch.tensor([len(piece.tokens) for piece in pieces]).cumsum(0) - 1]
    allowed = None if guides is None else guides.allowed([piece.row for piece in pieces])
    return forward.following(hidden, allowed).tolist()  # type: ignore[no-any-return]


def _masks(new: int, before: int, group: int) -> list[torch.Tensor | None]:
    """What is added to the scores of each block of queries of a row: (group x queries, keys up to its last)."""
    import torch

    masks: list[torch.Tensor | None] = []
    for first in range(0, new, QUERIES_AT_ONCE):
        block = min(QUERIES_AT_ONCE, new - first)
        hidden = torch.full((block, before + first + block), -torch.inf).triu(before + first + 1)
        masks.append(hidden.repeat(group, 1) if block > 1 else None)
    return masks


def _attend_pieces(
    memory: Memory, pieces: Sequence[tuple[Piece, list[torch.Tensor | None]]],
    layer: int, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor,
) -> torch.Tensor:  # fmt: skip
    """Attention of one layer, row by row; writes keys and values into the memory."""
    import torch

    mixed, at = torch.empty(len(query), query[0].numel()), 0
    for piece, masks in pieces:
        new, begin = slice(at, at + len(piece.tokens)), memory.begin(piece.row)
        start, end = begin + piece.start, begin + piece.start + len(piece.tokens)
        pair = []
        for room, fresh, far in zip(memory.own[layer], (key, value), memory.prefix.of(layer), strict=True):
            if piece.source is not None:
                source = memory.begin(piece.source)
                room[piece.row, :, begin:start] = room[piece.source, :, source : source + piece.start]
            room[piece.row, :, start:end] = fresh[new].transpose(0, 1)
            own = room[piece.row, :, begin:end]
            pair.append(own if far is None else torch.cat([far, own], 1))
        _attend_blocks(query[new], pair[0][None], pair[1][None], masks, mixed[new])
        at = new.stop
    return mixed


def _attend_blocks(
    query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, masks: Sequence[torch.Tensor | None],
    out: torch.Tensor,
) -> None:  # fmt: skip
    """Causal attention of the last tokens of one row, block by block, over keys that are not repeated for a group."""
    from torch.nn.functional import scaled_dot_product_attention as fused

    _, shared, length, size = keys.shape
    for at, mask in enumerate(masks):
        part = query[at * QUERIES_AT_ONCE : (at + 1) * QUERIES_AT_ONCE]
        queries = part.view(len(part), shared, -1, size).permute(1, 2, 0, 3)
        end = length - len(query) + at * QUERIES_AT_ONCE + len(part)
        mixed = fused(queries.reshape(1, shared, -1, size), keys[:, :, :end], values[:, :, :end], attn_mask=mask)
        rows = out[at * QUERIES_AT_ONCE :][: len(part)].view(len(part), shared, -1, size)
        rows.copy_(mixed.view(queries.shape).permute(2, 0, 1, 3))


def _decode_alone(
    forward: Llama, memory: Memory, row: Sequence[int], first: int, limits: tuple[int, frozenset[int]]
) -> DecodedRow:
    """Decode one row; `limits`: most new tokens, end tokens."""

    def step(tokens: Sequence[int], used: int) -> list[int]:
        return _run(forward, memory, [Piece(0, tokens, used)], last=False)

    return DecodedRow(*decode_one(row, first, *limits, step))


def _decode(
    forward: Llama, memory: Memory, last: list[int], new: int, ends: frozenset[int], guides: Guides | None = None
) -> list[DecodedRow]:
    """Step all rows; the last row of the memory takes the place of one that ended."""
    import torch

    tokens, stopped = [list[int]() for _ in last], [False] * len(last)
    rows = list(range(len(last)))  # which prompt each row of the memory belongs to
    for step in range(new):
        for at in reversed(range(len(rows))):
            stopped[rows[at]] = last[at] in ends
            if not stopped[rows[at]]:
                tokens[rows[at]].append(last[at])
                if guides is not None:
                    guides.take(rows[at], last[at])
                if step < new - 1:
                    continue
            row, token = rows.pop(), last.pop()
            if at < len(rows):
                rows[at], last[at] = row, token
                memory.move(len(rows), at)
        if not rows:
            break
        end = memory.width + step + 1
        begins = torch.tensor([memory.begin(row) for row in rows])
        bias = torch.where(torch.arange(end) >= begins[:, None], 0.0, -torch.inf)[:, None, None]
        places = torch.tensor([len(memory.prefix) + memory.lengths[row] + step for row in rows])
        hidden = forward.hidden(torch.tensor(last), places, partial(_attend_step, memory, bias))
        last = forward.following(hidden, None if guides is None else guides.allowed(rows)).tolist()
    return [DecodedRow(row, end) for row, end in zip(tokens, stopped, strict=True)]


def _attend_step(
    memory: Memory, bias: torch.Tensor, layer: int, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor
) -> torch.Tensor:
    """Attention of one layer and one token a row over its own keys and, for all rows in one product, the prefix's.

    Args:
        bias: (rows, 1, 1, own keys), the token's own the last.
    """
    import torch

    rows, end = len(query), bias.shape[-1]
    for room, fresh in zip(memory.own[layer], (key, value), strict=True):
        room[:rows, :, end - 1] = fresh
    keys, values = (part[:rows, :, :end] for part in memory.own[layer])
    shared, size = key.shape[1:]
    queries = query.view(rows, shared, -1, size) * size**-0.5
    scores = queries @ keys.transpose(-1, -2) + bias
    far_keys, far_values = memory.prefix.of(layer)
    mixed: torch.Tensor
    if far_keys is None or far_values is None:
        mixed = scores.softmax(-1) @ values
    else:
        first = len(memory.prefix)
        together = queries.transpose(0, 1).reshape(shared, -1, size)
        far = (together @ far_keys.transpose(-1, -2)).view(shared, rows, -1, first).transpose(0, 1)
        shares = torch.cat([far, scores], -1).softmax(-1)
        far_part = shares[..., :first].transpose(0, 1).reshape(shared, -1, first) @ far_values
        mixed = shares[..., first:] @ values + far_part.view(shared, rows, -1, size).transpose(0, 1)
    return mixed.reshape(rows, -1)
