"""BM25 over passages: rank-bm25 scores a small corpus, bm25s a large one, and both score alike (a test shows it).

Both are asked for their BM25+ (Lv & Zhai 2011; k1 = 1.5, b = 0.75, delta = 1). Both add delta for terms that a text
lacks as well, so that it is one constant for all texts; it is taken off again, and what remains is Okapi BM25 with the
idf ln((N + 1) / df).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from harness.language.rows import Language
from harness.language.table import ENGLISH
from harness.retrieval.analyse import analyser

if TYPE_CHECKING:
    import numpy as np
    from bm25s import BM25
    from numpy.typing import NDArray

    Scores = NDArray[np.float32]

K1, B, DELTA = 1.5, 0.75, 1.0

# Up to this many texts rank-bm25. A search takes it 1 µs a text longer than bm25s (70 µs, whatever the size), but bm25s
# is 0.2 to 0.5 s of processor time to import: with two searches a question it pays back after 400 questions or more.
SMALL = 250

_TERMS = "terms.json"  # the file of a small index: one list of terms a text
_NOTHING = 1e-6  # scores up to here are the rounding of a score of 0


class Engine(Protocol):
    """An engine that scores texts cut into terms."""

    def scores(self, query: Sequence[str]) -> Scores:
        """BM25 of each text, shape (texts,); 0, within `_NOTHING`, for one without any of the terms."""
        ...

    def save(self, folder: Path) -> None: ...


class RankBm25:
    """rank-bm25: plain Python over the texts, nothing to prepare."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        from rank_bm25 import BM25Plus

        self._texts = texts
        self._bm25 = BM25Plus(texts, k1=K1, b=B, delta=DELTA)

    def scores(self, query: Sequence[str]) -> Scores:
        floor = sum(DELTA * self._bm25.idf.get(term, 0.0) for term in query)
        return self._bm25.get_scores(query) - floor  # type: ignore[no-any-return]

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _TERMS).write_text(json.dumps(self._texts, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def open(cls, folder: Path) -> RankBm25:
        return cls(json.loads((folder / _TERMS).read_text(encoding="utf-8")))


class Bm25s:
    """bm25s: a sparse matrix of scores computed beforehand."""

    def __init__(self, bm25: BM25, rows: int) -> None:
        self._bm25 = bm25
        self._rows = rows

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]]) -> Bm25s:
        import bm25s

        bm25 = bm25s.BM25(method="bm25+", k1=K1, b=B, delta=DELTA)
        bm25.index(list(texts), show_progress=False)
        return cls(bm25, len(texts))

    def scores(self, query: Sequence[str]) -> Scores:
        import numpy as np

        vocabulary = self._bm25.vocab_dict
        ids = [vocabulary[term] for term in query if term in vocabulary]
        if not ids:
            return np.zeros(self._rows, dtype=np.float32)
        floor = float(self._bm25.nonoccurrence_array[ids].sum())
        return self._bm25.get_scores_from_ids(ids) - floor  # type: ignore[no-any-return]

    def save(self, folder: Path) -> None:
        self._bm25.save(folder, show_progress=False)

    @classmethod
    def open(cls, folder: Path, rows: int) -> Bm25s:
        import bm25s

        return cls(bm25s.BM25.load(folder, load_corpus=False, show_progress=False), rows)


class SparseIndex:
    """BM25 scores of a fixed list of texts; a text is named by its row, and questions are cut as the texts were."""

    def __init__(self, engine: Engine, language: Language = ENGLISH) -> None:
        self.engine = engine
        self._terms = analyser(language)

    @classmethod
    def build(cls, texts: Sequence[str], language: Language = ENGLISH) -> SparseIndex:
        """Index the texts, which are in this language; row i is texts[i]."""
        terms = analyser(language)
        # a corpus whose texts have no term at all (only symbols) still gets a vocabulary
        cut = [terms(text) or [""] for text in texts]
        return cls(RankBm25(cut) if len(cut) <= SMALL else Bm25s.build(cut), language)

    def save(self, folder: Path) -> None:
        self.engine.save(folder)

    @classmethod
    def open(cls, folder: Path, rows: int, language: Language = ENGLISH) -> SparseIndex:
        """The index that `save` wrote, of either engine: an index of before there were two opens as it is."""
        return cls(RankBm25.open(folder) if (folder / _TERMS).is_file() else Bm25s.open(folder, rows), language)

    def scores(self, query: str) -> Scores:
        """One score a row, shape (rows,). Zero where no term is shared."""
        import numpy as np

        scores = self.engine.scores(self._terms(query))
        return np.where(scores > _NOTHING, scores, 0.0).astype(np.float32)

    def search(self, query: str, k: int) -> tuple[NDArray[np.int64], Scores]:
        """Rows and scores of the best k texts that share a term with the query, best first; ties by row."""
        return best(self.scores(query), k)


def best(scores: Scores, k: int) -> tuple[NDArray[np.int64], Scores]:
    """Indices and values of the k largest positive scores, largest first; ties by index, so that runs repeat."""
    import numpy as np

    k = min(k, len(scores))
    if k == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    border = np.partition(scores, len(scores) - k)[len(scores) - k]
    rows = np.flatnonzero((scores >= border) & (scores > 0))
    rows = rows[np.lexsort((rows, -scores[rows]))][:k]
    return rows.astype(np.int64), scores[rows]
