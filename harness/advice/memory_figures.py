"""Published figures for the memory of tuning, to hold the estimate against. Each with its source and its error.

LLaMA-Factory's are rules of thumb (8, 16 to 18, 2 and 0.6 bytes a parameter), the papers' are calculations or limits;
torchtune's are measured, and the estimate lies above them: its trainer compiles, and adapts fewer layers at rank 8.

One figure: LLaMA-Factory's table gives 6 GB for 4-bit QLoRA of a 7B model; the estimate gives about 6.7 GB, +12 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.advice.gpu_memory import Method, TrainingBatch, estimate_memory

LLAMA_FACTORY = "LLaMA-Factory README, Hardware Requirement (estimates)"
QLORA = "Dettmers et al. 2023, QLoRA, abstract"
ZERO = "Rajbhandari et al. 2020, ZeRO, section 3.1 (model states alone)"
LORA = "Hu et al. 2021, LoRA, section 4.2"
TORCHTUNE = "torchtune README, Memory and training speed (measured: Llama 3.1 8B, batch 2 x 2,048, one RTX 4090)"
GUIDE = "decision guide"
GIB = 1.073741824


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """One published figure. `about` compares numbers; `fits` says the job must fit into that much memory."""

    method: Method
    billions: float
    gb: float
    relation: Literal["about", "fits"]
    source: str
    batch: TrainingBatch | None = None


@dataclass(frozen=True, slots=True)
class MemoryComparison:
    """The estimate beside a published figure."""

    figure: PublishedFigure
    estimate_gb: float
    error: float | None  # (estimate - published) / published; None for a limit, which is held or not
    holds: bool | None  # for a limit: the estimate fits; None for a figure


CHUNKED = TrainingBatch(sequences=2, tokens=2048, vocabulary=128_256, loss_chunks=8)  # as torchtune trains

FIGURES: tuple[PublishedFigure, ...] = (
    PublishedFigure("full_bf16", 7, 60, "about", f"{GUIDE}, quiz: about 60 GB with optimizer states"),
    PublishedFigure("full_bf16", 7, 60, "about", LLAMA_FACTORY),
    PublishedFigure("full_bf16", 70, 600, "about", LLAMA_FACTORY),
    PublishedFigure("full", 7, 120, "about", LLAMA_FACTORY),
    PublishedFigure("full", 70, 1200, "about", LLAMA_FACTORY),
    PublishedFigure("full", 7.5, 120, "about", ZERO),
    PublishedFigure("lora", 7, 16, "about", LLAMA_FACTORY),
    PublishedFigure("lora", 14, 32, "about", LLAMA_FACTORY),
    PublishedFigure("lora", 70, 160, "about", LLAMA_FACTORY),
    PublishedFigure("lora", 175, 350, "about", LORA),
    PublishedFigure("qlora", 7, 6, "about", LLAMA_FACTORY),
    PublishedFigure("qlora", 14, 12, "about", LLAMA_FACTORY),
    PublishedFigure("qlora", 70, 48, "about", LLAMA_FACTORY),
    PublishedFigure("lora", 8, 16.2 * GIB, "about", TORCHTUNE, CHUNKED),
    PublishedFigure("qlora", 8, 7.4 * GIB, "about", TORCHTUNE, CHUNKED),
    PublishedFigure("qlora", 65, 48, "fits", QLORA),
    PublishedFigure("qlora", 7, 24, "fits", f"{GUIDE}, quiz: one 24 GB card"),
    PublishedFigure("qlora", 70, 160, "fits", f"{GUIDE}, QLoRA: two A100s (80 GB)"),
    PublishedFigure("lora", 70, 640, "fits", f"{GUIDE}, QLoRA: eight A100s (80 GB) for standard LoRA"),
)


def compare_memory(figure: PublishedFigure) -> MemoryComparison:
    """Estimate what a published figure states and say how far apart they are."""
    total = estimate_memory(figure.billions, figure.method, figure.batch).total_gb
    if figure.relation == "fits":
        return MemoryComparison(figure, total, None, total <= figure.gb)
    return MemoryComparison(figure, total, (total - figure.gb) / figure.gb, None)
