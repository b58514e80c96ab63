"""The forward pass of models of Llama's shape, lean on a CPU: matrix products over weights that are laid out once.

For a few dozen rows the library's product packs the weight anew at every call: 44 GFLOP/s at 16 rows where a weight
laid out before makes 70, of 103 that the machine has (one AVX-512 core, layers of SmolLM2; 2 bytes a weight: 73 and
119 of 200). So every weight is laid out once for oneDNN, and what follows a product (SiLU, the gate, the sum) is done
while its result is in the cache. Tokens come as one flat list, whatever rows they belong to: no padding, and the
caller says how they attend (`harness.generation.decode`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

    # layer, queries (tokens, heads, size), keys and values (tokens, shared heads, size) -> (tokens, heads x size)
    Attend = Callable[[int, torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]

# Classes of the library with this forward pass: biases, and norms of queries and keys, where a layer has them.
FAMILIES = ("LlamaForCausalLM", "MistralForCausalLM", "Qwen2ForCausalLM", "Qwen3ForCausalLM")
CANDIDATES = 8  # logits that are computed in full where products are in bf16
ROTATIONS = ("default", "linear", "llama3", "yarn")  # those that do not depend on the length of a prompt


@dataclass(frozen=True, slots=True)
class Product:
    """`x @ weight.T + bias`, with what follows it."""

    weight: torch.Tensor  # (outputs, inputs), laid out for oneDNN where `laid_out`
    bias: torch.Tensor | None
    laid_out: bool
    kind: torch.dtype  # of the weight, and of what it is multiplied by

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return self._linear(x, "none")

    def swish(self, x: torch.Tensor) -> torch.Tensor:
        import torch

        return self._linear(x, "swish") if self.laid_out else torch.nn.functional.silu(self(x))

    def times(self, x: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
        return self._with(x, factor, "mul") if self.laid_out else self(x) * factor

    def plus(self, x: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        """`other` may have a wider type than the product: the sum has it too."""
        return self._with(x, other, "add") if self.laid_out and other.dtype == x.dtype else other + self(x)

    def _linear(self, x: torch.Tensor, after: str) -> torch.Tensor:
        import torch

        if not self.laid_out:
            return torch.nn.functional.linear(x, self.weight, self.bias)
        return torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, after, [], "")  # type: ignore[no-any-return]

    def _with(self, x: torch.Tensor, other: torch.Tensor, how: str) -> torch.Tensor:
        import torch

        return torch.ops.mkldnn._linear_pointwise.binary(x, other, self.weight, self.bias, how)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Norm:
    """Root mean square norm over the last dimension."""

    weight: torch.Tensor
    epsilon: float

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        import torch

        return torch.nn.functional.rms_norm(x, self.weight.shape, self.weight, self.epsilon)


@dataclass(frozen=True, slots=True)
class Layer:
    """The weights of one layer."""

    before: Norm
    q: Product
    k: Product
    v: Product
    o: Product
    between: Norm
    gate: Product
    up: Product
    down: Product
    q_norm: Norm | None
    k_norm: Norm | None


@dataclass(frozen=True, slots=True)
class Llama:
    """A model of Llama's shape, ready to compute."""

    embeddings: torch.Tensor
    layers: tuple[Layer, ...]
    norm: Norm
    head: Product
    vocabulary: torch.Tensor  # the weights of `head` in full precision
    kind: torch.dtype  # of the products; sums, norms and attention are fp32
    rotary: torch.nn.Module  # the model's own: positions to cosines and sines
    size: int  # of a head
    shared: int  # heads of keys and values
    group: int  # heads that share them

    def hidden(self, tokens: torch.Tensor, positions: torch.Tensor, attend: Attend) -> torch.Tensor:
        """The hidden states of tokens, (tokens, hidden), before the last norm.

        Args:
            tokens, positions: (tokens,), whatever rows they belong to.
            attend: what each layer's queries make of its keys and values, those of these tokens among them.
        """
        x = self.embeddings[tokens]
        cos, sin = (part[0, :, None] for part in self.rotary(x, positions[None]))
        for at, layer in enumerate(self.layers):
            h = layer.before(x).to(self.kind)
            q, k, v = (part(h).float().view(len(x), -1, self.size) for part in (layer.q, layer.k, layer.v))
            if layer.q_norm is not None and layer.k_norm is not None:
                q, k = layer.q_norm(q), layer.k_norm(k)
            x = layer.o.plus(attend(at, _turned(q, cos, sin), _turned(k, cos, sin), v).to(self.kind), x)
            h = layer.between(x).to(self.kind)
            x = layer.down.plus(layer.up.times(h, layer.gate.swish(h)), x)
        return x

    def following(self, hidden: torch.Tensor, allowed: torch.Tensor | None = None) -> torch.Tensor:
        """The likeliest next token of each hidden state, (states,).

        Args:
            allowed: (states, vocabulary) booleans, the tokens to choose from; None: all.
        """
        import torch

        hidden = self.norm(hidden)
        logits = self.head(hidden.to(self.kind))
        if allowed is not None:
            logits = logits.masked_fill(~allowed, -torch.inf)
        if self.kind == torch.float32:
            return logits.argmax(-1)
        # In 8 bits many of the best logits are equal: the best few are computed again in full.
        best = logits.topk(CANDIDATES, sorted=False).indices
        exact = (self.vocabulary[best] @ hidden[..., None])[..., 0]
        if allowed is not None:
            exact = exact.masked_fill(~allowed.gather(-1, best), -torch.inf)
        return best.gather(-1, exact.argmax(-1, keepdim=True))[..., 0]


def fits(model: PreTrainedModel) -> bool:
    """Whether this forward pass is the model's."""
    import torch

    config = model.config
    if type(model).__name__ not in FAMILIES or model.device.type != "cpu" or config.hidden_act != "silu":
        return False
    if (config.rope_parameters or {}).get("rope_type") not in ROTATIONS:
        return False
    return all(type(part) is torch.nn.Linear for part in _products(model))


def _products(model: PreTrainedModel) -> Sequence[torch.nn.Module]:
    names = ("q_proj", "k_proj", "v_proj", "o_proj"), ("gate_proj", "up_proj", "down_proj")
    return [
        getattr(room, name)
        for layer in model.model.layers
        for room, own in zip((layer.self_attn, layer.mlp), names, strict=True)
        for name in own
    ]


def of(model: PreTrainedModel, kind: torch.dtype | None = None) -> Llama:
    """The model's weights laid out; kept with the model, and made again where its weights have changed since.

    Args:
        kind: the type of the products; default: that of the model's weights.
    """
    kind = model.dtype if kind is None else kind
    state = (kind, *((id(weight), weight._version) for weight in model.parameters()))
    with _LOCK:
        entry = _KNOWN.get(model)
        if entry is None or entry[0] != state:
            entry = _KNOWN[model] = (state, _lay_out(model, kind))
        return entry[1]


_LOCK = threading.Lock()
_KNOWN: WeakKeyDictionary[PreTrainedModel, tuple[object, Llama]] = WeakKeyDictionary()


def _lay_out(model: PreTrainedModel, kind: torch.dtype) -> Llama:
    inner, shared = model.model, model.config.num_key_value_heads
    return Llama(
        embeddings=inner.embed_tokens.weight.detach(),
        layers=tuple(_layer(layer, kind) for layer in inner.layers),
        norm=_norm(inner.norm),
        head=_product(model.lm_head, kind),
        vocabulary=model.lm_head.weight.detach(),
        kind=kind,
        rotary=inner.rotary_emb,
        size=inner.layers[0].self_attn.head_dim,
        shared=shared,
        group=model.config.num_attention_heads // shared,
    )


def _layer(layer: Any, kind: torch.dtype) -> Layer:
    own, mlp = layer.self_attn, layer.mlp
    products = (own.q_proj, own.k_proj, own.v_proj, own.o_proj), (mlp.gate_proj, mlp.up_proj, mlp.down_proj)
    (q, k, v, o), (gate, up, down) = ([_product(part, kind) for part in room] for room in products)
    q_norm, k_norm = (_norm(getattr(own, name)) if hasattr(own, name) else None for name in ("q_norm", "k_norm"))
    before, between = _norm(layer.input_layernorm), _norm(layer.post_attention_layernorm)
    return Layer(before, q, k, v, o, between, gate, up, down, q_norm, k_norm)


def _norm(module: Any) -> Norm:
    return Norm(module.weight.detach(), module.variance_epsilon)


def _product(module: torch.nn.Linear, kind: torch.dtype) -> Product:
    return lay_out(module.weight.detach(), module.bias, kind)


def lay_out(weight: torch.Tensor, bias: torch.Tensor | None, kind: torch.dtype) -> Product:
    """A weight (outputs, inputs) as a product of this type."""
    import torch

    weight, bias = weight.to(kind), None if bias is None else bias.detach().to(kind)
    if not can_lay_out():
        return Product(weight, bias, False, kind)
    return Product(torch.ops.mkldnn._reorder_linear_weight(weight, None), bias, True, kind)


@cache
def can_lay_out() -> bool:
    """Whether this build of torch has oneDNN's products with weights laid out before, and they are right."""
    import torch

    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    x, weight = torch.ones(2, 16), torch.ones(32, 16)
    try:
        product = Product(torch.ops.mkldnn._reorder_linear_weight(weight, None), None, True, weight.dtype)
        return torch.equal(product.plus(x, torch.ones(2, 32)), torch.full((2, 32), 17.0))
    except (AttributeError, RuntimeError):  # operators of another torch
        return False


def _turned(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Queries or keys (tokens, heads, size) turned by their positions."""
    import torch

    half = x.shape[-1] // 2
    return x * cos + torch.cat((-x[..., half:], x[..., :half]), -1) * sin
