"""A tiny random model, built and loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.generation.local import LocalGenerator, load_generator
from tests.tiny_model import build


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def base(folder: Path) -> LocalGenerator:
    return load_generator(str(folder), threads=2)
