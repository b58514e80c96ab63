"""Preference pairs: two answers to one question, of which one is better; what DPO trains on.

    {"question": "How long is a kayak lent?", "chosen": "3 days.", "rejected": "A week.", "source": "failures of base"}

They stand in a file of their own (`harness schema pair`), or in examples that say what is `rejected`. A pair without
passages is asked as the arm that is tuned asks: with what its own retriever finds, or closed book.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from harness.errors import InputError
from harness.golden.rows import checked_rows
from harness.types import Example, JsonObject, Passage

IMPORTED = "imported"  # the source of a pair that came with somebody's examples


@dataclass(frozen=True, slots=True)
class PreferencePair:
    """One question with a better and a worse answer."""

    question: str
    chosen: JsonObject | str  # what a generator should say
    rejected: JsonObject | str  # what it should not, which another answer to the same prompt said
    source: str  # where the pair is from, for people: "failures of base in RUN", "thumbs", "imported"
    passages: tuple[Passage, ...] | None = None  # in prompt order; None: those of the arm that is tuned, () closed book
    case: str | None = None  # id of the golden case whose gold decided; only cases of split train may be trained on
    where: str = ""  # file:line, for messages


@dataclass(frozen=True, slots=True)
class _PassageRow:
    id: str
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class _PairRow:
    """A pair as its file has it; `schemas.PAIR` says what each key may hold."""

    question: str
    chosen: JsonObject | str
    rejected: JsonObject | str
    source: str = IMPORTED
    passages: tuple[_PassageRow, ...] | None = None
    case: str | None = None


def load_preferences(path: Path) -> tuple[PreferencePair, ...]:
    """The preference pairs of a JSONL file, in file order.

    Raises:
        InputError: file or row fault, no row at all, or a pair whose answers are the same, with file and line.
    """
    pairs = tuple(_pair(msgspec.convert(row, _PairRow), where) for where, row in checked_rows(path, "pair"))
    if not pairs:
        raise InputError(f"{path}: no preference pairs in it; write at least one line with question, chosen, rejected")
    for pair in pairs:
        if _plain(pair.chosen) == _plain(pair.rejected):
            raise InputError(f"{pair.where}: chosen and rejected are the same; take the row out")
    return pairs


def preferences_in(examples: Iterable[Example]) -> tuple[PreferencePair, ...]:
    """The pairs of those tuning examples that say what is `rejected`, in their order."""
    return tuple(
        PreferencePair(e.user, e.output, e.rejected, IMPORTED, e.context, where=e.where)
        for e in examples
        if e.rejected is not None and _plain(e.rejected) != _plain(e.output)
    )


def preference_row(pair: PreferencePair) -> dict[str, Any]:
    """The pair as a row of its file; keys without a value are left out."""
    row = {
        "question": pair.question,
        "passages": None if pair.passages is None else passage_rows(pair.passages),
        "chosen": pair.chosen,
        "rejected": pair.rejected,
        "source": pair.source,
        "case": pair.case,
    }
    return {key: value for key, value in row.items() if value is not None}


def passage_rows(passages: Sequence[Passage]) -> list[dict[str, str]]:
    """Passages as an example or a pair brings them along, in prompt order."""
    return [{"id": p.id, "text": p.text, **({"title": p.title} if p.title else {})} for p in passages]


def _pair(row: _PairRow, where: str) -> PreferencePair:
    passages = None if row.passages is None else tuple(Passage(p.id, p.id, p.title, p.text) for p in row.passages)
    return PreferencePair(row.question.strip(), row.chosen, row.rejected, row.source, passages, row.case, where)


def _plain(answer: JsonObject | str) -> object:
    return answer.strip() if isinstance(answer, str) else answer
