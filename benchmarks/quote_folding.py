"""What folding quotes does to the ranks of evidence: two public sets, their evidence written as quotes of documents.

    python -m benchmarks.quote_folding SHARED_DATA

Documents are cut into passages as always, so that some quotes stand in none as a whole. Every quote is taken twice: as
its document writes it, and retyped as people's tools leave it (curly quotes, dashes, one sign for dots, no Markdown).
Off: a passage counts where the quote stands in it as it is written, white space aside. On: `harness/evidence`.
The rankings are the same, only what counts as found differs. Prints a Markdown table.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.retrieval_datasets import anthropic
from benchmarks.retrieval_quality import StoredQueries, ranked
from harness.evidence.carry import WHOLE, cut_cases
from harness.evidence.fold import without_breaks
from harness.metrics.retrieval import Carried, carried_items, mrr, recall
from harness.retrieval.pipeline import open_index
from harness.scenario.settings import RetrievalSettings
from harness.types import Case, Evidence, Passage

BUILD = Path("build/benchmarks/quotes")
DEPTHS = (1, 3, 10)


@dataclass(frozen=True, slots=True)
class QuotedSet:
    """Documents by name, and questions whose evidence is quotes of them."""

    documents: Mapping[str, str]
    cases: tuple[Case, ...]


def documentation(data: Path) -> QuotedSet:
    """Pages of the documentation, their sections below each other; evidence is the whole text of a section."""
    folder = anthropic(data / "anthropic_docs_rag", BUILD / "anthropic")
    sections = {row["id"]: row for row in _rows((folder / "corpus.jsonl").read_text(encoding="utf-8"))}
    pages: dict[str, list[str]] = {}
    for row in sections.values():
        pages.setdefault(row["source"], []).append(f"## {row['metadata']['heading']}\n\n{row['text']}")
    names = {page: f"{number:03d}.md" for number, page in enumerate(pages)}
    cases = [
        Case(
            row["id"],
            row["question"],
            tuple(row["accept"]),
            evidence=tuple(Evidence(names[sections[id]["source"]], sections[id]["text"]) for id in row["evidence"]),
        )
        for row in _rows((folder / "golden.jsonl").read_text(encoding="utf-8"))
    ]
    return QuotedSet({names[page]: "\n\n".join(texts) for page, texts in pages.items()}, tuple(cases))


def encyclopedia(data: Path) -> QuotedSet:
    """The gold passages of open questions, a page each; evidence is the whole passage."""
    text = gzip.decompress((data / "nq_oracle" / "nq-open-oracle.jsonl.gz").read_bytes()).decode()
    pages: dict[str, str] = {}
    cases = []
    for number, row in enumerate(_rows(text)):
        gold = next(passage for passage in row["ctxs"] if passage["isgold"])
        name = pages.setdefault(gold["text"], f"{len(pages):04d}.md")
        evidence = (Evidence(name, gold["text"]),)
        cases.append(Case(f"q{number}", row["question"], tuple(row["answers"]), evidence=evidence))
    return QuotedSet({name: text for text, name in pages.items()}, tuple(cases))


def _rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.split("\n") if line]


SETS: Mapping[str, Callable[[Path], QuotedSet]] = {"anthropic_docs_rag": documentation, "nq_oracle": encyclopedia}


def retyped(quote: str) -> str:
    """The quote as a word processor or a browser's copy leaves it."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", quote)
    text = re.sub(r"\*\*|`|^#+ |^\s*[-*] ", "", text, flags=re.M)
    text = re.sub(r'(^|[\s(])"', r"\1“", text, flags=re.M).replace('"', "”").replace("'", "’")
    return text.replace(" - ", " – ").replace("--", "–").replace("...", "…")


def literal(evidence: Sequence[Evidence], passages: Sequence[Passage]) -> Carried:
    """What passages carry without folding: quotes that stand in them as they are written."""
    return tuple(
        {
            i: WHOLE
            for i, item in enumerate(evidence)
            if passage.doc == item.doc and without_breaks(item.quote or "") in without_breaks(passage.text)
        }
        for passage in passages
    )


def figures(cases: Sequence[Case], rankings: Sequence[Sequence[Passage]], folded: bool) -> list[float]:
    """Mean recall at DEPTHS and reciprocal rank at the last of them."""
    count = carried_items if folded else literal
    rows = [
        (count(case.evidence, passages), len(case.evidence)) for case, passages in zip(cases, rankings, strict=True)
    ]
    recalls = [sum(recall(carried, items, k) for carried, items in rows) / len(rows) for k in DEPTHS]
    return [*recalls, sum(mrr(carried, items, DEPTHS[-1]) for carried, items in rows) / len(rows)]


def measured(name: str, data: Path) -> list[str]:
    """The rows of one set."""
    of = SETS[name](data)
    folder = BUILD / name / "corpus"
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in of.documents.items():
        (folder / file).write_text(text, encoding="utf-8")
    index = open_index(folder, RetrievalSettings(), "minilm", BUILD / f"{name}-index")
    questions = [case.question for case in of.cases]
    index.embedder = StoredQueries(index, questions, BUILD / f"{name}.npy")  # type: ignore[assignment]
    rankings = ranked(index, of.cases, RetrievalSettings(), DEPTHS[-1])
    lines = []
    for form, change in (("as written", str), ("retyped", retyped)):
        cases = [_with_quotes(case, change) for case in of.cases]
        cut = cut_cases(cases, index.passages)
        parts = sum(item.cut for case in cut for item in case.evidence)
        every = sum(len(case.evidence) for case in cases)
        for folded in (False, True):
            values = figures(cut if folded else cases, rankings, folded)
            cells = [name, f"{len(cases):,}", f"{every:,}, {form}", "on" if folded else "off"]
            lines.append(" | ".join([*cells, *(f"{value:.3f}" for value in values), f"{parts:,}" if folded else ""]))
    return lines


def _with_quotes(case: Case, change: Callable[[str], str]) -> Case:
    return replace(case, evidence=tuple(replace(item, quote=change(item.quote or "")) for item in case.evidence))


def main() -> None:
    """Print the table."""
    data = Path(sys.argv[1])
    heads = ("set", "questions", "quotes", "folding", *(f"recall@{k}" for k in DEPTHS), "MRR@10", "carried in parts")
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}", flush=True)
    for name in SETS:
        print("\n".join(f"| {line} |" for line in measured(name, data)), flush=True)


if __name__ == "__main__":
    main()
