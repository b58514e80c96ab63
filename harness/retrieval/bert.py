"""The forward pass of a BERT sentence encoder in plain torch: what MiniLM needs, without the libraries around it.

sentence-transformers takes 15 to 25 seconds of processor time to import on a small machine, of which embedding a
question uses nothing; torch alone takes 3. A test holds the vectors equal to sentence-transformers' own.
Devlin et al. 2019; mean pooling as in Reimers & Gurevych 2019.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from harness.errors import InputError
from harness.files.input_file import DOCUMENT, is_file, read_bytes, read_text

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

_TOKENS_AT_ONCE = 4096  # tokens of one batch, padding included: keeps activations within the processor's cache


def is_plain_bert(folder: Path) -> bool:
    """Whether the folder is a BERT encoder with mean pooling, which is all that this module runs."""
    try:
        config = json.loads(read_text(folder / "config.json", DOCUMENT))
        pooling = json.loads(read_text(folder / "1_Pooling" / "config.json", DOCUMENT))
        modules = read_text(folder / "modules.json", DOCUMENT)
    except (OSError, ValueError, RecursionError, InputError):
        return False
    plain = config.get("position_embedding_type", "absolute") == "absolute" and config.get("hidden_act") == "gelu"
    means = [key for key, value in pooling.items() if key.startswith("pooling_mode_") and value is True]
    weights = is_file(folder / "model.safetensors") and is_file(folder / "tokenizer.json")
    pooled = means == ["pooling_mode_mean_tokens"] and "Dense" not in modules
    return config.get("model_type") == "bert" and plain and pooled and weights


@dataclass(frozen=True, slots=True)
class _Config:
    """The part of a model's config.json that is read."""

    num_hidden_layers: int
    num_attention_heads: int
    layer_norm_eps: float


class BertEncoder:
    """Token ids in, unit vectors out. Weights are read once, from safetensors."""

    def __init__(self, folder: Path, precision: str) -> None:
        import torch
        from safetensors.torch import load_file

        config = msgspec.json.decode(read_bytes(folder / "config.json", DOCUMENT), type=_Config)
        self.layers = config.num_hidden_layers
        self.heads = config.num_attention_heads
        self.eps = config.layer_norm_eps
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        kind = torch.bfloat16 if precision == "bfloat16" else torch.float32
        raw = load_file(str(folder / "model.safetensors"), device=self.device)
        floats = {name.removeprefix("bert."): w.to(kind) for name, w in raw.items() if w.is_floating_point()}
        self._weights: dict[str, torch.Tensor] = floats

    def encode(self, ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Unit vectors of tokenised texts, shape (len(ids), dimension)."""
        import torch

        width = self._weights["embeddings.LayerNorm.weight"].shape[0]
        vectors = torch.zeros((len(ids), width), dtype=torch.float32)
        with torch.inference_mode():
            for rows in _batches(ids):
                vectors[rows] = self._forward([ids[row] for row in rows]).float().cpu()
            return cast("NDArray[np.float32]", torch.nn.functional.normalize(vectors, dim=1).numpy())

    def _forward(self, ids: Sequence[Sequence[int]]) -> torch.Tensor:
        """Mean of the last layer's states over the real tokens, shape (len(ids), dimension)."""
        import torch

        longest = max(map(len, ids))
        tokens = torch.tensor([[*row, *[0] * (longest - len(row))] for row in ids], device=self.device)
        mask = torch.tensor([[True] * len(row) + [False] * (longest - len(row)) for row in ids], device=self.device)
        visible = None if bool(mask.all()) else mask[:, None, None, :]
        w = self._weights
        states = w["embeddings.word_embeddings.weight"][tokens] + w["embeddings.token_type_embeddings.weight"][0]
        states = self._norm(states + w["embeddings.position_embeddings.weight"][:longest], "embeddings.LayerNorm")
        for number in range(self.layers):
            states = self._layer(states, visible, f"encoder.layer.{number}")
        weights = mask.unsqueeze(-1).to(states.dtype)
        return (states * weights).sum(dim=1) / weights.sum(dim=1)

    def _layer(self, states: torch.Tensor, visible: torch.Tensor | None, name: str) -> torch.Tensor:
        from torch.nn import functional as f

        batch, length, width = states.shape

        def heads(part: str) -> torch.Tensor:
            whole = self._linear(states, f"{name}.attention.self.{part}")
            return whole.view(batch, length, self.heads, width // self.heads).transpose(1, 2)

        mixed = f.scaled_dot_product_attention(heads("query"), heads("key"), heads("value"), attn_mask=visible)
        mixed = self._linear(mixed.transpose(1, 2).reshape(batch, length, width), f"{name}.attention.output.dense")
        states = self._norm(states + mixed, f"{name}.attention.output.LayerNorm")
        inner = f.gelu(self._linear(states, f"{name}.intermediate.dense"))
        return self._norm(states + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _linear(self, states: torch.Tensor, name: str) -> torch.Tensor:
        from torch.nn import functional as f

        return f.linear(states, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _norm(self, states: torch.Tensor, name: str) -> torch.Tensor:
        from torch.nn import functional as f

        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return f.layer_norm(states, weight.shape, weight, bias, self.eps)


def _batches(ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Row numbers in batches of like length, at most `_TOKENS_AT_ONCE` tokens each."""
    batch: list[int] = []
    for row in sorted(range(len(ids)), key=lambda i: (len(ids[i]), i)):
        if batch and (len(batch) + 1) * len(ids[row]) > _TOKENS_AT_ONCE:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
