"""Loss shaping: the tokens of a field's value weigh more than the form around them.

    shaped = FieldWeights(tokenizer, {"label": 4.0}).of(row)   # a Row with a weight for each token of its answer

The mean weight of an answer is 1, so that the learning rate keeps its meaning. Held-out loss is never shaped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.prompts import completion_text
from harness.tuning.loss import IGNORED, Row

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class FieldWeights:
    """Weights by field of a JSON answer, laid on the tokens of rows; answers in plain text are left as they are."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, weights: Mapping[str, float]) -> None:
        self.tokenizer, self.weights = tokenizer, weights
        self._known: dict[tuple[int, ...], Row] = {}

    def of(self, row: Row) -> Row:
        """The row with its weights."""
        key = tuple(row.tokens)
        if key not in self._known:
            self._known[key] = self._shaped(row)
        return self._known[key]

    def _shaped(self, row: Row) -> Row:
        answer = [label for label in row.labels if label != IGNORED]
        ends = [len(self._text(answer[: at + 1])) for at in range(len(answer))]
        weights = [1.0] * len(answer)
        for start, end, weight in value_spans(self._text(answer), self.weights):
            for at, (first, last) in enumerate(zip([0, *ends], ends, strict=False)):
                if first < end and last > start:
                    weights[at] = weight
        mean = sum(weights) / len(weights)
        shaped = iter(weight / mean for weight in weights)
        return replace(row, weights=[next(shaped) if label != IGNORED else 0.0 for label in row.labels])

    def _text(self, tokens: list[int]) -> str:
        return str(self.tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False))


def value_spans(completion: str, weights: Mapping[str, float]) -> Iterator[tuple[int, int, float]]:
    """(start, end, weight) of the values of these fields in an answer, as `completion_text` writes it."""
    try:
        output = json.loads(completion)
    except ValueError:  # plain text
        return
    if not isinstance(output, dict) or completion_text(output) != completion.strip():
        return
    at = completion.index("{") + 1
    for name, value in output.items():
        start = at + len(f"{json.dumps(name, ensure_ascii=False)}: ")
        end = start + len(json.dumps(value, ensure_ascii=False))
        if name in weights:
            yield start, end, weights[name]
        at = end + len(", ")
