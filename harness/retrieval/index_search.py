"""An index that is open: passages with a dense and a sparse search over them."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.language.table import LANGUAGES
from harness.record.sections import FileRemark, SkippedFile
from harness.retrieval import index_files
from harness.retrieval.dense import DenseIndex
from harness.retrieval.embed import LocalEmbedder
from harness.retrieval.sparse import SparseIndex
from harness.types import Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class BuildReport:
    """The work that opening an index took."""

    embedded: int  # texts that were embedded
    reused: int  # vectors taken over
    seconds: Mapping[str, float]  # wall seconds by step: read, chunk, embed, sparse
    rebuilt: bool  # False: the stored index was current
    skipped: tuple[SkippedFile, ...] = ()  # files of the corpus that were left out
    remarks: tuple[FileRemark, ...] = ()  # files that were read otherwise than they are written


class Index:
    """Passages with a dense and a sparse search over them. Rows are positions in `passages`."""

    def __init__(self, folder: Path, embedder: LocalEmbedder, exact_below: int, report: BuildReport) -> None:
        self.folder = folder
        if (mark := index_files.mark_open(folder)) is not None:
            weakref.finalize(self, mark.release)
        self.embedder = embedder
        self.report = report
        self.manifest = index_files.read_manifest(folder)
        _refuse_other_model(self.manifest, embedder)
        self.entries = index_files.read_entries(folder)
        self.dense = DenseIndex(folder / "chroma", exact_below)
        _refuse_incomplete(self.manifest, len(self.entries), self.dense.size)
        language = LANGUAGES[self.manifest.language]
        self.sparse = SparseIndex.open(folder / "sparse", len(self.entries), language)
        self.headings = SparseIndex.open(folder / "headings", len(self.entries), language)
        numbers: dict[str, int] = {}
        self.documents = [numbers.setdefault(e.passage.doc, len(numbers)) for e in self.entries]
        passage_counts = Counter(self.documents)
        self.sizes = [passage_counts[number] for number in range(len(numbers))]  # passages of each document
        self._rows: dict[str, list[int]] = {}
        for row, entry in enumerate(self.entries):
            for vector in entry.vectors:
                self._rows.setdefault(vector, []).append(row)

    @property
    def passages(self) -> tuple[Passage, ...]:
        return tuple(entry.passage for entry in self.entries)

    @property
    def hash(self) -> str:
        """Content hash of everything the index was made from."""
        return self.manifest.key

    @property
    def skipped(self) -> tuple[SkippedFile, ...]:
        """Files left out of the corpus as it was read last: file and reason."""
        return self.report.skipped

    @property
    def remarks(self) -> tuple[FileRemark, ...]:
        """Files that were read otherwise than they are written."""
        return self.report.remarks

    def dense_scores(
        self, queries: NDArray[np.float32], k: int, rows: Sequence[int] | None = None
    ) -> list[dict[int, float]]:
        """Row -> cosine of its nearest window, about k rows a query. `rows` limits the search to some passages."""
        among = None if rows is None else list({v for row in rows for v in self.entries[row].vectors})
        allowed = None if rows is None else set(rows)
        # a passage of several windows may hold several of the nearest vectors: look a little further
        wider = k + min(k, len(self._rows) - self.manifest.passages) if len(self._rows) > self.manifest.passages else k
        return [self._by_row(nearest, k, allowed) for nearest in self.dense.search(queries, wider, among)]

    def _by_row(self, nearest: list[tuple[str, float]], k: int, allowed: set[int] | None) -> dict[int, float]:
        scores: dict[int, float] = {}
        for vector, cosine in nearest:
            for row in self._rows.get(vector, ()):
                if row not in scores and (allowed is None or row in allowed):
                    scores[row] = cosine
        return dict(list(scores.items())[:k])

    def sparse_scores(self, query: str, k: int, rows: Sequence[int] | None = None) -> dict[int, float]:
        """Row -> BM25 score of the best k rows that share a term with the query."""
        return _words(self.sparse, query, k, rows)

    def heading_scores(self, query: str, k: int, rows: Sequence[int] | None = None) -> dict[int, float]:
        """Row -> BM25 score of the best k rows by title and headings alone."""
        return _words(self.headings, query, k, rows)

    def vectors(self, rows: Sequence[int]) -> NDArray[np.float32]:
        """The first vector of each row, shape (len(rows), dimension)."""
        import numpy as np

        ids = [self.entries[row].vectors[0] for row in rows]
        vectors = self.dense.vectors(ids)
        return np.stack([vectors[i] for i in ids])


def _words(index: SparseIndex, query: str, k: int, rows: Sequence[int] | None) -> dict[int, float]:
    if rows is None:
        hits, scores = index.search(query, k)
        return dict(zip(hits.tolist(), scores.tolist(), strict=True))
    every = index.scores(query)
    best = sorted(((row, float(every[row])) for row in rows if every[row] > 0), key=lambda pair: (-pair[1], pair[0]))
    return dict(best[:k])


def _refuse_incomplete(manifest: index_files.Manifest, passages: int, vectors: int) -> None:
    if (passages, vectors) != (manifest.passages, manifest.vectors):
        counts, promise = f"{passages} passages and {vectors} vectors", f"{manifest.passages} and {manifest.vectors}"
        raise InputError(f"found {counts}, its manifest says {promise}")


def _refuse_other_model(manifest: index_files.Manifest, embedder: LocalEmbedder) -> None:
    if not manifest.identity.same_space(embedder.identity):
        raise InputError(
            f"the index was made by embedder {manifest.identity}, the query would be embedded by {embedder.identity}; "
            "vectors of two models cannot be compared: name the first one, or build the index again: harness index"
        )
