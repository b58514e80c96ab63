"""Stored retrieval: every question's hits on disk, so that all arms with the same pipeline share one search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.record.codec import read_rows, write_rows
from harness.types import Hit, Passage, Retrieval, Retriever

_PASSAGES, _RETRIEVALS = "passages.jsonl", "retrieval.jsonl"


@dataclass(frozen=True, slots=True)
class StoredRetriever:
    """Answers from a file that `store_retrieval` wrote; KeyError for a question that was never asked."""

    retrievals: Mapping[str, Retrieval]  # question -> its passages

    def retrieve(self, questions: Sequence[str]) -> list[Retrieval]:
        return [self.retrievals[question] for question in questions]


@dataclass(frozen=True, slots=True)
class _Row:
    """One question on disk; passages stand once, in a file of their own."""

    question: str
    hits: tuple[tuple[str, float], ...]  # passage id, score
    seconds: Mapping[str, float]


def store_retrieval(folder: Path, retriever: Retriever, questions: Iterable[str]) -> int:
    """Retrieve each distinct question once and write the hits. Returns how many questions there were."""
    distinct = list(dict.fromkeys(questions))
    results = retriever.retrieve(distinct)
    passages = {hit.passage.id: hit.passage for result in results for hit in result.hits}
    write_rows(folder / _PASSAGES, passages.values())
    write_rows(folder / _RETRIEVALS, (_row(q, r) for q, r in zip(distinct, results, strict=True)))
    return len(distinct)


def _row(question: str, result: Retrieval) -> _Row:
    return _Row(question, tuple((hit.passage.id, hit.score) for hit in result.hits), result.seconds)


def load_retrieval(folder: Path) -> StoredRetriever:
    """Read back what `store_retrieval` wrote."""
    passages = {passage.id: passage for passage in read_rows(folder / _PASSAGES, Passage)}
    rows = read_rows(folder / _RETRIEVALS, _Row)
    return StoredRetriever({row.question: _retrieval(row, passages) for row in rows})


def _retrieval(row: _Row, passages: Mapping[str, Passage]) -> Retrieval:
    return Retrieval(tuple(Hit(passages[id], score) for id, score in row.hits), row.seconds)
