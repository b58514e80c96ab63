"""SmolLM2 with LoRA in plain torch, lean on a CPU that multiplies bf16 (AMX): what `train` needs and nothing else.

The libraries' way (PEFT on transformers, bf16, one thread of an AMX machine) reaches 170 tokens a second, this one
about three times that: layers are compiled, so that what is not a matrix product is fused; attention is two products
with an explicit mask, because the CPU's flash attention is slow backwards; and keys that several queries share are not
repeated. The mask also lets all questions about one page share its tokens (`packing.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from recipes.reader.packing import Pack

# each linear layer: the module's name in the checkpoint
LINEAR = {
    "q": "self_attn.q_proj", "k": "self_attn.k_proj", "v": "self_attn.v_proj", "o": "self_attn.o_proj",
    "g": "mlp.gate_proj", "u": "mlp.up_proj", "d": "mlp.down_proj",
}  # fmt: skip


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
    """The frozen weights in bf16, by name, and their shape."""

    shape: Shape
    weights: Mapping[str, torch.Tensor]

    def linear(self, layer: int, key: str) -> torch.Tensor:
        """The weight of one linear layer, (outputs, inputs)."""
        return self.weights[f"model.layers.{layer}.{LINEAR[key]}.weight"]


def load_base(folder: Path) -> Base:
    """The base model of a folder that `harness models get smollm2` made."""
    import torch
    from safetensors.torch import load_file

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    shape = Shape(
        config["num_hidden_layers"], config["hidden_size"], config["num_attention_heads"],
        config["num_key_value_heads"], config["head_dim"], config["rope_parameters"]["rope_theta"],
        config["rms_norm_eps"],
    )  # fmt: skip
    weights = {name: tensor.to(torch.bfloat16) for name, tensor in load_file(folder / "model.safetensors").items()}
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


def rotary(shape: Shape, positions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines of the positions, (tokens, head size)."""
    import torch

    steps = torch.arange(0, shape.size, 2, dtype=torch.float32) / shape.size
    angles = positions.float()[:, None] * shape.theta ** -steps[None]
    angles = torch.cat((angles, angles), -1)
    return angles.cos().bfloat16(), angles.sin().bfloat16()


def layer_function(shape: Shape, scale: float) -> Callable[..., torch.Tensor]:
    """One layer as a function of its input, mask, rotation, norms, weights and LoRA pairs."""
    import torch

    group = shape.heads // shape.shared

    def norm(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        wide = x.float()
        return (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + shape.epsilon)).bfloat16() * weight

    def turned(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
        half = x.shape[-1] // 2
        return x * cos[:, None] + torch.cat((-x[..., half:], x[..., :half]), -1) * sin[:, None]

    def linear(x: torch.Tensor, weight: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return x @ weight.t() + (x @ a.t()) @ (b * scale).t()

    def layer(x, bias, cos, sin, norms, w, lora):  # type: ignore[no-untyped-def]
        tokens = x.shape[0]
        h = norm(x, norms[0])
        q = turned(linear(h, w[0], lora[0], lora[1]).view(tokens, shape.heads, shape.size), cos, sin)
        k = turned(linear(h, w[1], lora[2], lora[3]).view(tokens, shape.shared, shape.size), cos, sin)
        v = linear(h, w[2], lora[4], lora[5]).view(tokens, shape.shared, shape.size)
        q = q.view(tokens, shape.shared, group, shape.size).permute(1, 2, 0, 3).reshape(shape.shared, -1, shape.size)
        scores = torch.bmm(q, k.permute(1, 2, 0)).view(shape.shared, group, tokens, tokens)
        shares = torch.softmax(scores.float() * shape.size**-0.5 + bias, -1).bfloat16()
        mixed = torch.bmm(shares.view(shape.shared, -1, tokens), v.permute(1, 0, 2))
        mixed = mixed.view(shape.shared, group, tokens, shape.size).permute(2, 0, 1, 3).reshape(tokens, -1)
        x = x + linear(mixed, w[3], lora[6], lora[7])
        h = norm(x, norms[1])
        gated = torch.nn.functional.silu(linear(h, w[4], lora[8], lora[9])) * linear(h, w[5], lora[10], lora[11])
        return x + linear(gated, w[6], lora[12], lora[13])

    return layer


@dataclass(frozen=True)
class Student:
    """The base with LoRA pairs, as a function from a pack to its loss."""

    base: Base
    lora: dict[str, torch.Tensor]
    layer: Callable[..., torch.Tensor]

    def loss(self, pack: Pack) -> tuple[torch.Tensor, int]:
        """The summed negative log likelihood of the answers' tokens, and their number."""
        import torch

        hidden = self._hidden(pack)
        logits = (hidden[pack.predicting] @ self.base.weights["model.embed_tokens.weight"].t()).float()
        return torch.nn.functional.cross_entropy(logits, pack.targets, reduction="sum"), len(pack.targets)

    def _hidden(self, pack: Pack) -> torch.Tensor:
        import torch

        cos, sin = rotary(self.base.shape, pack.positions)
        x = self.base.weights["model.embed_tokens.weight"][pack.tokens]
        small = {name: tensor.bfloat16() for name, tensor in self.lora.items()}
        for at in range(self.base.shape.layers):
            stem = f"model.layers.{at}."
            norms = [self.base.weights[f"{stem}{n}.weight"] for n in ("input_layernorm", "post_attention_layernorm")]
            pairs = [small[f"{at}.{key}.{side}"] for key in LINEAR for side in "AB"]
            x = self.layer(x, pack.bias, cos, sin, norms, [self.base.linear(at, key) for key in LINEAR], pairs)
        wide = x.float()
        wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.base.shape.epsilon)
        return wide.bfloat16() * self.base.weights["model.norm.weight"]


def student(base: Base, lora: dict[str, torch.Tensor], scale: float, compiled: bool = True) -> Student:
    """A student; compiling takes about a minute for each length of pack."""
    import torch

    layer = layer_function(base.shape, scale)
    return Student(base, lora, torch.compile(layer, dynamic=False) if compiled else layer)
