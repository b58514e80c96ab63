"""Answers held to a JSON Schema while they are written: at each step only tokens that a valid answer can go on with.

    guides = guides_of(tokenizer, schema, ends=[2], vocabulary=49152, rows=1)
    guides.allowed([0])                 # (1, 49152) booleans
    guides.take(0, token)

llguidance says which tokens those are (an Earley parser over the tokens' bytes; what it costs: benchmarks/
constrained_decoding.py). Separators are those of Python's `json.dumps`, which tuning examples are written with.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from harness.errors import InputError

if TYPE_CHECKING:
    import torch
    from transformers import LogitsProcessor, PreTrainedTokenizerBase

SPACING: Any = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}


@dataclass(frozen=True)
class Guides:
    """What each row of a batch may be written on with."""

    matchers: Sequence[Any]  # one a row
    ends: tuple[int, ...]  # tokens that end an answer
    vocabulary: int  # tokens that a model has logits for

    def allowed(self, rows: Sequence[int]) -> torch.Tensor:
        """(rows, vocabulary) booleans: the tokens that may come next in these rows."""
        import numpy as np
        import torch

        bits = np.zeros((len(rows), -(-self.vocabulary // 32)), dtype=np.int32)
        for line, row in zip(bits, rows, strict=True):
            matcher = self.matchers[row]
            if matcher.is_stopped():
                line[:] = 0
            else:
                matcher.unsafe_compute_mask_ptr(line.ctypes.data, line.nbytes)
        flags = np.unpackbits(bits.view(np.uint8), axis=1, bitorder="little")[:, : self.vocabulary]
        allowed = torch.from_numpy(flags.astype(bool))
        finished = [at for at, row in enumerate(rows) if self.matchers[row].is_stopped()]
        done = [at for at, row in enumerate(rows) if at in finished or self.matchers[row].is_accepting()]
        for at in done:
            allowed[at, list(self.ends)] = True
        return allowed

    def take(self, row: int, token: int) -> None:
        """Note that a row goes on with a token that it was allowed."""
        if token not in self.ends and not self.matchers[row].is_stopped():
            self.matchers[row].consume_token(token)


def guides_of(
    tokenizer: PreTrainedTokenizerBase, schema: str, ends: Sequence[int], vocabulary: int, rows: int
) -> Guides:
    """Guides for the rows of a batch, each at its beginning.

    Raises InputError where the schema asks for what the library cannot hold an answer to.
    """
    first = _matcher(_tokens(tokenizer, vocabulary), schema)
    return Guides([first, *(first.deep_copy() for _ in range(rows - 1))], tuple(ends), vocabulary)


def schema_fault(schema: str) -> str | None:
    """Why answers cannot be held to a schema, in words; None where they can."""
    from llguidance import LLMatcher

    fault: str = LLMatcher.validate_grammar(_grammar(schema))
    return fault.strip().split("\n")[0][:200] or None


def _grammar(schema: str) -> str:
    from llguidance import LLMatcher

    return str(LLMatcher.grammar_from_json_schema(schema, overrides=SPACING))


def _matcher(tokens: Any, schema: str) -> Any:
    from llguidance import LLMatcher

    if (fault := schema_fault(schema)) is not None:
        raise InputError(f"answer.schema: answers cannot be held to it while they are written: {fault}")
    return LLMatcher(tokens, _grammar(schema), log_level=0)


def _tokens(tokenizer: PreTrainedTokenizerBase, vocabulary: int) -> Any:
    """The tokens' bytes as the library reads them, made once a tokenizer (a second)."""
    backend = tokenizer.backend_tokenizer  # type: ignore[attr-defined]
    return _tokens_of(_Backend(backend, tokenizer.eos_token_id), vocabulary)


@dataclass(frozen=True, eq=False)
class _Backend:
    """A fast tokenizer and the token that ends its texts; one is another where their texts are."""

    tokenizer: Any
    end: int | None

    @property
    def text(self) -> str:
        settings = json.loads(self.tokenizer.to_str())
        return json.dumps({**settings, "padding": None, "truncation": None})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Backend) and self.tokenizer is other.tokenizer and self.end == other.end

    def __hash__(self) -> int:
        return hash((id(self.tokenizer), self.end))


@lru_cache(maxsize=2)
def _tokens_of(backend: _Backend, vocabulary: int) -> Any:
    from llguidance import LLTokenizer

    return LLTokenizer(backend.text, n_vocab=vocabulary, eos_token=backend.end)


def guide_processor(guides: Guides, start: int) -> LogitsProcessor:
    """The guides as transformers' own `generate` asks them; `start`: tokens of the padded prompts."""
    import torch
    from transformers import LogitsProcessor

    class GuidedLogits(LogitsProcessor):  # type: ignore[misc]
        def __call__(self, input_ids: torch.LongTensor, scores: torch.Tensor) -> torch.Tensor:
            rows = range(len(input_ids))
            if input_ids.shape[1] > start:
                for row in rows:
                    guides.take(row, int(input_ids[row, -1]))
            return scores.masked_fill(~guides.allowed(rows).to(scores.device), -torch.inf)

    return GuidedLogits()
