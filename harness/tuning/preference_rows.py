"""Preference pairs -> rows that one arm trains on by DPO, as that arm would meet their questions.

A pair that brings passages is trained on with them; one without meets what the arm's own retriever finds, or nothing
where the arm answers from memory. A pair of the other book is left out, and counted.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.errors import InputError
from harness.files.hashing import content_hash
from harness.generation.load import LoadedModel
from harness.prompts import completion_text, render
from harness.record.measurements import ExampleCounts
from harness.scenario.settings import AnswerFormat, Tuning
from harness.tuning.examples import ChatRow
from harness.tuning.loss import Row
from harness.tuning.preference_loss import TokenPair
from harness.tuning.preferences import PreferencePair
from harness.tuning.tokens import encode
from harness.types import Passage, Prompt, Retriever


@dataclass(frozen=True, slots=True)
class PairRow:
    """One prompt with a better and a worse answer."""

    prompt: Prompt
    chosen: str
    rejected: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class PairRows:
    """Pairs to train on, and how many were of the other book."""

    rows: tuple[PairRow, ...]
    other_book: int = 0

    @property
    def hash(self) -> str:
        """Content hash of everything that is trained on."""
        return content_hash([[[(m.role, m.content) for m in r.prompt], r.chosen, r.rejected] for r in self.rows])

    @property
    def counts(self) -> ExampleCounts:
        return ExampleCounts(len(self.rows), 0, 0, 0, other_book=self.other_book)


def own_pairs(pairs: Sequence[PreferencePair], open_book: bool) -> list[PreferencePair]:
    """The pairs of one book. InputError where there is none."""
    own = [pair for pair in pairs if pair.passages is None or bool(pair.passages) == open_book]
    if not own:
        book = "an open-book" if open_book else "a closed-book"
        raise InputError(
            f"no preference pairs for {book} arm that trains by DPO; name a file of pairs (preferences:), or examples "
            "with 'rejected'"
        )
    return own


def build_pairs(
    pairs: Sequence[PreferencePair],
    *,
    arm_open_book: bool,
    retriever: Retriever | None,
    answer_format: AnswerFormat,
    seed: int = 0,
) -> PairRows:
    """The pairs that one arm trains on, in seeded random order.

    Raises InputError where none is left, or passages are needed and there is no retriever.
    """
    own = own_pairs(pairs, arm_open_book)
    questions = [pair.question for pair in own if pair.passages is None]
    if arm_open_book and questions and retriever is None:
        raise InputError(f"{len(questions)} preference pairs bring no passages, and the arm has no retriever")
    retrievals = iter(retriever.retrieve(questions) if arm_open_book and retriever and questions else [])
    rows = []
    for pair in own:
        passages: Sequence[Passage] = pair.passages or ()
        if arm_open_book and pair.passages is None:
            passages = [hit.passage for hit in next(retrievals).hits]
        prompt = render(pair.question, answer_format.system, passages)
        rows.append(PairRow(prompt, completion_text(pair.chosen), completion_text(pair.rejected), pair.where))
    random.Random(f"{seed}:pairs").shuffle(rows)
    return PairRows(tuple(rows), len(pairs) - len(own))


def encode_pairs(base: LoadedModel, pairs: PairRows, settings: Tuning) -> tuple[list[TokenPair], tuple[str, ...]]:
    """Each pair in tokens, and the places of pairs of which an answer does not fit; those are left out whole."""
    limit = min(settings.max_length, base.context)
    fitting: list[TokenPair] = []
    too_long: list[str] = []
    for pair in pairs.rows:
        both = [encode(base.tokenizer, ChatRow(pair.prompt, text)) for text in (pair.chosen, pair.rejected)]
        if max(len(row.input_ids) for row in both) > limit:
            too_long.append(pair.where)
            continue
        better, worse = (Row(row.input_ids, row.labels) for row in both)
        fitting.append(TokenPair(better, worse))
    if not fitting:
        raise InputError(f"none of {len(pairs.rows)} preference pairs fits {limit} tokens; raise tuning.max_length")
    return fitting, tuple(sorted(too_long, key=lambda where: (len(where), where)))


def hold_out_pairs(pairs: Sequence[TokenPair], count: int, seed: int) -> tuple[list[TokenPair], list[TokenPair]]:
    """Pairs to train on and pairs held out, drawn by seed."""
    places = set(random.Random(f"{seed}:held-out").sample(range(len(pairs)), min(count, len(pairs) - 1)))
    return [p for at, p in enumerate(pairs) if at not in places], [replace(pairs[at]) for at in sorted(places)]
