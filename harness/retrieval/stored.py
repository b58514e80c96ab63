"""Retrieval happens once: every question's hits on disk, shared by all arms that use the same pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.record.files import plain, read_jsonl, write_jsonl
from harness.types import Hit, Passage, Retrieval, Retriever


@dataclass(frozen=True, slots=True)
class StoredRetriever:
    """Answers from a file that `store_retrieval` wrote; KeyError for a question that was never asked."""

    found: dict[str, Retrieval]

    def retrieve(self, questions: Sequence[str]) -> list[Retrieval]:
        return [self.found[question] for question in questions]


def store_retrieval(folder: Path, retriever: Retriever, questions: Iterable[str]) -> int:
    """Retrieve each distinct question once and write the hits. Returns how many questions there were."""
    distinct = list(dict.fromkeys(questions))
    results = retriever.retrieve(distinct)
    passages = {hit.passage.id: hit.passage for result in results for hit in result.hits}
    write_jsonl(folder / "passages.jsonl", passages.values())
    write_jsonl(folder / "retrieval.jsonl", (_row(q, r) for q, r in zip(distinct, results, strict=True)))
    return len(distinct)


def _row(question: str, result: Retrieval) -> dict[str, Any]:
    hits = [[hit.passage.id, plain(hit.score)] for hit in result.hits]
    return {"question": question, "hits": hits, "seconds": plain(result.seconds)}


def load_retrieval(folder: Path) -> StoredRetriever:
    """Read back what `store_retrieval` wrote."""
    passages = {row["id"]: Passage(**row) for row in read_jsonl(folder / "passages.jsonl")}
    found = {
        row["question"]: Retrieval(tuple(Hit(passages[i], score) for i, score in row["hits"]), row["seconds"])
        for row in read_jsonl(folder / "retrieval.jsonl")
    }
    return StoredRetriever(found)
