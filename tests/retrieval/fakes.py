"""An embedder without a model: a bag of hashed words, so that indexing is tested in milliseconds."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import pytest

from harness.retrieval.embed import EmbedderIdentity


class WordEmbedder:
    """Stands in for LocalEmbedder; counts what it was asked to embed."""

    def __init__(self, name: str = "words", window: int = 64) -> None:
        self.identity = EmbedderIdentity(name, f"revision-of-{name}", 64, True)
        self.window = window
        self.embedded: list[str] = []
        self.fail_after: int | None = None

    def count(self, text: str) -> int:
        return len(text.split())

    def counts(self, texts: Sequence[str]) -> list[int]:
        return [self.count(text) for text in texts]

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        self.embedded += texts
        if self.fail_after is not None and len(self.embedded) > self.fail_after:
            raise KeyboardInterrupt
        vectors = np.full((len(texts), 64), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                vectors[row, zlib.crc32(word.strip(".,?!").encode()) % 64] += 1
        unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


def use(monkeypatch: pytest.MonkeyPatch, embedder: WordEmbedder) -> WordEmbedder:
    """Let `open_index` find this embedder under any name."""
    monkeypatch.setattr("harness.retrieval.index.load_embedder", lambda name: embedder)
    return embedder
