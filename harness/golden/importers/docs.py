"""Documentation question sets: a JSON list of chunks, and one of questions that name their correct chunks.

Chunk: `{"chunk_link": "https://.../page#section", "chunk_heading", "text"}`; question: `{"id", "question",
"correct_chunks": [links], "correct_answer"}`. This is the layout of the retrieval guide in Anthropic's cookbook.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.errors import InputError
from harness.files.input_file import is_dir
from harness.golden.imported import Imported
from harness.golden.importers.cells import identity, plain_text, texts
from harness.golden.importers.drafts import Draft, assemble
from harness.golden.importers.files import read_json
from harness.types import Evidence, Passage


def read_docs(path: Path) -> Imported:
    """Passages and cases of the two JSON files in a folder; chunk files with added summaries are passed over."""
    chunks, questions = _find(path, "chunk_link"), _find(path, "correct_chunks")
    passages = tuple(map(_passage, chunks))
    drafts = [_draft(row, path) for row in questions]
    return assemble(drafts, "documentation questions", source=path, passages=passages)


def _find(path: Path, key: str) -> list[Mapping[str, Any]]:
    """The rows of the JSON list whose rows hold `key`, of the file with the fewest other keys."""
    lists = [read_json(file) for file in sorted(path.glob("*.json"))] if is_dir(path) else []
    fitting = [rows for rows in lists if isinstance(rows, list) and rows and key in rows[0]]
    if not fitting:
        raise InputError(f"{path}: no JSON file in it is a list of objects with '{key}'")
    return min(fitting, key=lambda rows: len(rows[0]))


def _passage(row: Mapping[str, Any]) -> Passage:
    link = str(row["chunk_link"])
    return Passage(link, link.partition("#")[0], row.get("chunk_heading") or "", str(row.get("text") or ""))


def _draft(row: Mapping[str, Any], path: Path) -> Draft:
    where = f"{path}: question {row.get('id', row.get('question'))}"
    links = texts(row.get("correct_chunks"), where)
    return Draft(
        where=where,
        question=plain_text(row.get("question")),
        id=identity(row.get("id")),
        accept=texts(row.get("correct_answer"), where),
        evidence=tuple(Evidence(id=link) for link in links),
        kind="multi_hop" if len(links) > 1 else None,
        category="completeness",
        verified_by="the publishers of the data set",
        why_unlabelled="no value in 'correct_answer'",
    )
