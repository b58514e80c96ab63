"""Answers that were made elsewhere, by the id of the question: a JSONL file that joins a run as an arm.

{"id": "hd-001", "text": "14 days", "passages": [{"doc": "plans.md", "text": "The trial lasts ..."}], "seconds": 0.8}

Only `id` and `text` must be there. What a row does not say (tokens, seconds, passages) is unknown, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec

from harness.errors import InputError
from harness.files.read_files import Stamps, stamps
from harness.golden.rows import checked_rows
from harness.types import Passage


@dataclass(frozen=True, slots=True)
class _PassageRow:
    text: str
    id: str | None = None
    doc: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """One row of the file."""

    id: str  # of a golden case or a probe
    text: str
    passages: tuple[_PassageRow | str, ...] | None = None  # what it was given to read, in order; None: not known
    seconds: float | None = None  # from the question to the whole answer, as its user waited
    first_token_seconds: float | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None

    @property
    def reading(self) -> tuple[Passage, ...] | None:
        """The passages as values; one without an id is called after its place."""
        if self.passages is None:
            return None
        rows = [_PassageRow(row) if isinstance(row, str) else row for row in self.passages]
        return tuple(
            Passage(row.id or f"{self.id}/{place}", row.doc, row.title, row.text) for place, row in enumerate(rows, 1)
        )


def load_answers(path: Path) -> Mapping[str, StoredAnswer]:
    """The answers of a file by id. InputError with file and line on the first fault, or where it has none."""
    return _load(path, stamps(path))


@lru_cache(maxsize=32)
def _load(path: Path, _: Stamps) -> Mapping[str, StoredAnswer]:
    answers: dict[str, StoredAnswer] = {}
    for where, row in checked_rows(path, "answer"):
        answer = msgspec.convert(row, StoredAnswer)
        if answer.id in answers:
            raise InputError(f"{where}: id '{answer.id}' stands twice; keep one answer a question")
        answers[answer.id] = answer
    if not answers:
        raise InputError(f"{path}: no answers in it; write at least one line with id and text")
    return answers
