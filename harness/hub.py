"""The Hugging Face hub's cache on this machine: what of a model is here already, without asking anybody."""

from __future__ import annotations

from pathlib import Path


def cached_folder(name: str) -> Path | None:
    """The folder of a model that was downloaded before, by its hub id; None where it was not, or is no hub id."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        file = try_to_load_from_cache(name, "tokenizer.json")
    except HFValidationError:
        return None
    return Path(file).parent if isinstance(file, str) else None
