"""Export: a checkpoint of the training as a PEFT adapter in bf16, as the package ships it."""

from __future__ import annotations

import json
from pathlib import Path

from recipes.reader.lean import LINEAR


def export(checkpoint: Path, to: Path, alpha: int = 64) -> Path:
    """Write `adapter_config.json` and `adapter_model.safetensors`; returns the weights' path."""
    import torch
    from safetensors.torch import load_file, save_file

    pairs = load_file(checkpoint / "pairs.safetensors")
    rank = pairs["0.q.A"].shape[0]
    weights = {}
    for name, tensor in pairs.items():
        layer, key, side = name.split(".")
        weights[f"base_model.model.model.layers.{layer}.{LINEAR[key]}.lora_{side}.weight"] = tensor.to(torch.bfloat16)
    to.mkdir(parents=True, exist_ok=True)
    settings = {
        "peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": "smollm2-base", "r": rank,
        "lora_alpha": alpha, "lora_dropout": 0.0, "bias": "none", "fan_in_fan_out": False,
        "target_modules": sorted(name.split(".")[1] for name in LINEAR.values()),
    }  # fmt: skip
    (to / "adapter_config.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    save_file({name: tensor.contiguous() for name, tensor in weights.items()}, to / "adapter_model.safetensors")
    return to / "adapter_model.safetensors"
