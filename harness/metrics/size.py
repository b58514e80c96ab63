"""Sizes of prompt and answer, in the generator's own tokens."""

from __future__ import annotations

from harness.metrics.reading import Reading


def prompt_tokens(reading: Reading) -> float:
    """Tokens of the rendered prompt."""
    return float(reading.answer.prompt_tokens)


def completion_tokens(reading: Reading) -> float:
    """Tokens that were generated."""
    return float(reading.answer.completion_tokens)
