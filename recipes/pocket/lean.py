"""The training forward pass: LlamaForCausalLM's own weights and arithmetic without its Python layers, to compile well.

A test holds its logits to those of transformers. Shapes: B rows, T tokens, D hidden units, H heads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import LlamaForCausalLM

SHAPE = {
    "vocab_size": 1536,
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "max_position_embeddings": 2048,
    "rms_norm_eps": 1e-6,
    "tie_word_embeddings": True,
    "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
    "pad_token_id": 0,
    "bos_token_id": None,
    "eos_token_id": 1,
    "initializer_range": 0.02,
}


def new_model(seed: int) -> LlamaForCausalLM:
    """A freshly initialised model of SHAPE in float32."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    return LlamaForCausalLM(LlamaConfig(**SHAPE))


def rope_tables(length: int, head: int, theta: float = 10000.0) -> tuple[Tensor, Tensor]:
    """Cosines and sines, each (length, head), of rotary position embedding (Su et al. 2021, half-split layout)."""
    import torch

    rates = 1.0 / theta ** (torch.arange(0, head, 2).float() / head)
    angles = torch.outer(torch.arange(length).float(), rates)
    angles = torch.cat([angles, angles], -1)
    return angles.cos(), angles.sin()


def parameters_of(model: LlamaForCausalLM) -> dict[str, Any]:
    """The model's parameters grouped as the forward pass reads them."""
    inner = model.model
    layers = [
        {
            "n1": x.input_layernorm.weight,
            "q": x.self_attn.q_proj.weight,
            "k": x.self_attn.k_proj.weight,
            "v": x.self_attn.v_proj.weight,
            "o": x.self_attn.o_proj.weight,
            "n2": x.post_attention_layernorm.weight,
            "gate": x.mlp.gate_proj.weight,
            "up": x.mlp.up_proj.weight,
            "down": x.mlp.down_proj.weight,
        }
        for x in inner.layers
    ]
    return {"embed": inner.embed_tokens.weight, "norm": inner.norm.weight, "layers": layers}


# (layer, head) that training points to the answering sentence, to the passage's id, to the very token to repeat, and
# to the first token of the sentence a token stands in: what a causal model needs to begin repeating that sentence
LOCATE, NUMBER, COPY, START = (2, 0), (1, 2), (3, 0), (1, 3)
# ... and from a fact's tokens, and from an answer's, to every token of the name that the fact or the question is about
NAME = (1, 0)
# ... and from a sentence's last tokens to all its words, and from an answer's to all the question's
WORDS = (1, 1)


def turn(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary position embedding of queries or keys (..., T, D/H)."""
    import torch

    a, b = x.chunk(2, -1)
    return x * cos + torch.cat([-b, a], -1) * sin


def gated(gate: Tensor, up: Tensor) -> Tensor:
    """The middle of the MLP: SiLU(gate) * up."""
    import torch.nn.functional as F

    return F.silu(gate) * up


def norm(x: Tensor, weight: Tensor) -> Tensor:
    """Root-mean-square norm over the last dimension."""
    import torch

    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6) * weight


@dataclass(frozen=True)
class Layout:
    """Where tokens stand and what each may look at: rotary tables (B or 1, T, D/H), and a mask (B, T, T) that is True
    where a query (first T) sees a key, or None where every token sees all before it."""

    cos: Tensor
    sin: Tensor
    mask: Tensor | None = None


def layout(tables: tuple[Tensor, Tensor], length: int, blocks: Tensor | None = None) -> Layout:
    """The layout of rows of T tokens; `blocks` (B, T) numbers texts that share the beginning, block 0, and do not see
    each other: each of them stands right after the beginning.
    """
    import torch

    cos, sin = tables
    if blocks is None:
        return Layout(cos[None, :length], sin[None, :length])
    index = torch.arange(length)
    mask = (index[:, None] >= index) & ((blocks[:, None] == 0) | (blocks[:, None] == blocks[..., None]))
    places = mask.sum(-1) - 1
    return Layout(cos[places], sin[places], mask)


@dataclass(frozen=True)
class Pass:
    """The training forward pass; its element-wise steps, which compile well whatever the shape, may be handed in."""

    turn: Callable[[Tensor, Tensor, Tensor], Tensor] = turn
    gated: Callable[[Tensor, Tensor], Tensor] = gated
    norm: Callable[[Tensor, Tensor], Tensor] = norm
    heads: int = 4

    def hidden(self, weights: dict[str, Any], ids: Tensor, kept: Tensor, layout: Layout) -> tuple[Tensor, list[Any]]:
        """Last hidden states (B, Q, D) before the final norm at the positions `kept` (B, Q), and [query, key], each
        (B, T, D/H), of LOCATE, NUMBER, COPY (its queries: (B, Q, D/H)), START, NAME and WORDS. The last layer sees
        kept positions only.

        `ids` (B, T); no padding mask (rows are padded on the right).
        """
        import torch.nn.functional as F

        state = F.embedding(ids, weights["embed"])
        width = state.shape[-1]
        watched: dict[tuple[int, int], list[Tensor]] = {}
        last = len(weights["layers"]) - 1
        cos, sin = layout.cos[:, None], layout.sin[:, None]
        mask = None if layout.mask is None else layout.mask[:, None]
        for number, layer in enumerate(weights["layers"]):
            x = self.norm(state, layer["n1"])
            key = self.turn(self._split(F.linear(x, layer["k"])), cos, sin)
            value = self._split(F.linear(x, layer["v"]))
            if number < last:
                query = self.turn(self._split(F.linear(x, layer["q"])), cos, sin)
                mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, is_causal=mask is None)
            else:
                chosen = kept[..., None].expand(-1, -1, width)
                state, x = state.gather(1, chosen), x.gather(1, chosen)
                query = self.turn(self._split(F.linear(x, layer["q"])), _at(cos, kept), _at(sin, kept))
                seen = visible(layout, kept, ids.shape[1])[:, None]
                mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=seen)
            for place in (LOCATE, NUMBER, COPY, START, NAME, WORDS):
                if place[0] == number:
                    watched[place] = [query[:, place[1]], key[:, place[1]]]
            state = state + F.linear(mixed.transpose(1, 2).reshape(state.shape), layer["o"])
            x = self.norm(state, layer["n2"])
            state = state + F.linear(self.gated(F.linear(x, layer["gate"]), F.linear(x, layer["up"])), layer["down"])
        return state, [watched[place] for place in (LOCATE, NUMBER, COPY, START, NAME, WORDS)]

    def _split(self, x: Tensor) -> Tensor:
        return x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)


def _at(table: Tensor, kept: Tensor) -> Tensor:
    """Rows `kept` (B, Q) of a rotary table (B or 1, 1, T, D/H)."""
    import torch

    rows: Tensor = table[torch.arange(len(kept))[:, None] % len(table), 0, kept][:, None]
    return rows


def compiled() -> Pass:
    """The pass with its element-wise steps compiled."""
    import torch

    return Pass(*(torch.compile(step, dynamic=True) for step in (turn, gated, norm)))  # type: ignore[arg-type]


def scores(weights: dict[str, Any], hidden: Tensor) -> Tensor:
    """Next-token logits (..., vocabulary) of hidden states (..., D)."""
    import torch.nn.functional as F

    return F.linear(norm(hidden, weights["norm"]), weights["embed"])


def token_losses(weights: dict[str, Any], hidden: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy in nats of the targets (N,) after hidden states (N, D): only where something is learned."""
    import torch.nn.functional as F

    return F.cross_entropy(scores(weights, hidden), targets, reduction="none")


def visible(layout: Layout, places: Tensor, length: int) -> Tensor:
    """What queries at `places` (B, Q) see of T keys: (B, Q, T)."""
    import torch

    if layout.mask is None:
        return torch.arange(length) <= places[..., None]
    return layout.mask.gather(1, places[..., None].expand(-1, -1, length))


def _seen(query: Tensor, key: Tensor, places: Tensor, mask: Tensor | None) -> Tensor:
    """Attention scores (n, T) of queries (n, D/H) at these places; -inf for what a place does not see."""
    import torch

    logits: Tensor = query @ key.T / key.shape[1] ** 0.5
    hidden = torch.arange(key.shape[0]) > places[:, None] if mask is None else ~mask[places]
    return logits.masked_fill(hidden, float("-inf"))


def attention_loss(query: Tensor, key: Tensor, spans: list[Any], mask: Tensor | None = None) -> Tensor:
    """-log of the attention that one head gives to the keys of its span, by query position (Liu et al. 2016).

    query, key: (T, D/H) of one row and head, rotary position applied; mask: (T, T), causal by default. Nats, (n,).
    """
    import torch

    places = torch.cat([torch.arange(*span.queries) for span in spans])
    inside = torch.zeros(len(places), key.shape[0], dtype=torch.bool)
    row = 0
    for span in spans:
        count = span.queries[1] - span.queries[0]
        inside[row : row + count, span.keys[0] : span.keys[1]] = True
        row += count
    logits = _seen(query[places], key, places, mask)
    loss: Tensor = logits.logsumexp(1) - logits.masked_fill(~inside, float("-inf")).logsumexp(1)
    return loss


def even_loss(query: Tensor, key: Tensor, spans: list[Any], mask: Tensor | None = None) -> Tensor:
    """As `attention_loss`, but wants the same attention on every key of the span: mean of -log. Nats, (n,)."""
    import torch

    places = torch.cat([torch.arange(*span.queries) for span in spans])
    logs = _seen(query[places], key, places, mask).log_softmax(1)
    losses, row = [], 0
    for span in spans:
        count = span.queries[1] - span.queries[0]
        losses.append(-logs[row : row + count, span.keys[0] : span.keys[1]].mean(1))
        row += count
    return torch.cat(losses)


def copy_loss(
    query: Tensor, key: Tensor, kept: Tensor, copies: list[tuple[int, int]], mask: Tensor | None = None
) -> Tensor:
    """-log of the attention that position `from` gives to `to`, by pair (from, to).

    query: (Q, D/H) at the positions `kept` (Q,), ascending; key: (T, D/H), of one row and head. Nats, (pairs,).
    """
    import torch

    begin, end = torch.tensor(copies).T.contiguous()
    logits = _seen(query[torch.searchsorted(kept, begin)], key, begin, mask)
    loss: Tensor = -logits.log_softmax(1)[torch.arange(len(copies)), end]
    return loss
