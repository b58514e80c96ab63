"""Published figures for the memory of tuning, to hold the estimate against. Each with its source and its error.

LLaMA-Factory's are rules of thumb (8, 16 to 18, 2 and 0.6 bytes a parameter), the papers' are calculations or limits;
torchtune's are measured, and the estimate lies above them: its trainer compiles, and adapts fewer layers at rank 8.

One figure: LLaMA-Factory's table gives 6 GB for 4-bit QLoRA of a 7B model; the estimate gives about 6.7 GB, +12 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.advice.memory import Method, Setting, estimate

LLAMA_FACTORY = "LLaMA-Factory README, Hardware Requirement (estimates)"
QLORA = "Dettmers et al. 2023, QLoRA, abstract"
ZERO = "Rajbhandari et al. 2020, ZeRO, section 3.1 (model states alone)"
LORA = "Hu et al. 2021, LoRA, section 4.2"
TORCHTUNE = "torchtune README, Memory and training speed (measured: Llama 3.1 8B, batch 2 x 2,048, one RTX 4090)"
GUIDE = "decision guide"
GIB = 1.073741824


@dataclass(frozen=True, slots=True)
class Published:
    """One published figure. `about` compares numbers; `fits` says the job must fit into that much memory."""

    method: Method
    billions: float
    gb: float
    relation: Literal["about", "fits"]
    source: str
    setting: Setting | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The estimate beside a published figure."""

    published: Published
    estimate_gb: float
    error: float | None  # (estimate - published) / published; None for a limit, which is held or not
    holds: bool | None  # for a limit: the estimate fits; None for a figure


CHUNKED = Setting(batch=2, tokens=2048, vocabulary=128_256, loss_chunks=8)  # as torchtune trains

FIGURES: tuple[Published, ...] = (
    Published("full_bf16", 7, 60, "about", f"{GUIDE}, quiz: about 60 GB with optimizer states"),
    Published("full_bf16", 7, 60, "about", LLAMA_FACTORY),
    Published("full_bf16", 70, 600, "about", LLAMA_FACTORY),
    Published("full", 7, 120, "about", LLAMA_FACTORY),
    Published("full", 70, 1200, "about", LLAMA_FACTORY),
    Published("full", 7.5, 120, "about", ZERO),
    Published("lora", 7, 16, "about", LLAMA_FACTORY),
    Published("lora", 14, 32, "about", LLAMA_FACTORY),
    Published("lora", 70, 160, "about", LLAMA_FACTORY),
    Published("lora", 175, 350, "about", LORA),
    Published("qlora", 7, 6, "about", LLAMA_FACTORY),
    Published("qlora", 14, 12, "about", LLAMA_FACTORY),
    Published("qlora", 70, 48, "about", LLAMA_FACTORY),
    Published("lora", 8, 16.2 * GIB, "about", TORCHTUNE, CHUNKED),
    Published("qlora", 8, 7.4 * GIB, "about", TORCHTUNE, CHUNKED),
    Published("qlora", 65, 48, "fits", QLORA),
    Published("qlora", 7, 24, "fits", f"{GUIDE}, quiz: one 24 GB card"),
    Published("qlora", 70, 160, "fits", f"{GUIDE}, QLoRA: two A100s (80 GB)"),
    Published("lora", 70, 640, "fits", f"{GUIDE}, QLoRA: eight A100s (80 GB) for standard LoRA"),
)


def compare(figure: Published) -> Comparison:
    """Estimate what a published figure states and say how far apart they are."""
    total = estimate(figure.billions, figure.method, figure.setting).total_gb
    if figure.relation == "fits":
        return Comparison(figure, total, None, total <= figure.gb)
    return Comparison(figure, total, (total - figure.gb) / figure.gb, None)
