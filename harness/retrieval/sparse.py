"""BM25+ over passages with bm25s, whose scores equal rank-bm25's BM25Plus (a test holds it to that).

Lv & Zhai 2011, "Lower-bounding term frequency normalization"; k1 = 1.5, b = 0.75, delta = 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.retrieval.analyse import terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

K1, B, DELTA = 1.5, 0.75, 1.0


class SparseIndex:
    """BM25+ scores of a fixed list of texts; a text is named by its row."""

    def __init__(self, engine: Any, rows: int) -> None:
        self._engine = engine
        self._rows = rows

    @classmethod
    def build(cls, texts: Sequence[str]) -> SparseIndex:
        """Index the texts; row i is texts[i]."""
        import bm25s

        engine = bm25s.BM25(method="bm25+", k1=K1, b=B, delta=DELTA)
        # a corpus whose texts have no term at all (only symbols) still gets a vocabulary
        engine.index([terms(t) or [""] for t in texts], show_progress=False)
        return cls(engine, len(texts))

    def save(self, folder: Path) -> None:
        self._engine.save(folder, show_progress=False)

    @classmethod
    def open(cls, folder: Path, rows: int) -> SparseIndex:
        import bm25s

        return cls(bm25s.BM25.load(folder, load_corpus=False, show_progress=False), rows)

    def scores(self, query: str) -> NDArray[np.float32]:
        """One score a row, shape (rows,). Zero where no term is shared (BM25+'s constant is left out)."""
        import numpy as np

        known = self._engine.vocab_dict
        ids = [known[t] for t in terms(query) if t in known]
        if not ids:
            return np.zeros(self._rows, dtype=np.float32)
        floor = float(self._engine.nonoccurrence_array[ids].sum())
        scores = self._engine.get_scores_from_ids(ids) - floor
        return np.where(scores > 1e-6, scores, 0.0).astype(np.float32)

    def search(self, query: str, k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Rows and scores of the best k texts that share a term with the query, best first; ties by row."""
        return best(self.scores(query), k)


def best(scores: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Indices and values of the k largest positive scores, largest first; ties by index, so that runs repeat."""
    import numpy as np

    k = min(k, len(scores))
    if k == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    border = np.partition(scores, len(scores) - k)[len(scores) - k]
    rows = np.flatnonzero((scores >= border) & (scores > 0))
    rows = rows[np.lexsort((rows, -scores[rows]))][:k]
    return rows.astype(np.int64), scores[rows]
