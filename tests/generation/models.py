"""A broken copy of a model folder, and prompts of many lengths."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.tiny_model import WORDS, prompt

SYSTEM = "answer the question from the passages " * 8  # long enough to be shared by a batch


def damaged(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "damaged"))


def questions(count: int) -> list:
    return [prompt(" ".join(WORDS[i : i + 2 + i % 7]), system=SYSTEM, passages=i % 4) for i in range(count)]
