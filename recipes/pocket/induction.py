"""Initial weights that copy from the first step: a previous-token head and an induction head, written by hand.

Left to itself, copying takes millions of tokens to form; then everything else follows within minutes (Olsson et al.
2022, "In-context learning and induction heads"). Here it is the starting point, and training is free to change it:

- the embedding keeps a constant in channel 0, the token in channels 1..159, nothing in the rest;
- layer 0, heads 0 and 1: queries and keys come from the constant alone, turned so that rotary attention peaks one
  position back; each writes a projection of the previous token to its own channels from 160 on;
- layer 1, heads 0 and 1: the query is the present token's projection, the key that written one: attention goes to what
  followed the last time, and the token found there is added to the residual stream.
"""

from __future__ import annotations

from math import cos, sin
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

TOKEN = slice(1, 160)  # channels of the token's identity
CONSTANT, SPREAD = 0.4, 0.063  # embedding: channel 0; standard deviation of the token's channels
HEAD = 64
FAST = range(12)  # rotary pairs that tell neighbouring positions apart
SLOW = range(18, 32)  # rotary pairs that hardly turn over a few hundred tokens
WIDTH = 2 * len(SLOW)  # channels of one head's projection
PEAK, WRITE, MATCH, COPY = 0.85, 0.1, 2.0, 0.4  # strengths; see the arithmetic in the comments below


def plant(model: Any, seed: int) -> None:
    """Overwrites the embedding and parts of the first two layers of a Llama model (256 channels, 4 heads) in place."""
    import torch

    noise = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        embed = model.model.embed_tokens.weight
        embed.mul_(0.1)
        embed[:, TOKEN] = torch.randn(embed[:, TOKEN].shape, generator=noise) * SPREAD
        embed[:, 0] = CONSTANT
        for head in (0, 1):
            size = TOKEN.stop - TOKEN.start
            identity = torch.linalg.qr(torch.randn(size, WIDTH, generator=noise))[0].T
            _previous_token(model.model.layers[0].self_attn, head, identity)
            _induction(model.model.layers[1].self_attn, head, identity)


def _rows(head: int) -> slice:
    return slice(head * HEAD, (head + 1) * HEAD)


def _channels(head: int) -> slice:
    return slice(TOKEN.stop + head * WIDTH, TOKEN.stop + (head + 1) * WIDTH)


def _previous_token(attention: Any, head: int, identity: Tensor) -> None:
    """Score: PEAK^2 * 7^2 / 8 times the sum over FAST of cos(rate * (distance - 1)), about 5 above the neighbours."""
    rows = _rows(head)
    query, key = attention.q_proj.weight[rows], attention.k_proj.weight[rows]
    query.zero_()
    key.zero_()
    for pair in FAST:
        rate = 10000.0 ** (-pair / (HEAD // 2))
        query[pair, 0] = PEAK
        # The key is the query turned forward by one position, so that they agree one position back.
        key[pair, 0], key[pair + HEAD // 2, 0] = PEAK * cos(rate), PEAK * sin(rate)
    attention.v_proj.weight[rows].zero_()
    attention.v_proj.weight[rows][:WIDTH, TOKEN] = identity
    attention.o_proj.weight[:, rows].zero_()
    out = attention.o_proj.weight[_channels(head), rows]
    out[range(WIDTH), range(WIDTH)] = WRITE


def _induction(attention: Any, head: int, identity: Tensor) -> None:
    """Score of a match about 14, of a mismatch 0 +- 2.6; what is found is added to the token's channels."""
    rows = _rows(head)
    slow = [*SLOW, *(pair + HEAD // 2 for pair in SLOW)]
    query, key = attention.q_proj.weight[rows], attention.k_proj.weight[rows]
    query.zero_()
    key.zero_()
    for i, channel in enumerate(slow):
        query[channel, TOKEN] = MATCH * identity[i]
        key[channel, _channels(head).start + i] = MATCH
    part = slice(TOKEN.start + head * HEAD, TOKEN.start + (head + 1) * HEAD)
    attention.v_proj.weight[rows].zero_()
    attention.o_proj.weight[:, rows].zero_()
    value, out = attention.v_proj.weight[rows, part], attention.o_proj.weight[part, rows]
    value[range(HEAD), range(HEAD)] = 1.0
    out[range(HEAD), range(HEAD)] = COPY
