"""The index of a corpus: built, brought up to date, reopened and searched.

`open_index` is incremental: unchanged documents keep their passages and vectors; nothing changed means nothing is done.
"""

from __future__ import annotations

import datetime
import errno
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.documents.corpus import Corpus, load_documents
from harness.errors import EnvironmentFailure, InputError
from harness.files.faults import environment_message
from harness.files.hashing import content_hash
from harness.language.table import LANGUAGES
from harness.notices import first_line, tell
from harness.process.clock import now
from harness.retrieval import analyse, index_files
from harness.retrieval.dense import build_dense, hnsw_settings
from harness.retrieval.embed import LocalEmbedder, load_embedder
from harness.retrieval.entries import Entries, Entry, by_key, context_of, make_entries, searched_text
from harness.retrieval.index_search import BuildReport, Index
from harness.retrieval.sparse import SparseIndex
from harness.scenario.settings import RetrievalSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Progress = Callable[[int, int], None]  # texts embedded so far, texts to embed
_EMBED_AT_ONCE = 1024


def read_index(index_dir: Path, settings: RetrievalSettings, embedder_name: str) -> Index:
    """Open a stored index as it is. InputError when there is none, or when another embedding model made it."""
    folder = index_files.current(index_dir)
    if folder is None:
        raise InputError(f"{index_dir}: no index; build one with: harness index SCENARIO")
    embedder = load_embedder(embedder_name)
    manifest = index_files.read_manifest(folder)
    report = BuildReport(0, manifest.vectors, {}, False, manifest.skipped, manifest.remarks)
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
    builder = _Builder(
        corpus, settings, load_embedder(embedder_name), index_dir, hnsw_settings(settings.hnsw), _Clock()
    )
    reading = load_documents(corpus, strict)
    builder.clock.lap("read")
    plan = builder.plan(reading, index_files.usable(index_dir, index_files.silent), index_files.silent)
    if plan.previous is not None and index_files.has_key(plan.previous, plan.key):
        with suppress(_Broken):  # it is looked at again below, by one process at a time
            return _with_reading(builder.open(plan.previous), reading)
    with index_files.building(index_dir, corpus.name):
        folder = index_files.usable(index_dir)
        if folder != plan.previous:  # another run has built meanwhile
            plan = builder.plan(reading, folder)
        return _with_reading(builder.open_whole(plan) or builder.build(plan, reading, progress), reading)


def _with_reading(index: Index, corpus: Corpus) -> Index:
    """The index with what reading its corpus left out this time: a file that is skipped changes no key."""
    index.report = replace(index.report, skipped=corpus.skipped, remarks=corpus.remarks)
    return index


class _Broken(Exception):
    """A stored index cannot be read."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """The plan of an index: its entries, and the generation whose passages and vectors it takes over."""

    content: Entries
    key: str  # hash of everything that it is made from
    previous: Path | None


@dataclass(frozen=True, slots=True)
class _Builder:
    """One corpus on its way to an index."""

    corpus: Path
    settings: RetrievalSettings
    embedder: LocalEmbedder
    home: Path
    hnsw: Mapping[str, int]
    clock: _Clock

    def plan(self, reading: Corpus, folder: Path | None, say: Callable[[str], None] = tell) -> _Plan:
        entries = _usable(folder, self.embedder, say)
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        content = make_entries(reading, self.settings, self.embedder, by_key(entries), today)
        self.clock.lap("chunk")
        if not content.entries:
            raise InputError(
                f"{self.corpus}: its documents hold no text to index; see the skipped files: {_names(reading)}"
            )
        keys = [entry.key for entry in content.entries]
        key = content_hash([keys, self.hnsw, analyse.VERSION, index_files.VERSION, self.embedder.identity])
        return _Plan(content, key, folder if entries else None)

    def open(self, folder: Path) -> Index:
        """A stored index as it is."""
        vectors = index_files.read_manifest(folder).vectors
        report = BuildReport(0, vectors, self.clock.laps, rebuilt=False)
        with _broken_or_raised(folder):
            return Index(folder, self.embedder, self.settings.exact_below, report)

    def open_whole(self, plan: _Plan) -> Index | None:
        """The generation that was planned, where there is one that can be read; what cannot is named and removed."""
        for folder in index_files.of_key(self.home, plan.key):
            try:
                index = self.open(folder)
            except _Broken as error:
                if folder == plan.previous:
                    tell(f"{error}; the index is built again")
                shutil.rmtree(folder, ignore_errors=True)
                continue
            if folder != index_files.current(self.home):
                index_files.publish(self.home, folder)
            return index
        return None

    def build(self, plan: _Plan, reading: Corpus, progress: Progress | None) -> Index:
        """A new generation, made and published. Where the one before cannot be read, nothing of it is used."""
        if plan.previous is not None and not plan.previous.is_dir():  # it could not be read, and was removed
            plan = self.plan(reading, None)
        manifest = _manifest(plan.key, reading, plan.content, self.settings, self.embedder, self.hnsw)
        target = index_files.new_generation(self.home, plan.key)
        work = (target, plan.previous, plan.content, manifest, self.embedder, self.clock, progress)
        if plan.previous is None:
            embedded = _build(*work)
        else:
            try:
                with _broken_or_raised(plan.previous):
                    embedded = _build(*work)
            except _Broken as error:
                tell(f"{error}; the index is built anew")
                return self.build(self.plan(reading, None), reading, progress)
        index_files.publish(self.home, target)
        report = BuildReport(embedded, manifest.vectors - embedded, self.clock.laps, rebuilt=True)
        return Index(target, self.embedder, self.settings.exact_below, report)


@contextmanager
def _broken_or_raised(folder: Path) -> Iterator[None]:
    """Whatever a stored index makes of its reader is _Broken, but for what has a cause of its own: a full disk, say.

    Chroma's panics are no Exceptions.
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError, EnvironmentFailure):
        raise
    except BaseException as error:
        if environment_message(error) is not None:
            raise
        raise _Broken(f"{folder}: cannot be read ({first_line(error)})") from error


class _Clock:
    """Wall seconds of the steps, by name."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name], self._last = now - self._last, now


def _usable(folder: Path | None, embedder: LocalEmbedder, say: Callable[[str], None]) -> tuple[Entry, ...]:
    """Entries of the index before, where its vectors are of the same model."""
    if folder is None or index_files.read_manifest(folder).identity != embedder.identity:
        return ()
    try:
        return index_files.read_entries(folder)
    except InputError as error:
        say(f"{error}; the index is built again")
        return ()


def _names(corpus: Corpus) -> str:
    return ", ".join(s.file for s in corpus.skipped[:5]) or "none"


def _manifest(
    key: str,
    corpus: Corpus,
    content: Entries,
    settings: RetrievalSettings,
    embedder: LocalEmbedder,
    hnsw: Mapping[str, int],
) -> index_files.Manifest:
    sources = {d.id: content_hash(d) for d in corpus.documents} | {p.id: content_hash(p) for p in corpus.passages}
    return index_files.Manifest(
        key=key,
        identity=embedder.identity,
        created=now(),
        documents=len({e.passage.doc for e in content.entries}),
        passages=len(content.entries),
        vectors=len({v for e in content.entries for v in e.vectors}),
        long=content.long,
        contextual=settings.contextual,
        skipped=corpus.skipped,
        remarks=corpus.remarks,
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
        index_files.write_manifest(target, replace(manifest, sizes=index_files.sizes_of(target)))
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
