"""An imported data set: a seeded slice of it, its splits, and its scenario folder on disk."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from harness.errors import InputError
from harness.files.output_path import new_folder
from harness.golden.clusters import case_clusters
from harness.golden.split import split_by_cluster
from harness.record.codec import write_rows
from harness.types import Case, Evidence, Passage

REFUSAL = "The passages do not say."
SYSTEM = (
    "Answer the question from the passages in one short sentence. Use nothing but the passages. "
    f"If they do not say, answer exactly: {REFUSAL}"
)

CLOSED_BOOK = f"Answer the question in one short sentence. If you cannot know, answer exactly: {REFUSAL}"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about an import that a person should know: what a column was read as, what was not taken over."""

    rule: str  # read, not read, note, left out, repeated id, unlabelled
    message: str
    where: str = ""  # the row, where it is about one


@dataclass(frozen=True, slots=True)
class Imported:
    """Passages and cases of a data set; `where` of a case is its place in the source."""

    cases: tuple[Case, ...]
    passages: tuple[Passage, ...] = ()
    split_known: bool = False  # the source says which cases are dev and which test
    recognised: str = ""  # what the source was taken for
    remarks: tuple[Remark, ...] = ()
    system: str | None = None  # a system message that fits the data better than the one about passages


def take(imported: Imported, limit: int | None, seed: int) -> Imported:
    """A seeded sample of `limit` cases in source order; every passage stays: finding the right one is the task."""
    if limit is None or limit >= len(imported.cases):
        return imported
    if limit < 1:
        raise InputError(f"--limit is {limit}, expected at least 1")
    numbers = sorted(random.Random(seed).sample(range(len(imported.cases)), limit))
    cases = tuple(imported.cases[i] for i in numbers)
    rows = {case.where for case in imported.cases} - {case.where for case in cases}
    remarks = tuple(remark for remark in imported.remarks if remark.where not in rows)
    return replace(imported, cases=cases, remarks=remarks)


def with_splits(imported: Imported, dev: float, seed: int) -> Imported:
    """The same with dev and test splits by cluster, unless the source had its own."""
    if imported.split_known:
        return imported
    clusters = case_clusters(imported.cases, imported.passages)
    return replace(imported, cases=split_by_cluster(imported.cases, clusters, dev, seed))


def write_imported(imported: Imported, folder: Path, title: str, seed: int) -> None:
    """Write scenario.yaml, golden.jsonl, and, where there are passages, corpus.jsonl; nothing is overwritten.

    Raises:
        InputError: the folder exists and is not empty.
    """
    new_folder(folder)
    write_rows(folder / "golden.jsonl", map(case_row, imported.cases))
    if imported.passages:
        write_rows(folder / "corpus.jsonl", map(passage_row, imported.passages))
    system = imported.system or (SYSTEM if imported.passages else CLOSED_BOOK)
    (folder / "system.md").write_text(system + "\n", encoding="utf-8")
    (folder / "scenario.yaml").write_text(_scenario(title, bool(imported.passages), seed), encoding="utf-8")


def case_row(case: Case) -> dict[str, object]:
    """The case as a row of a golden file; keys without a value are left out."""
    return without_gaps({
        "id": case.id,
        "question": case.question,
        "accept": list(case.accept),
        "key_points": list(case.key_points),
        "evidence": [evidence_row(item) for item in case.evidence],
        "kind": case.kind,
        "category": case.category,
        "split": case.split,
        "timestamp": case.timestamp,
        "source": case.source,
        "verified_by": case.verified_by,
    })  # fmt: skip


def without_gaps(row: Mapping[str, object]) -> dict[str, object]:
    """The row without the keys that have no value."""
    return {key: value for key, value in row.items() if value not in (None, [])}


def evidence_row(item: Evidence) -> str | dict[str, str]:
    """The item as a golden or tuning file has it."""
    if item.id is not None:
        return item.id
    return {"doc": item.doc or "", **({} if item.quote is None else {"quote": item.quote})}


def passage_row(passage: Passage) -> dict[str, object]:
    """The passage as a row of a corpus file."""
    return without_gaps({
        "id": passage.id,
        "text": passage.text,
        "title": passage.title or None,
        "source": passage.doc if passage.doc != passage.id else None,
        "timestamp": passage.timestamp,
        "metadata": dict(passage.metadata) or None,
    })  # fmt: skip


def _scenario(title: str, corpus: bool, seed: int) -> str:
    arms = "[baseline, rag]" if corpus else "[baseline]"
    lines = [
        f"title: {json.dumps(title, ensure_ascii=False)}",
        *(["corpus: corpus.jsonl"] if corpus else []),
        "golden: golden.jsonl",
        f"answer: {{system: system.md, max_new_tokens: 64, refusal: {json.dumps(REFUSAL)}}}",
        f"arms: {arms}",
        f"candidate: {'rag' if corpus else 'baseline'}",
        f"seed: {seed}",
    ]
    return "\n".join(lines) + "\n"
