"""BEIR folders: corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv. They measure retrieval alone (Thakur et al. 2021).

Corpus row: `{"_id", "title", "text"}`; query row: `{"_id", "text"}`; qrels: `query-id <tab> corpus-id <tab> score`, of
which scores above 0 are relevant. No accepted answers come with it: load such a set with `answers_required=False`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.characters import parse_json
from harness.errors import InputError
from harness.files.input_file import is_file, legible, read_text
from harness.golden.imported import Imported
from harness.golden.rows import read_lines
from harness.types import Case, Evidence, Passage, Split

_SPLITS: tuple[Split, ...] = ("test", "dev", "train")


def read_beir(path: Path) -> Imported:
    """Passages and cases of a BEIR folder. InputError with file and line where it is none."""
    passages = tuple(
        Passage(str(row["_id"]), str(row["_id"]), row.get("title") or "", row["text"])
        for row in _rows(path / "corpus.jsonl")
    )
    questions = {str(row["_id"]): row["text"] for row in _rows(path / "queries.jsonl")}
    cases = tuple(case for split in _SPLITS for case in _cases(path, split, questions))
    if not cases:
        raise InputError(f"{path / 'qrels'}: no judged queries; expected test.tsv, dev.tsv or train.tsv")
    split_known = any(case.split == "dev" for case in cases)
    return Imported(cases, passages, split_known, "BEIR: measures retrieval alone, it has no answers")


def _rows(file: Path) -> Iterator[Mapping[str, Any]]:
    for where, line in read_lines(file):
        try:
            row = parse_json(line)
            if "_id" not in row or not isinstance(row.get("text"), str):
                raise ValueError("no '_id' or no 'text'")
        except (ValueError, TypeError) as error:
            raise InputError(f"{where}: not a BEIR row: {error}") from None
        yield row


def _cases(path: Path, split: Split, questions: Mapping[str, str]) -> Iterator[Case]:
    file = path / "qrels" / f"{split}.tsv"
    for query, documents in _judgements(file).items():
        if query not in questions:
            raise InputError(f"{file}: query '{query}' does not stand in queries.jsonl")
        yield Case(
            id=query if split == "test" else f"{split}-{query}",
            question=questions[query].strip(),
            evidence=tuple(Evidence(id=document) for document in documents),
            split=split,
            verified_by="relevance judgements of the data set",
            where=f"{file}: query {query}",
        )


def _judgements(file: Path) -> dict[str, list[str]]:
    """Relevant documents by query; empty where the file does not exist."""
    relevant: dict[str, list[str]] = {}
    if not is_file(file):
        return relevant
    for number, line in enumerate(read_text(file).split("\n"), start=1):
        row = line.split("\t")
        if not line.strip() or (number == 1 and row[-1] == "score"):
            continue
        if len(row) != 3 or not re.fullmatch(r"-?[0-9]{1,9}", row[2]):
            raise InputError(f"{file}:{number}: found {legible(line)}, expected query-id, corpus-id, score")
        if int(row[2]) > 0:
            relevant.setdefault(row[0], []).append(row[1])
    return relevant
