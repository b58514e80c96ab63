"""Sizes of prompt and answer, in the generator's own tokens."""

from __future__ import annotations

from harness.metrics.reading import Reading
from harness.types import Unscored

UNCOUNTED = Unscored("what answers this arm counts no tokens", applicable=False)


def prompt_tokens(reading: Reading) -> float | Unscored:
    """Tokens of the rendered prompt."""
    tokens = reading.answer.prompt_tokens
    return UNCOUNTED if tokens is None else float(tokens)


def completion_tokens(reading: Reading) -> float | Unscored:
    """Tokens that were generated."""
    tokens = reading.answer.completion_tokens
    return UNCOUNTED if tokens is None else float(tokens)
