"""Whether an adapter's matrices fit a base model: every one onto a layer that the base has, in that layer's shape.

A library that finds no layer of a name warns at most, and answers as the base: an adapter whose keys have the prefix
of another class of model (`model.language_model.layers` for `model.layers`) is then merged without any effect.
Known from vLLM (issues 34186, 10798), LlamaFactory (10596), lm-eval (2432) and PEFT (1836).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.errors import InputError
from harness.files.input_file import legible
from harness.generation.adapter_folder import read_config, read_training, weights_of
from harness.generation.load import layers_of_model
from harness.generation.model_files import shapes_of
from harness.weights_file import tensors

_MATRIX = re.compile(r"(?:base_model\.model\.)?(?P<layer>.+)\.lora_(?P<side>[AB])(?:\.[\w-]+)?\.weight")
_TIED = ("lm_head", "embed_tokens")  # may share one matrix, which a file then has under one of the names


def check_folder(adapter: Path) -> None:
    """Refuse a folder that is no adapter, and pickled weights. Raises InputError."""
    read_config(adapter)
    weights_of(adapter)


def base_fault(adapter: Path, base_hash: str, base_name: str) -> str | None:
    """Why an adapter is none of this base by its training record; None where that says so, or there is none."""
    training = read_training(adapter)
    if training is None or training.base.hash == base_hash:
        return None
    on = training.base
    return (
        f"trained on {legible(on.name)} with weights {legible(on.hash[:12])}, but the base here is {base_name} with "
        f"weights {base_hash[:12]}; use that base or train the adapter again"
    )


def fit_fault(adapter: Path, base: Path) -> str | None:
    """Why an adapter is none of this base, in words; None where all of its matrices fit.

    Adapters of other kinds than LoRA are not looked into.

    Raises:
        InputError: a folder that is no adapter, or weights that are damaged.
    """
    config = read_config(adapter)
    if config.get("peft_type", "LORA") != "LORA":
        return None
    matrices = {name: (match["layer"], match["side"], shape) for name, shape in tensors(weights_of(adapter)).items()
                if (match := _MATRIX.fullmatch(name))}  # fmt: skip
    if not matrices:
        return "holds no matrix of a LoRA (lora_A, lora_B)"
    shapes = shapes_of(base)
    layers = {layer for layer, _, _ in matrices.values()}
    strange = sorted(layer for layer in layers if f"{layer}.weight" not in shapes and not layer.endswith(_TIED))
    if strange and (strange := _unknown_to_library(strange, base)):
        return (
            f"{len(strange)} of its {len(layers)} layers are none of the base's (first: {strange[0]}), so that they "
            "would change nothing; its keys have another model's prefix, or it is another model's adapter"
        )
    return _shape_fault(matrices, shapes, transposed=bool(config.get("fan_in_fan_out")))


def _unknown_to_library(layers: Sequence[str], base: Path) -> list[str]:
    """Those that the library does not make of the base's config either: it may rename what a file holds."""
    try:
        modules = layers_of_model(base)
    except InputError:
        return list(layers)
    return [layer for layer in layers if layer not in modules]


def _shape_fault(
    matrices: Mapping[str, tuple[str, str, Sequence[int]]], shapes: Mapping[str, Sequence[int]], transposed: bool
) -> str | None:
    for name, (layer, side, shape) in matrices.items():
        weight = shapes.get(f"{layer}.weight")
        if weight is None or len(weight) != 2 or len(shape) != 2:
            continue
        rows, columns = weight[::-1] if transposed else weight
        size, expected = (shape[1], columns) if side == "A" else (shape[0], rows)
        if size != expected:
            return f"{name} is for a layer of {size}, and the base's has {expected}; it is another model's adapter"
    return None
