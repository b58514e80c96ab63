"""A question's way to its passages: normalise -> embed -> dense and BM25 -> fuse -> re-rank -> MMR -> trim."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from harness.retrieval.analyse import normalise
from harness.retrieval.filters import matching_rows
from harness.retrieval.fuse import Scores, add_headings, convex, lift_by_document, mixed, order, rrf
from harness.retrieval.index import open_index, read_index
from harness.retrieval.index_search import Index
from harness.retrieval.select import mmr_order
from harness.scenario.settings import RetrievalSettings
from harness.types import Hit, Reranker, Retrieval

__all__ = ["HybridRetriever", "Index", "open_index", "read_index"]

_POOL = 100
_CACHE_SECONDS = 300.0
_CACHE_SIZE = 2048


class HybridRetriever:
    """Dense and sparse search over one index, fused, re-ranked and trimmed. Implements `Retriever`.

    Args:
        settings: fusion, candidates, top_k, MMR, filters.
        reranker: reads the candidates again with the question; None leaves the fused order.
        depth: hits to return where more than `settings.top_k` are wanted (to measure recall@20).
        cache_seconds: how long an answered question is remembered; 0 for never (latency is measured so).
    """

    def __init__(
        self,
        index: Index,
        settings: RetrievalSettings,
        reranker: Reranker | None = None,
        *,
        depth: int | None = None,
        cache_seconds: float = _CACHE_SECONDS,
    ) -> None:
        self.index = index
        self.settings = settings
        self.depth = depth or settings.top_k
        self._reranker = reranker
        self._rows = matching_rows(index.passages, settings.filters)
        self._cache: OrderedDict[str, tuple[float, Retrieval]] = OrderedDict()
        self._cache_seconds = cache_seconds
        self.cache_hits = 0

    def retrieve(self, questions: Sequence[str]) -> list[Retrieval]:
        """Ranked passages of each question. A question asked again within the cache's time is answered from it."""
        queries = [normalise(q) for q in questions]
        retrievals = {q: past for q in queries if (past := self._cached(q)) is not None}
        new = [q for q in dict.fromkeys(queries) if q not in retrievals]
        for query, retrieval in zip(new, self._search(new), strict=True):
            retrievals[query] = retrieval
            self._remember(query, retrieval)
        self.cache_hits += len(queries) - len(new)
        return [retrievals[q] for q in queries]

    def _cached(self, query: str) -> Retrieval | None:
        entry = self._cache.get(query)
        return entry[1] if entry and time.monotonic() - entry[0] < self._cache_seconds else None

    def _remember(self, query: str, retrieval: Retrieval) -> None:
        if self._cache_seconds > 0:
            self._cache[query] = (time.monotonic(), retrieval)
            while len(self._cache) > _CACHE_SIZE:
                self._cache.popitem(last=False)

    def _search(self, queries: Sequence[str]) -> list[Retrieval]:
        """Rank questions that were not cached: vectors in one batch, then question by question."""
        if not queries:
            return []
        laps = _Laps()
        vectors = None if self.settings.fusion == "sparse" else self.index.embedder.embed(queries)
        laps.lap("embed", len(queries))
        near: list[dict[int, float]] = [{} for _ in queries]
        if vectors is not None:
            near = self.index.dense_scores(vectors, self._pool, self._rows)
        laps.lap("dense", len(queries))
        return [self._rank(query, rows, laps.copy()) for query, rows in zip(queries, near, strict=True)]

    @property
    def _pool(self) -> int:
        """Rows that either search contributes: fusion needs more than it returns."""
        return max(_POOL, 5 * self.settings.candidates, self.depth)

    def _rank(self, query: str, near: Mapping[int, float], laps: _Laps) -> Retrieval:
        dense_only, weight = self.settings.fusion == "dense", self.settings.heading_weight
        words = {} if dense_only else self.index.sparse_scores(query, self._pool, self._rows)
        headings = {} if dense_only or not weight else self.index.heading_scores(query, self._pool, self._rows)
        laps.lap("sparse")
        fused = self._fused(near, words, headings)
        scores = lift_by_document(fused, self.index.documents, self.index.sizes, self.settings.document_weight)
        rows = order(scores)
        laps.lap("fuse")
        head = rows[: max(self.settings.candidates, self.depth)]
        if self._reranker is not None:
            head, scores = self._reranked(query, head, scores, self._reranker)
            laps.lap("rerank")
        if self.settings.mmr is not None:
            head = mmr_order(head, self.index.vectors(head), self.settings.mmr, scores)
            laps.lap("mmr")
        hits = tuple(Hit(self.index.entries[row].passage, scores[row]) for row in head[: self.depth])
        return Retrieval(hits, laps.seconds)

    def _fused(
        self, near: Mapping[int, float], words: Mapping[int, float], headings: Mapping[int, float]
    ) -> Mapping[int, float]:
        weight = self.settings.heading_weight
        match self.settings.fusion:
            case "dense":
                return near
            case "sparse":
                return add_headings(convex({}, words, 0.0), headings, weight)
            case "convex":
                return add_headings(convex(near, words, self.settings.convex_weight), headings, weight)
            case "rrf":
                return rrf([order(near), order(words), order(headings)], self.settings.rrf_k, [1.0, 1.0, weight])

    def _reranked(
        self, query: str, rows: Sequence[int], fused: Scores, reranker: Reranker
    ) -> tuple[list[int], dict[int, float]]:
        """Candidates in the cross-encoder's order; rows behind the candidates are never re-ranked and stay behind."""
        head, tail = rows[: self.settings.candidates], rows[self.settings.candidates :]
        relevance = reranker.score(query, [self.index.entries[row].passage for row in head])
        scores = mixed(dict(zip(head, relevance, strict=True)), fused, self.settings.rerank_weight)
        lowest = min(scores.values(), default=0.0)
        behind = {row: lowest - position for position, row in enumerate(tail, start=1)}
        return [*order(scores), *tail], {**scores, **behind}


class _Laps:
    """Wall seconds by stage of one question."""

    def __init__(self, seconds: Mapping[str, float] | None = None) -> None:
        self.seconds: dict[str, float] = dict(seconds or {})
        self._last = time.perf_counter()

    def lap(self, stage: str, share: int = 1) -> None:
        now = time.perf_counter()
        self.seconds[stage], self._last = (now - self._last) / share, now

    def copy(self) -> _Laps:
        return _Laps(self.seconds)
