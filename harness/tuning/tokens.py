"""Training conversations in tokens: the loss on the answer alone, what does not fit left out, some rows held out."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.generation.chat_template import chat, template_ids
from harness.generation.load import LoadedModel
from harness.scenario.settings import Tuning
from harness.tuning.examples import ChatRow, TrainingRows

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# Enough held-out rows for a curve; every further one costs a forward pass at each evaluation.
MOST_HELD_OUT = 16


@dataclass(frozen=True, slots=True)
class Encoded:
    """One row in tokens; `labels` is -100 where there is no loss."""

    input_ids: list[int]
    labels: list[int]


def encode(tokenizer: PreTrainedTokenizerBase, row: ChatRow) -> Encoded:
    """Tokens of one conversation through the chat template; the loss is on the answer and the token that ends it.

    What a template writes after the end of the answer (a line break, say) is cut: no arm would ever be asked for it.
    """
    turns = chat(tokenizer, row.prompt)
    prompt = template_ids(tokenizer, turns, add_generation_prompt=True)
    whole = template_ids(tokenizer, [*turns, {"role": "assistant", "content": row.completion}])
    end = tokenizer.eos_token_id
    if end is None:
        raise InputError(
            "the model's tokenizer has no end token, so that nothing tuned on it would stop; set eos_token"
        )
    if whole[: len(prompt)] == prompt and end in whole[len(prompt) :]:
        answer = whole[len(prompt) : whole.index(end, len(prompt)) + 1]
    else:  # a template that renders a finished answer in another way than the prompt for it
        answer = [*tokenizer(row.completion, add_special_tokens=False)["input_ids"], end]
    return Encoded([*prompt, *answer], [-100] * len(prompt) + answer)


def encode_all(
    base: LoadedModel, rows: TrainingRows, settings: Tuning
) -> tuple[list[tuple[Encoded, bool]], tuple[str, ...]]:
    """Each row in tokens, and whether it is replay; and the places of rows that do not fit. Those are left out whole:
    cut, they would teach to answer without the passages or to break off."""
    limit = min(settings.max_length, base.context)
    encoded = [(encode(base.tokenizer, row), row) for row in rows.rows]
    fitting = [(tokens, row.replay) for tokens, row in encoded if len(tokens.input_ids) <= limit]
    long = [row.where for tokens, row in encoded if len(tokens.input_ids) > limit]
    too_long = tuple(sorted(long, key=lambda where: (len(where), where)))  # by line: rows stand in random order here
    if not fitting:
        raise InputError(f"none of {len(encoded)} tuning examples fits {limit} tokens; raise tuning.max_length")
    return fitting, too_long


def hold_out(rows: Sequence[tuple[Encoded, bool]], share: float, seed: int) -> tuple[list[Encoded], list[Encoded]]:
    """Training rows and held-out rows, drawn by seed; replay is never held out, it is no measure of the task."""
    own = [at for at, (_, replay) in enumerate(rows) if not replay]
    count = held_out_count(len(own), share)
    places = set(random.Random(f"{seed}:held-out").sample(own, count))
    return [row for at, (row, _) in enumerate(rows) if at not in places], [rows[at][0] for at in sorted(places)]


def held_out_count(rows: int, share: float) -> int:
    """Rows of so many that are held out for the loss curve."""
    return max(0, min(MOST_HELD_OUT, round(share * rows), rows - 1))
