"""The index of a corpus: built, brought up to date, reopened and searched.

`open_index` is incremental: unchanged documents keep their passages and vectors; nothing changed means nothing is done.
"""

from __future__ import annotations

import datetime
import errno
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import EnvironmentFailure, InputError
from harness.hashing import content_hash
from harness.language.table import LANGUAGES
from harness.record.sections import SkippedFile
from harness.retrieval import analyse, index_files
from harness.retrieval.dense import DenseIndex, build_dense, hnsw_settings
from harness.retrieval.documents import Corpus, load_documents
from harness.retrieval.embed import LocalEmbedder, load_embedder
from harness.retrieval.entries import Entries, Entry, by_key, context_of, make_entries, searched_text
from harness.retrieval.sparse import SparseIndex
from harness.scenario.settings import RetrievalSettings
from harness.types import Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Progress = Callable[[int, int], None]  # texts embedded so far, texts to embed
_EMBED_AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class BuildReport:
    """The work that opening an index took."""

    embedded: int  # texts that were embedded
    reused: int  # vectors taken over
    seconds: Mapping[str, float]  # wall seconds by step: read, chunk, embed, sparse
    rebuilt: bool  # False: the stored index was current


class Index:
    """Passages with a dense and a sparse search over them. Rows are positions in `passages`."""

    def __init__(self, folder: Path, embedder: LocalEmbedder, exact_below: int, report: BuildReport) -> None:
        self.folder = folder
        self.embedder = embedder
        self.report = report
        self.manifest = index_files.read_manifest(folder)
        _refuse_other_model(self.manifest, embedder)
        self.entries = index_files.read_entries(folder)
        self.dense = DenseIndex(folder / "chroma", exact_below)
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
        """Files left out of the corpus: file and reason."""
        return self.manifest.skipped

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


def _refuse_other_model(manifest: index_files.Manifest, embedder: LocalEmbedder) -> None:
    if not manifest.identity.same_space(embedder.identity):
        raise InputError(
            f"the index was made by embedder {manifest.identity}, the query would be embedded by {embedder.identity}; "
            "vectors of two models cannot be compared: name the first one, or build the index again: harness index"
        )


def read_index(index_dir: Path, settings: RetrievalSettings, embedder_name: str) -> Index:
    """Open a stored index as it is. InputError when there is none, or when another embedding model made it."""
    folder = index_files.current(index_dir)
    if folder is None:
        raise InputError(f"{index_dir}: no index; build one with: harness index SCENARIO")
    embedder = load_embedder(embedder_name)
    report = BuildReport(0, index_files.read_manifest(folder).vectors, {}, rebuilt=False)
    return Index(folder, embedder, settings.exact_below, report)


def open_index(
    corpus: Path,
    settings: RetrievalSettings,
    embedder_name: str,
    index_dir: Path,
    progress: Progress | None = None,
    strict: bool = False,
) -> Index:
    """The index of a corpus, brought up to date first.

    Args:
        corpus: folder of documents, or a .jsonl of ready passages.
        index_dir: where generations live; made if missing.
        progress: told (texts embedded, texts to embed).
        strict: refuse a corpus in which anything would be skipped.

    Raises:
        InputError: nothing readable in the corpus, or a bad setting.
        EnvironmentFailure: the disk is full; the index before is untouched.
    """
    hnsw = hnsw_settings(settings.hnsw)
    embedder = load_embedder(embedder_name)
    clock = _Clock()
    loaded = load_documents(corpus, strict)
    clock.lap("read")
    folder = index_files.usable(index_dir)
    known = _usable(folder, embedder)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    content = make_entries(loaded, settings, embedder, by_key(known), today)
    clock.lap("chunk")
    if not content.entries:
        raise InputError(f"{corpus}: its documents hold no text to index; see the skipped files: {_names(loaded)}")
    keys = [e.key for e in content.entries]
    key = content_hash([keys, hnsw, analyse.VERSION, index_files.VERSION, embedder.identity])
    if folder is not None and index_files.read_manifest(folder).key == key:
        vectors = index_files.read_manifest(folder).vectors
        return Index(folder, embedder, settings.exact_below, BuildReport(0, vectors, clock.laps, rebuilt=False))
    manifest = _manifest(key, loaded, content, settings, embedder, hnsw)
    target = index_files.new_generation(index_dir, key)
    embedded = _build(target, folder if known else None, content, manifest, embedder, clock, progress)
    index_files.publish(index_dir, target)
    report = BuildReport(embedded, manifest.vectors - embedded, clock.laps, rebuilt=True)
    return Index(target, embedder, settings.exact_below, report)


class _Clock:
    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name], self._last = now - self._last, now


def _usable(folder: Path | None, embedder: LocalEmbedder) -> tuple[Entry, ...]:
    """Entries of the index before, where its vectors are of the same model."""
    if folder is None or index_files.read_manifest(folder).identity != embedder.identity:
        return ()
    return index_files.read_entries(folder)


def _names(loaded: Corpus) -> str:
    return ", ".join(s.file for s in loaded.skipped[:5]) or "none"


def _manifest(
    key: str,
    loaded: Corpus,
    content: Entries,
    settings: RetrievalSettings,
    embedder: LocalEmbedder,
    hnsw: Mapping[str, int],
) -> index_files.Manifest:
    sources = {d.id: content_hash(d) for d in loaded.documents} | {p.id: content_hash(p) for p in loaded.passages}
    return index_files.Manifest(
        key=key,
        identity=embedder.identity,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        documents=len({e.passage.doc for e in content.entries}),
        passages=len(content.entries),
        vectors=len({v for e in content.entries for v in e.vectors}),
        long=content.long,
        contextual=settings.contextual,
        skipped=loaded.skipped,
        hnsw=hnsw,
        sources=sources,
        language=analyse.corpus_language([e.passage.text for e in content.entries]).code,
    )


def _build(
    target: Path,
    previous: Path | None,
    content: Entries,
    manifest: index_files.Manifest,
    embedder: LocalEmbedder,
    clock: _Clock,
    progress: Progress | None,
) -> int:
    """Write a whole generation and return how many texts were embedded; on any failure nothing of it stays."""
    vector_ids = [v for e in content.entries for v in e.vectors]
    try:
        embed = _embedding(content.texts, embedder, progress)
        embedded = build_dense(target / "chroma", vector_ids, manifest.hnsw, previous and previous / "chroma", embed)
        clock.lap("embed")
        index_files.write_entries(target, content.entries)
        passages = [entry.passage for entry in content.entries]
        texts, language = [searched_text(p, manifest.contextual) for p in passages], LANGUAGES[manifest.language]
        SparseIndex.build(texts, language).save(target / "sparse")
        SparseIndex.build([context_of(p) for p in passages], language).save(target / "headings")
        clock.lap("sparse")
        index_files.write_manifest(target, replace(manifest))
        return embedded
    except BaseException as error:
        shutil.rmtree(target, ignore_errors=True)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
            raise EnvironmentFailure(
                f"{target.parent}: {error.strerror} while indexing; the old index is whole: make room and run again"
            ) from error
        raise


def _embedding(
    texts: Mapping[str, str], embedder: LocalEmbedder, progress: Progress | None
) -> Callable[[list[str]], Iterator[tuple[list[str], NDArray[np.float32]]]]:
    def embed(missing: list[str]) -> Iterator[tuple[list[str], NDArray[np.float32]]]:
        ordered = sorted(missing, key=lambda i: (len(texts[i]), i))  # like lengths together: little padding
        for start in range(0, len(ordered), _EMBED_AT_ONCE):
            ids = ordered[start : start + _EMBED_AT_ONCE]
            yield ids, embedder.embed([texts[i] for i in ids])
            if progress is not None:
                progress(start + len(ids), len(ordered))

    return embed
