"""An adapter on a base model: merged into a copy of it, or beside its weights."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.generation.adapter_fit import base_fault, check_folder, fit_fault
from harness.generation.adapter_folder import read_training
from harness.generation.full_weights import is_full, put_full
from harness.generation.load import LoadedModel

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel


def merge(base: LoadedModel, path: Path) -> PreTrainedModel:
    """A copy of the base model with the adapter in `path` merged into its weights.

    A 4-bit base keeps the adapter beside its weights: merging into 4 bits would round the adapter away. So does every
    base a prefix, which changes no weight.
    """
    check_base(base, path)
    if is_full(path):
        if base.quantization == "nf4":
            raise InputError(f"adapter {path}: every weight was tuned, which a base of 4 bits cannot take")
        return put_full(copy.deepcopy(base.model), path).eval()
    tuned = beside(base, path)
    stays = base.quantization == "nf4" or tuned.active_peft_config.is_prompt_learning
    return (tuned if stays else tuned.merge_and_unload()).eval()


def beside(base: LoadedModel, path: Path) -> PeftModel:
    """A copy of the base with the adapter in `path` beside its weights. InputError where it does not load onto it."""
    from peft import PeftModel

    try:
        return PeftModel.from_pretrained(copy.deepcopy(base.model), str(path), is_trainable=False)
    except Exception as error:  # peft and safetensors raise many kinds for a damaged or foreign adapter
        text = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise InputError(f"adapter {path}: does not load onto {base.name}: {text}") from error


def check_base(base: LoadedModel, path: Path) -> None:
    """Refuse a folder that is no adapter, and an adapter of another base, by its training record and its shapes."""
    check_folder(path)
    fault = base_fault(path, base.base_hash, base.name) or fit_fault(path, base.directory)
    if fault is not None:
        raise InputError(f"adapter {path}: {fault}")


def adapter_name(path: Path) -> str:
    """The adapter's content id from its training record, else its folder's name."""
    training = read_training(path)
    return path.name if training is None else training.id
