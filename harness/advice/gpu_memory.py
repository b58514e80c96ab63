"""GPU memory that tuning needs, by model size and method, beside figures others have published.

Per parameter, in bytes: bf16 weights 2, bf16 gradients 2, Adam's two moments 4 (bf16) or 8 (fp32), fp32 master copy 4.
    full        mixed precision as ZeRO counts it, 16 bytes a parameter (Rajbhandari et al. 2020, section 3.1)
    full_bf16   everything in bf16, 8 bytes
    lora        frozen bf16 base, rank-16 adapters on all linear layers at 16 bytes a trained parameter
    qlora       frozen NF4 base, 4.127 bits with double quantisation (Dettmers et al. 2023, section 3), embeddings bf16
Activations with gradient checkpointing: 2*s*b*h a layer kept, 34*s*b*h for the layer in work (Korthikanti et al. 2022,
attention matrix not stored), logits and their gradient in 10 bytes. Units: GB = 1e9 bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Method = Literal["full", "full_bf16", "lora", "qlora"]

METHODS: Mapping[Method, str] = MappingProxyType(
    {
        "full": "full, mixed precision",
        "full_bf16": "full, all bf16",
        "lora": "LoRA, rank 16",
        "qlora": "QLoRA, NF4",
    }
)
SIZES_B: tuple[float, ...] = (1.0, 7.0, 13.0, 70.0)  # billions of parameters
CARDS_GB: tuple[float, ...] = (16, 24, 48, 80, 160, 320, 640, 1280)  # single cards, then 2, 4, 8, 16 of 80 GB

ASPECT = 128  # hidden size / layers of the Llama family (4096 / 32, 5120 / 40)
VOCABULARY = 32_000
RANK = 16
NF4_BYTES = 4.127 / 8
CONTEXT_GB = 1.0  # CUDA context, kernels and workspaces
SLACK = 1.05  # allocator fragmentation


@dataclass(frozen=True, slots=True)
class TrainingBatch:
    """The batch one step holds in memory. More examples per update come from gradient accumulation, at no memory."""

    sequences: int = 1
    tokens: int = 1024  # sequence length
    vocabulary: int = VOCABULARY
    loss_chunks: int = 1  # trainers that compute the loss in chunks hold only one chunk of logits at a time


@dataclass(frozen=True, slots=True)
class MemoryEstimate:
    """GPU memory of one training job, in GB, by part. `total_gb` includes the allocator's slack."""

    billions: float
    method: Method
    weights_gb: float
    training_gb: float  # gradients, optimizer moments, master copy
    activations_gb: float
    context_gb: float

    @property
    def total_gb(self) -> float:
        """GB that the card, or the cards together, must hold."""
        return (self.weights_gb + self.training_gb + self.activations_gb) * SLACK + self.context_gb


def shape(parameters: float) -> tuple[float, float]:
    """(hidden size, layers) of a Llama-like model: 12*h*h a layer at h / layers = 128. 7e9 -> about (4212, 33)."""
    width = (parameters * ASPECT / 12) ** (1 / 3)
    return width, width / ASPECT


def adapter_parameters(parameters: float, rank: int = RANK) -> float:
    """Trained parameters of LoRA on all linear layers: 19*r*h a layer (four h x h, three h x 2.7h matrices)."""
    width, layers = shape(parameters)
    return 19 * rank * width * layers


def estimate_memory(billions: float, method: Method, batch: TrainingBatch | None = None) -> MemoryEstimate:
    """GPU memory to tune a model of `billions` (1e9) parameters. Raises ValueError where the size is not positive."""
    if billions <= 0:
        raise ValueError(f"model size must be positive, found {billions} billion parameters")
    batch = batch or TrainingBatch()
    n = billions * 1e9
    weights, training = _state_bytes(n, method, batch)
    return MemoryEstimate(
        billions, method, weights / 1e9, training / 1e9, _activation_bytes(n, batch) / 1e9, CONTEXT_GB
    )


def _state_bytes(n: float, method: Method, batch: TrainingBatch) -> tuple[float, float]:
    """(bytes of the weights, bytes of gradients and optimizer)."""
    if method == "full":
        return 2 * n, 14 * n
    if method == "full_bf16":
        return 2 * n, 6 * n
    trained = adapter_parameters(n)
    adapters, training = 2 * trained, 14 * trained
    if method == "lora":
        return 2 * n + adapters, training
    embeddings = min(2 * batch.vocabulary * shape(n)[0], n)
    return (n - embeddings) * NF4_BYTES + 2 * embeddings + adapters, training


def _activation_bytes(n: float, batch: TrainingBatch) -> float:
    width, layers = shape(n)
    tokens = batch.sequences * batch.tokens
    logits = 10 * batch.vocabulary / batch.loss_chunks
    return tokens * (2 * width * layers + 34 * width + logits)


def card_for(total_gb: float) -> float | None:
    """The smallest usual amount of GPU memory (GB) that holds it; None where it takes more than sixteen 80 GB cards."""
    return next((card for card in CARDS_GB if card >= total_gb), None)
