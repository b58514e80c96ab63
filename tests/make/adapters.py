"""Adapters of a random model, made by plain PEFT, as somebody else's training would leave them."""

from __future__ import annotations

import shutil
from pathlib import Path


def write_adapter(model: Path, folder: Path, seed: int = 1, scale: float = 0.5) -> Path:
    """A LoRA on the model with random matrices; returns its folder."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    config = LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    tuned = get_peft_model(AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32), config)
    draw = torch.Generator().manual_seed(seed)
    for name, weight in tuned.named_parameters():
        if "lora_" in name:  # A as well: PEFT would draw it from the state that earlier tests left
            weight.data = (scale if "lora_B" in name else 0.1) * torch.randn(weight.shape, generator=draw)
    tuned.save_pretrained(folder)
    return folder


def write_misprefixed(adapter: Path, folder: Path) -> Path:
    """A copy whose keys have the prefix of another class of model: libraries load it without any effect."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(adapter, folder)
    file = folder / "adapter_model.safetensors"
    save_file({k.replace("model.layers", "model.language_model.layers"): v for k, v in load_file(file).items()}, file)
    return folder
