"""Cross-encoder re-ranking: question and passage read together, one score a pair."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import EnvironmentFailure, InputError
from harness.files.input_file import fault_of, folder_of, is_dir, legible
from harness.retrieval.entries import searched_text
from harness.types import Passage, Reranker

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder


class CrossEncoderReranker:
    """A sentence-transformers CrossEncoder by directory or Hugging Face id; loads when it first scores."""

    def __init__(self, name: str, batch: int = 32) -> None:
        self.name = name
        self.batch = batch

    @functools.cached_property
    def _model(self) -> CrossEncoder:
        from sentence_transformers import CrossEncoder

        try:
            return CrossEncoder(self.name, num_labels=1)
        except (OSError, ValueError) as error:
            if is_dir(Path(self.name)):
                raise InputError(f"reranker '{self.name}': not a cross-encoder folder ({error})") from None
            raise _not_given(self.name, error) from None

    def score(self, question: str, passages: Sequence[Passage]) -> list[float]:
        """One relevance score a passage, higher is better."""
        if not passages:
            return []
        pairs = [(question, searched_text(p, contextual=True)) for p in passages]
        return [float(s) for s in self._model.predict(pairs, batch_size=self.batch, show_progress_bar=False)]


def check_reranker(name: str) -> None:
    """Refuse a re-ranker that cannot be loaded, without loading it. InputError or EnvironmentFailure."""
    if name == "none":
        return
    if (folder := folder_of(name, "the folder of a cross-encoder")) is not None:
        if (fault := fault_of(folder / "config.json", "file")) is not None:
            raise InputError(f"reranker '{name}': {folder / 'config.json'}: {fault}; name a cross-encoder's folder")
        return
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError

    try:
        snapshot_download(name, allow_patterns=["*.json", "*.txt", "*.safetensors", "*.model"])
    except HFValidationError:
        raise InputError(
            f"reranker '{legible(name)}': no such directory, and not a Hugging Face id; or: none"
        ) from None
    except (OSError, ValueError) as error:
        raise _not_given(name, error) from None


def _not_given(name: str, error: Exception) -> EnvironmentFailure:
    return EnvironmentFailure(
        f"reranker '{name}': no such directory, and the hub did not give it ({type(error).__name__}); "
        "check the name and the network, or set models.reranker to a local directory or 'none'"
    )


def load_reranker(name: str) -> Reranker | None:
    """The re-ranker of that name; None for 'none'."""
    return None if name == "none" else CrossEncoderReranker(name)
