"""The training forward pass: LlamaForCausalLM's own weights and arithmetic without its Python layers, to compile well.

A test holds its logits to those of transformers. Shapes: B rows, T tokens, D hidden units, H heads.
"""

from __future__ import annotations

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


def logits(weights: dict[str, Any], ids: Tensor, cos: Tensor, sin: Tensor, heads: int = 4) -> Tensor:
    """Next-token logits (B, T, vocabulary) of `ids` (B, T), causal, no padding mask (rows are padded on the right)."""
    import torch
    import torch.nn.functional as F

    rows, length = ids.shape
    hidden = F.embedding(ids, weights["embed"])
    width = hidden.shape[-1]

    def turn(x: Tensor) -> Tensor:
        a, b = x.chunk(2, -1)
        return x * cos + torch.cat([-b, a], -1) * sin

    def split(x: Tensor) -> Tensor:
        return x.view(rows, length, heads, width // heads).transpose(1, 2)

    for layer in weights["layers"]:
        x = F.rms_norm(hidden, (width,), layer["n1"], 1e-6)
        query, key, value = (split(F.linear(x, layer[name])) for name in "qkv")
        mixed = F.scaled_dot_product_attention(turn(query), turn(key), value, is_causal=True)
        hidden = hidden + F.linear(mixed.transpose(1, 2).reshape(rows, length, width), layer["o"])
        x = F.rms_norm(hidden, (width,), layer["n2"], 1e-6)
        hidden = hidden + F.linear(F.silu(F.linear(x, layer["gate"])) * F.linear(x, layer["up"]), layer["down"])
    return F.linear(F.rms_norm(hidden, (width,), weights["norm"], 1e-6), weights["embed"])


def token_losses(weights: dict[str, Any], ids: Tensor, targets: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Cross-entropy of each target, (B, T) in nats."""
    import torch.nn.functional as F

    scores = logits(weights, ids, cos, sin)
    return F.cross_entropy(scores.reshape(-1, scores.shape[-1]), targets.reshape(-1), reduction="none").view(ids.shape)
