"""An adapter's folder, looked at before PEFT loads it: settings that are JSON, weights that are tensors alone.

`adapter_config.json` and `adapter_model.safetensors` are PEFT's; `training.json` beside them is written by a training.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from harness.characters import parse_json
from harness.errors import InputError
from harness.files.input_file import DOCUMENT, fault_of, is_file, legible, read_bytes, read_text

TRAINING_RECORD = "training.json"  # beside an adapter's weights; names the base that it was trained on
WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"
FULL = "FULL"  # the peft_type of a folder that holds every weight of a tuned model (generation.full_weights)
PICKLED = "adapter_model.bin"  # what PEFT wrote before safetensors
WEIGHT_BYTES = 1 << 34  # of one adapter at most
LARGEST_RANK = 1 << 16  # PEFT makes the matrices before it reads the weights: a rank of a billion would fill the memory


@dataclass(frozen=True, slots=True)
class TrainedOn:
    """The base that an adapter was trained on."""

    name: str
    hash: str


@dataclass(frozen=True, slots=True)
class Training:
    """The part of a training record that loading an adapter needs."""

    id: str
    base: TrainedOn


def read_training(folder: Path) -> Training | None:
    """The training record; None where there is none. InputError where it is broken."""
    path = folder / TRAINING_RECORD
    if not is_file(path):
        return None
    try:
        return msgspec.json.decode(read_bytes(path, DOCUMENT), type=Training)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        what = "train the adapter again, or take the file away"
        raise InputError(f"{path}: not a training record of this version ({legible(str(error))}); {what}") from None


def read_config(folder: Path) -> Mapping[str, Any]:
    """An adapter's settings, as PEFT wrote them. InputError where they are missing or cannot be."""
    path = folder / CONFIG
    try:
        config = parse_json(read_text(path, DOCUMENT, missing="expected a PEFT adapter folder"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON ({legible(str(error))}); copy the adapter again") from None
    if not isinstance(config, dict):
        raise InputError(f"{path}: found a {type(config).__name__}, expected an object; copy the adapter again")
    rank = config.get("r", 1)
    if isinstance(rank, bool) or not isinstance(rank, int) or not 1 <= rank <= LARGEST_RANK:
        raise InputError(f"{path}: r is {legible(repr(rank)[:50])}, expected a rank from 1 to {LARGEST_RANK:,}")
    return config


def weights_of(folder: Path) -> Path:
    """The file of an adapter's weights. InputError where there is none, or only a pickled one."""
    weights = folder / WEIGHTS
    fault = fault_of(weights, "file")
    if fault is None:
        return weights
    if is_file(folder / PICKLED):
        raise InputError(f"{folder / PICKLED}: loading pickled weights could run code; save them as safetensors")
    raise InputError(f"{weights}: {fault}; expected a PEFT adapter folder, copy it again")
