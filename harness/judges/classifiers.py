"""Classifiers that say how far a text supports a claim, by hub id or folder: which kind one is, its config says.

| kind | read as | support |
| --- | --- | --- |
| NLI (cross-encoders) | pair of passage and claim | probability of the label `entailment` |
| one label (HHEM 1, other cross-encoders) | pair | sigmoid |
| two labels without names (MiniCheck RoBERTa, DeBERTa) | passage, end-of-text token, claim | probability of label 1 |
| sequence to sequence (MiniCheck Flan-T5) | `predict: ` and the same | token `1` against token `0` |
| HHEM 2 (T5 under a head for tokens) | its own prompt | label 1 of the first token |
| token classifier (LettuceDetect) | all passages in its prompt, then the answer | 1 - the worst token of a claim |

Code that comes with a model is never run. Weights are safetensors; a tensor that is missing is an error.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import InputError, one_line
from harness.files.input_file import DOCUMENT, read_bytes
from harness.generation.load import locate
from harness.record.codec import decode
from harness.weights_file import tensors

if TYPE_CHECKING:
    from transformers import PretrainedConfig

ENTAILS = ("entailment", "entail", "entailed", "supported", "supports", "consistent", "factual", "faithful", "grounded")
HALLUCINATED = 1  # the label of LettuceDetect's tokens that nothing supports
PAIR, JOINED, PREDICT, HHEM, TOKENS = "pair", "both", "predict", "hhem", "tokens"
HHEM_PROMPT = "<pad> Determine if the hypothesis is true given the premise?\n\nPremise: {}\n\nHypothesis: {}"
FLAN_T5_BASE: Mapping[str, Any] = {  # the foundation that HHEM 2 names in place of its sizes
    "d_model": 768, "d_ff": 2048, "d_kv": 64, "num_layers": 12, "num_heads": 12, "vocab_size": 32128,
    "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False,
}  # fmt: skip
LONGEST = 2048  # tokens of one input, where a model has no window of its own (T5)
UNBOUNDED = 100_000  # a tokenizer's window from here on says nothing


@dataclass(frozen=True, slots=True)
class Kind:
    """The kind of a classifier, by its config."""

    form: str  # how a text and a claim are put to it
    label: int | None = None  # that supports; None: one score, through a sigmoid


def kind_of(config: Mapping[str, Any], name: str) -> Kind:
    """The kind of a model. InputError for one that is none of these."""
    architecture = next(iter(config.get("architectures") or [""]))
    labels = {int(i): str(label).casefold() for i, label in (config.get("id2label") or {}).items()}
    count = int(config.get("num_labels") or len(labels) or 2)
    if str(config.get("model_type")).startswith("HHEMv2"):
        return Kind(HHEM, 1)
    if architecture.endswith("ForTokenClassification"):
        return Kind(TOKENS, HALLUCINATED)
    if architecture == "T5ForConditionalGeneration":
        return Kind(PREDICT)
    if architecture.endswith("ForSequenceClassification"):
        entails = [i for i, label in labels.items() if label in ENTAILS]
        if len(entails) == 1:
            return Kind(PAIR, entails[0])
        if count == 1:
            return Kind(PAIR)
        if count == 2 and all(label == f"label_{i}" for i, label in labels.items()):
            return Kind(JOINED, 1)
        names = ", ".join(labels.values()) or f"{count} labels without names"
        raise InputError(f"{name}: its labels are {one_line(names, 100)}; expected one of: {', '.join(ENTAILS)}")
    raise InputError(
        f"{name}: a {one_line(architecture or 'model without architectures in its config.json', 80)}; expected a "
        "classifier of sentence pairs (NLI, HHEM, MiniCheck) or of tokens (LettuceDetect)"
    )


def read_config(folder: Path, name: str) -> dict[str, Any]:
    """A model's config.json. InputError where there is none."""
    file = folder / "config.json"
    data = read_bytes(file, DOCUMENT, missing=f"{name}: expected the folder of a transformers model")
    return decode(data, dict[str, Any], str(file))


def check_classifier(name: str) -> None:
    """Refuse a classifier that could only fail later, without loading its weights. InputError or EnvironmentFailure."""
    kind_of(read_config(locate(name), name), name)


class Classifier:
    """A loaded classifier. `support` for kinds that read a claim at a time, `token_support` for the other."""

    def __init__(self, name: str, batch: int = 16) -> None:
        """Raises InputError or EnvironmentFailure where it cannot be loaded."""
        import torch

        folder = locate(name)
        config = read_config(folder, name)
        self.name, self.batch = name, batch
        self.kind = kind_of(config, name)
        self.model = _load(folder, name, self.kind, config)
        self.tokenizer = _tokenizer(folder, name)
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model.to(self.device).eval()
        self.window = _window(self.model.config, self.tokenizer)

    def count(self, text: str) -> int:
        """Tokens of a text, special ones not counted."""
        return len(self.tokenizer(text, add_special_tokens=False, truncation=False)["input_ids"])

    def form(self, text: str, claim: str) -> tuple[str, ...]:
        """A text and a claim as the tokenizer is given them: one text, or two."""
        if self.kind.form == HHEM:
            return (HHEM_PROMPT.format(text, claim),)
        if self.kind.form in (JOINED, PREDICT):
            both = f"{text}{self.tokenizer.eos_token or self.tokenizer.sep_token}{claim}"
            return (f"predict: {both}" if self.kind.form == PREDICT else both,)
        return (text, claim)

    @functools.cached_property
    def around(self) -> int:
        """Tokens of an input beside its text and its claim."""
        return len(self.tokenizer(*self.form("", ""))["input_ids"])

    def support(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Support of each claim by its text, from 0 to 1; in batches of like length. Texts must fit: see `window`."""
        order = sorted(range(len(pairs)), key=lambda i: len(pairs[i][0]) + len(pairs[i][1]))
        by_pair: dict[int, float] = {}
        for start in range(0, len(order), self.batch):
            indices = order[start : start + self.batch]
            by_pair.update(zip(indices, self._scores([pairs[i] for i in indices]), strict=True))
        return [by_pair[i] for i in range(len(pairs))]

    def _scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        import torch

        columns = [list(column) for column in zip(*(self.form(*pair) for pair in pairs), strict=True)]
        encoded = self.tokenizer(*columns, padding=True, return_tensors="pt").to(self.device)
        with torch.inference_mode():
            logits = self._logits(encoded)
        if self.kind.label is None and self.kind.form != PREDICT:
            scores = torch.sigmoid(logits[:, 0])
        else:
            scores = torch.softmax(logits.float(), dim=-1)[:, 1 if self.kind.label is None else self.kind.label]
        return [float(score) for score in scores]

    def _logits(self, encoded: Any) -> Any:
        import torch

        if self.kind.form == PREDICT:
            first = torch.zeros((len(encoded["input_ids"]), 1), dtype=torch.long, device=self.device)
            digits = [self.tokenizer.convert_tokens_to_ids(digit) for digit in self._digits]
            return self.model(**encoded, decoder_input_ids=first).logits[:, 0, digits]
        logits = self.model(**encoded).logits
        return logits[:, 0] if self.kind.form == HHEM else logits

    @functools.cached_property
    def _digits(self) -> tuple[str, str]:
        """The tokens of `0` and `1` with which MiniCheck's Flan-T5 begins (ids 3 and 209: `▁` before the 0)."""
        return "▁", "▁1"

    def token_support(self, prompt: str, answer: str) -> list[tuple[int, int, float]]:
        """(start, end, support) of every token of an answer, by its place in the answer."""
        import torch

        encoded = self.tokenizer(prompt, answer, return_offsets_mapping=True, return_tensors="pt")
        offsets, sequences = encoded.pop("offset_mapping")[0].tolist(), encoded.sequence_ids(0)
        with torch.inference_mode():
            logits = self.model(**encoded.to(self.device)).logits[0]
        label = self.kind.label if self.kind.label is not None else HALLUCINATED
        unsupported = torch.softmax(logits.float(), dim=-1)[:, label].tolist()
        return [
            (start, end, 1 - bad)
            for (start, end), which, bad in zip(offsets, sequences, unsupported, strict=True)
            if which == 1 and end > start
        ]


def windows(text: str, room: int, count: Callable[[str], int], sentences: Callable[[str], list[str]]) -> Iterator[str]:
    """A text in pieces of at most `room` tokens, cut at sentences; each begins with the last one of the piece before.

    A sentence that is too long by itself is cut at its words.
    """
    if count(text) <= room:
        yield text
        return
    parts = [piece for sentence in sentences(text) for piece in _pieces(sentence, room, count)]
    start = 0
    while start < len(parts):
        end, size = start, 0
        while end < len(parts) and (end == start or size + count(parts[end]) + 1 <= room):
            size += count(parts[end]) + 1
            end += 1
        yield " ".join(parts[start:end])
        last = end == len(parts)
        start = len(parts) if last else max(start + 1, end - 1)


def _pieces(sentence: str, room: int, count: Callable[[str], int]) -> Iterator[str]:
    if count(sentence) <= room:
        yield sentence
        return
    words: list[str] = []
    for word in sentence.split():
        if words and count(" ".join([*words, word])) > room:
            yield " ".join(words)
            words = []
        words.append(word)
    yield " ".join(words)


# --- loading ------------------------------------------------------------------------------------------------------


def _load(folder: Path, name: str, kind: Kind, config: Mapping[str, Any]) -> Any:
    """The model in fp32. InputError where its weights are missing, damaged, or not of its config."""
    import torch
    import transformers
    from safetensors import SafetensorError

    auto = {
        TOKENS: transformers.AutoModelForTokenClassification,
        PREDICT: transformers.AutoModelForSeq2SeqLM,
    }.get(kind.form, transformers.AutoModelForSequenceClassification)
    try:
        if kind.form == HHEM:
            return _hhem(folder, config)
        model, loading = auto.from_pretrained(
            folder, dtype=torch.float32, use_safetensors=True, trust_remote_code=False, local_files_only=True,
            output_loading_info=True,
        )  # fmt: skip
    except SafetensorError as error:
        raise InputError(f"{name}: a weight file in {folder} is damaged ({one_line(error)}); copy it again") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise InputError(f"{name}: cannot be loaded from {folder}: {one_line(error)}") from error
    missing = sorted(loading["missing_keys"]) + sorted(str(key) for key in loading["mismatched_keys"])
    if missing:
        raise InputError(f"{name}: {len(missing)} tensors are missing in {folder} (first: {missing[0]}); copy it again")
    return model


def _hhem(folder: Path, config: Mapping[str, Any]) -> Any:
    """HHEM 2's weights in transformers' own class: its config names a foundation instead of sizes."""
    from safetensors.torch import load_file
    from transformers import T5Config, T5ForTokenClassification

    tensors(folder / "model.safetensors")  # a wrong head is one line, before anything is loaded
    sizes = {key: config.get(key, value) for key, value in FLAN_T5_BASE.items()}
    model = T5ForTokenClassification(T5Config(**sizes, num_labels=2))
    state = {key.removeprefix("t5."): value for key, value in load_file(folder / "model.safetensors").items()}
    shared = state.get("transformer.shared.weight", state.get("transformer.encoder.embed_tokens.weight"))
    for key in ("transformer.shared.weight", "transformer.encoder.embed_tokens.weight"):
        if key in model.state_dict() and shared is not None:
            state.setdefault(key, shared)  # stored once for both
    model.load_state_dict(state)
    return model


def _tokenizer(folder: Path, name: str) -> Any:
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{name}: no tokenizer in {folder}: {one_line(error)}") from error


def _window(config: PretrainedConfig, tokenizer: Any) -> int:
    """Tokens of one input; RoBERTa counts its positions from 2 on, and its tokenizer says so."""
    positions = getattr(config, "max_position_embeddings", None)
    own = int(tokenizer.model_max_length)
    sizes = [size for size in (positions, own) if isinstance(size, int) and 0 < size < UNBOUNDED]
    return min([*sizes, LONGEST])
