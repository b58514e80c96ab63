"""The length of tuning examples in tokens of the model that they will tune, measured before anything is trained.

An open-book example meets passages that its retriever finds; they come on top. What is counted here is the least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.generation.load import load_tokenizer
from harness.prompts import completion_text, render
from harness.scenario.settings import Scenario
from harness.tuning.examples import ChatRow
from harness.tuning.tokens import encode
from harness.types import Example


@dataclass(frozen=True, slots=True)
class Window:
    """The room for one training conversation, and what each example takes of it."""

    limit: int  # tokens: tuning.max_length, or the model's own window where that is less
    tokens: tuple[int, ...]  # of each example, system message and chat template counted, retrieved passages not
    marks: tuple[str, ...]  # texts that the tokenizer reads as special tokens, wherever they stand


def measure_window(scenario: Scenario, examples: Sequence[Example]) -> Window:
    """The window of a scenario's model. InputError or EnvironmentFailure where its tokenizer cannot be had."""
    tokenizer, context = load_tokenizer(scenario.models.generator, scenario.models.thinking)
    system = scenario.answer.system
    rows = [ChatRow(render(e.user, system, e.context or ()), completion_text(e.output)) for e in examples]
    marks = tuple(token.content for token in tokenizer.added_tokens_decoder.values() if token.special)
    tokens = tuple(len(encode(tokenizer, row).input_ids) for row in rows)
    return Window(min(scenario.tuning.max_length, context), tokens, marks)
