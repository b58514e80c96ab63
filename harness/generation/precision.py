"""The type of a local model's matrix products on a CPU: bfloat16 where that is faster, float32 elsewhere."""

from __future__ import annotations

from pathlib import Path

from harness.errors import InputError
from harness.generation.llama import FAMILIES
from harness.generation.model_files import read_config
from harness.process.processor import may_have_gpu, multiplies_bf16
from harness.scenario.settings import Precision

LARGE_BYTES = 64 << 20  # below, products are not what an answer takes: the test model is never answered in bfloat16


def products_of(choice: Precision, folder: Path, weight_bytes: int, name: str, four_bits: bool) -> Precision:
    """The type that a model on this machine answers in.

    Sums, norms, attention and the choice among the likeliest tokens are float32 in both; the answers of one machine
    are always the same, those of two may differ in a few near ties (docs/notes/speed.md has how many).

    Args:
        folder: the model's files.
        weight_bytes: their size.
        four_bits: whether it is loaded in nf4, whose products bitsandbytes does.

    Returns "float32" or "bfloat16".

    Raises:
        InputError: no config.json that can be read; bfloat16 is asked of a model that transformers itself
            computes, or float32 of a GPU.
    """
    architectures = read_config(folder).get("architectures") or ()
    own = not four_bits and bool(set(FAMILIES) & set(architectures))
    if _on_gpu():
        if choice == "float32":
            raise InputError("models.precision: float32 is for a CPU; a GPU computes in bfloat16; use auto")
        return "bfloat16"
    if choice == "bfloat16" and not own:
        families = ", ".join(FAMILIES)
        problem = f"bfloat16 on a CPU is for {families}, not in nf4, and {name} is no such model"
        raise InputError(f"models.precision: {problem}; use auto")
    if choice != "auto":
        return choice
    return "bfloat16" if own and weight_bytes >= LARGE_BYTES and multiplies_bf16() else "float32"


def _on_gpu() -> bool:
    if not may_have_gpu():
        return False
    import torch  # 2 s, which a machine without a GPU need not wait

    return bool(torch.cuda.is_available())
