"""The licence of a model, as the card beside its weights says it."""

from __future__ import annotations

from pathlib import Path

from harness.files.input_file import is_file
from harness.generation import builtin

BUILT_IN = "apache-2.0"  # of every built-in model
CARD = "README.md"


def licence_of(name: str, directory: Path) -> str | None:
    """The licence in the head of a model's card; None where there is no card, or it says nothing."""
    if name in builtin.MODELS:
        return BUILT_IN
    if not is_file(directory / CARD):
        return None
    from huggingface_hub import ModelCard

    try:
        licence = ModelCard.load(directory / CARD, ignore_metadata_errors=True).data.license
    except ValueError:  # no head, or one that is no YAML
        return None
    return licence if isinstance(licence, str) and licence.isprintable() else None
