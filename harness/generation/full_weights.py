"""All weights of a tuned model, in an adapter's folder: what `full` trains in place of an adapter.

`adapter_model.safetensors` holds the model's own tensors, `adapter_config.json` says `{"peft_type": "FULL"}`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.generation.adapter_folder import CONFIG, FULL, WEIGHTS, read_config, weights_of
from harness.weights_file import tensors as tensors_of_head

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


def is_full(folder: Path) -> bool:
    """Whether an adapter's folder holds a whole model's weights."""
    return read_config(folder).get("peft_type") == FULL


def save_full(model: PreTrainedModel, folder: Path) -> None:
    """Write every weight of a model into an adapter's folder; of tensors that share their memory, the first."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file(_own_tensors(model), folder / WEIGHTS, metadata={"format": "pt"})
    config = {"peft_type": FULL, "base_model_name_or_path": model.name_or_path, "task_type": "CAUSAL_LM"}
    (folder / CONFIG).write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def put_full(model: PreTrainedModel, folder: Path) -> PreTrainedModel:
    """The model with the weights of such a folder in place of its own.

    Raises InputError where they are another model's.
    """
    from safetensors.torch import load_file

    weights = weights_of(folder)
    tensors_of_head(weights)  # a damaged file is refused here
    tensors = load_file(weights)
    own = _own_tensors(model)
    strange = sorted(own.keys() ^ tensors.keys())
    strange += sorted(name for name in own.keys() & tensors.keys() if own[name].shape != tensors[name].shape)
    if strange:
        raise InputError(f"{folder}: weights of another model: {len(strange)} tensors do not fit (first: {strange[0]})")
    model.load_state_dict(tensors, strict=False)
    model.tie_weights()
    return model


def _own_tensors(model: PreTrainedModel) -> dict[str, torch.Tensor]:
    """The tensors of a model by name, each once."""
    places: set[int] = set()
    own: dict[str, torch.Tensor] = {}
    for name, tensor in model.state_dict().items():
        if tensor.data_ptr() not in places:
            places.add(tensor.data_ptr())
            own[name] = tensor.detach().contiguous()
    return own
