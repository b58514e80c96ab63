"""SmolLM2 with LoRA in plain torch, lean on a CPU: what `train` needs and nothing else.

bf16 where the processor multiplies it (AMX, AVX512-BF16), fp32 elsewhere: the base's weights decide (`load_base`).

The libraries' way (PEFT on transformers, bf16, one thread of an AMX machine) reaches 170 tokens a second, this one
about three times that: layers are compiled, so that what is not a matrix product is fused; attention is products with
an explicit mask, because the CPU's flash attention is slow backwards; keys that several queries share are not
repeated; and queries come in blocks that never meet the keys behind them, which with layers of one input as one product
took the CPU seconds of a step from 3.9 to 3.0 on a busy machine.
The mask also lets all questions about one page share its tokens (`packing.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from recipes.reader.packing import Pack

    Tensors = Sequence[torch.Tensor]

# each linear layer: the module's name in the checkpoint
LINEAR = {
    "q": "self_attn.q_proj", "k": "self_attn.k_proj", "v": "self_attn.v_proj", "o": "self_attn.o_proj",
    "g": "mlp.gate_proj", "u": "mlp.up_proj", "d": "mlp.down_proj",
}  # fmt: skip
BLOCK, MOST_BLOCKS = 128, 6  # queries of one block of the attention at least, and blocks of one sequence at most


@dataclass(frozen=True)
class Shape:
    """Sizes of the model, from its config.json."""

    layers: int
    hidden: int
    heads: int
    shared: int  # key and value heads
    size: int  # of a head
    theta: float
    epsilon: float


@dataclass(frozen=True)
class Base:
    """The frozen weights by name, all of one type, and their shape."""

    shape: Shape
    weights: Mapping[str, torch.Tensor]

    @property
    def kind(self) -> torch.dtype:
        """The type of the weights: that of every product."""
        return self.weights["model.norm.weight"].dtype

    def linear(self, layer: int, key: str) -> torch.Tensor:
        """The weight of one linear layer, (outputs, inputs)."""
        return self.weights[f"model.layers.{layer}.{LINEAR[key]}.weight"]


def load_base(folder: Path) -> Base:
    """The base model of a folder that `harness models get smollm2` made."""
    import torch
    from safetensors.torch import load_file

    from harness.process.processor import cpu_info

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    shape = Shape(
        config["num_hidden_layers"], config["hidden_size"], config["num_attention_heads"],
        config["num_key_value_heads"], config["head_dim"], config["rope_parameters"]["rope_theta"],
        config["rms_norm_eps"],
    )  # fmt: skip
    kind = torch.bfloat16 if any(flag in cpu_info() for flag in ("amx_bf16", "avx512_bf16")) else torch.float32
    weights = {name: tensor.to(kind) for name, tensor in load_file(folder / "model.safetensors").items()}
    return Base(shape, weights)


def new_lora(base: Base, rank: int, seed: int) -> dict[str, torch.Tensor]:
    """Fresh pairs A (rank, inputs) and B (outputs, rank) of every linear layer, fp32; B is zero."""
    import torch

    drawn = torch.Generator().manual_seed(seed)
    lora: dict[str, torch.Tensor] = {}
    for layer in range(base.shape.layers):
        for key in LINEAR:
            outputs, inputs = base.linear(layer, key).shape
            bound = inputs**-0.5
            lora[f"{layer}.{key}.A"] = (torch.rand(rank, inputs, generator=drawn) * 2 - 1) * bound
            lora[f"{layer}.{key}.B"] = torch.zeros(outputs, rank)
    return {name: tensor.requires_grad_() for name, tensor in lora.items()}


def rotary(shape: Shape, positions: torch.Tensor, kind: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines of the positions, (tokens, head size)."""
    import torch

    steps = torch.arange(0, shape.size, 2, dtype=torch.float32) / shape.size
    angles = positions.float()[:, None] * shape.theta ** -steps[None]
    angles = torch.cat((angles, angles), -1)
    return angles.cos().to(kind), angles.sin().to(kind)


def layer_function(shape: Shape, scale: float) -> Callable[..., torch.Tensor]:
    """One layer as a function of its input, mask, rotation, norms, weights and LoRA pairs."""
    import torch

    group = shape.heads // shape.shared

    def norm(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        wide = x.float()
        return (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + shape.epsilon)).to(x.dtype) * weight

    def turned(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
        half = x.shape[-1] // 2
        return x * cos[:, None] + torch.cat((-x[..., half:], x[..., :half]), -1) * sin[:, None]

    def linear(x: torch.Tensor, weights: Tensors, pairs: Tensors) -> list[torch.Tensor]:
        """Linear layers of one input as one product, and one more for all their A."""
        wide = torch.split(x @ torch.cat(list(weights)).t(), [len(w) for w in weights], -1)
        low = torch.split(x @ torch.cat(list(pairs[::2])).t(), [len(a) for a in pairs[::2]], -1)
        return [y + z @ (b * scale).t() for y, z, b in zip(wide, low, pairs[1::2], strict=True)]

    def attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """Blocks of queries over the keys up to their end: what lies behind is never seen, nor computed."""
        tokens = q.shape[0]
        size = max(BLOCK, -(-tokens // MOST_BLOCKS))
        mixed = []
        for start in range(0, tokens, size):
            end = min(start + size, tokens)
            asked = q[start:end].view(end - start, shape.shared, group, shape.size).permute(1, 2, 0, 3)
            scores = torch.bmm(asked.reshape(shape.shared, -1, shape.size), k[:end].permute(1, 2, 0))
            scores = scores.view(shape.shared, group, end - start, end).float() * shape.size**-0.5
            shares = torch.softmax(scores + bias[start:end, :end], -1).to(q.dtype)
            block = torch.bmm(shares.view(shape.shared, -1, end), v[:end].permute(1, 0, 2))
            block = block.view(shape.shared, group, end - start, shape.size)
            mixed.append(block.permute(2, 0, 1, 3).reshape(end - start, -1))
        return torch.cat(mixed)

    def layer(x, bias, cos, sin, norms, w, lora):  # type: ignore[no-untyped-def]
        tokens = x.shape[0]
        h = norm(x, norms[0])
        q, k, v = linear(h, w[:3], lora[:6])
        q = turned(q.view(tokens, shape.heads, shape.size), cos, sin)
        k = turned(k.view(tokens, shape.shared, shape.size), cos, sin)
        mixed = attention(q, k, v.view(tokens, shape.shared, shape.size), bias)
        x = x + linear(mixed, w[3:4], lora[6:8])[0]
        h = norm(x, norms[1])
        gate, up = linear(h, w[4:6], lora[8:12])
        return x + linear(torch.nn.functional.silu(gate) * up, w[6:], lora[12:])[0]

    return layer


@dataclass(frozen=True)
class Student:
    """The base with LoRA pairs, as a function from a pack to its loss."""

    base: Base
    lora: dict[str, torch.Tensor]
    layer: Callable[..., torch.Tensor]

    def loss(self, pack: Pack) -> torch.Tensor:
        """The weighed sum of the negative log likelihoods of the answers' tokens."""
        import torch

        hidden = self._hidden(pack)
        logits = (hidden[pack.predicting] @ self.base.weights["model.embed_tokens.weight"].t()).float()
        return torch.nn.functional.cross_entropy(logits, pack.targets, reduction="none") @ pack.weights

    def _hidden(self, pack: Pack) -> torch.Tensor:
        import torch

        cos, sin = rotary(self.base.shape, pack.positions, self.base.kind)
        x = self.base.weights["model.embed_tokens.weight"][pack.tokens]
        small = {name: tensor.to(self.base.kind) for name, tensor in self.lora.items()}
        for at in range(self.base.shape.layers):
            stem = f"model.layers.{at}."
            norms = [self.base.weights[f"{stem}{n}.weight"] for n in ("input_layernorm", "post_attention_layernorm")]
            pairs = [small[f"{at}.{key}.{side}"] for key in LINEAR for side in "AB"]
            x = self.layer(x, pack.bias, cos, sin, norms, [self.base.linear(at, key) for key in LINEAR], pairs)
        wide = x.float()
        wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.base.shape.epsilon)
        return wide.to(self.base.kind) * self.base.weights["model.norm.weight"]


def student(base: Base, lora: dict[str, torch.Tensor], scale: float, compiled: bool = True) -> Student:
    """A student; compiling takes about a minute for each length of pack."""
    import torch

    layer = layer_function(base.shape, scale)
    return Student(base, lora, torch.compile(layer, dynamic=False) if compiled else layer)
