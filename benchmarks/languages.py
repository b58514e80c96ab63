"""Other languages: search, answers and claims on small invented data, as a table for docs/languages.md.

    python -m benchmarks.languages            # with the built-in embedder, which knows English
    python -m benchmarks.languages --words    # without any embedder: BM25 alone

The data: `benchmarks/language_data/CODE.json`, ten invented pages with a question each, answers and claims with what is
right. Run it in a checkout of an earlier version (copy this file and the data into it) for the figures before.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.metrics.acceptance import accepted
from harness.metrics.support import supports
from harness.retrieval.pipeline import HybridRetriever, Index, open_index
from harness.scenario.settings import RetrievalSettings
from harness.types import Passage

DATA = Path(__file__).resolve().parent / "language_data"
SPARSE, DEFAULT = RetrievalSettings(fusion="sparse", heading_weight=0.0), RetrievalSettings()


@dataclass(frozen=True, slots=True)
class Row:
    """One language: shares as (right, of)."""

    code: str
    words: tuple[int, int]  # recall@1 of BM25
    fused: tuple[int, int] | None  # recall@1 of the default fusion; None where it was not asked for
    answers: tuple[int, int]  # scored as they should be
    claims: tuple[int, int]  # judged as they should be
    passed: int  # wrong claims that pass as supported
    flagged: int  # right claims that do not


def measure(file: Path, fused: bool) -> Row:
    """The figures of one language's file."""
    data = json.loads(file.read_text(encoding="utf-8"))
    pages = data["pages"]
    with tempfile.TemporaryDirectory() as folder:
        index = _index(Path(folder), pages)
        words, both = _first(index, SPARSE, pages), _first(index, DEFAULT, pages) if fused else None
    answers = [accepted(text, [accept], [question]) == right for question, accept, text, right in data["answers"]]
    passages = [Passage(str(i), str(i), title, text) for i, (title, text, _) in enumerate(pages)]
    judged = [(_supported(claim, passages, page), right) for page, claim, right in data["claims"]]
    return Row(
        code=file.stem,
        words=words,
        fused=both,
        answers=(sum(answers), len(answers)),
        claims=(sum(a == b for a, b in judged), len(judged)),
        passed=sum(a and not b for a, b in judged),
        flagged=sum(b and not a for a, b in judged),
    )


def _index(folder: Path, pages: Sequence[Sequence[str]]) -> Index:
    (folder / "corpus").mkdir()
    for number, (title, text, _) in enumerate(pages):
        (folder / "corpus" / f"p{number}.md").write_text(f"# {title}\n\n{text}\n", encoding="utf-8")
    return open_index(folder / "corpus", DEFAULT, "minilm", folder / "index")


def _first(index: Index, settings: RetrievalSettings, pages: Sequence[Sequence[str]]) -> tuple[int, int]:
    """How many questions have their page first, and how many there are."""
    found = HybridRetriever(index, settings, depth=1).retrieve([question for _, _, question in pages])
    hits = [[hit.passage.doc for hit in retrieval.hits] == [f"p{i}.md"] for i, retrieval in enumerate(found)]
    return sum(hits), len(hits)


def _supported(claim: str, passages: Sequence[Passage], page: int) -> bool:
    """Whether the claim passes beside its page and the three pages that are first otherwise."""
    shown = [passages[page], *(p for i, p in enumerate(passages) if i != page)][:4]
    return all(judgement.supported for judgement in supports(claim, shown))


def table(rows: Iterable[Row]) -> str:
    """The rows in Markdown."""
    lines = [
        "| language | BM25, recall@1 | default fusion, recall@1 | answers scored right | claims judged right | "
        "wrong ones that pass | right ones flagged |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        shares = [_share(row.words), _share(row.fused), _share(row.answers), _share(row.claims)]
        lines.append(f"| {row.code} | {' | '.join(shares)} | {row.passed} | {row.flagged} |")
    return "\n".join(lines)


def _share(pair: tuple[int, int] | None) -> str:
    return "not scored" if pair is None or pair[1] == 0 else f"{pair[0]} of {pair[1]}"


if __name__ == "__main__":
    print(table(measure(file, "--words" not in sys.argv) for file in sorted(DATA.glob("*.json"))))
