"""Documents -> entries: passages with the ids of their vectors, made anew only where a document changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.documents.corpus import Corpus
from harness.files.hashing import content_hash
from harness.retrieval.chunk import chunk, is_code, pack, split
from harness.retrieval.embed import LocalEmbedder
from harness.scenario.settings import RetrievalSettings
from harness.types import Document, Passage

_WINDOW_OVERLAP = 32  # tokens two neighbouring windows of one long passage share
_SPECIAL = 2  # [CLS] and [SEP]


@dataclass(frozen=True, slots=True)
class Entry:
    """One passage of an index."""

    passage: Passage
    vectors: tuple[str, ...]  # ids of its vectors; more than one where it is longer than the embedder's window
    key: str  # hash of everything it was made from: the document, the chunking, the embedder
    since: str  # ISO date its vectors were made


@dataclass(frozen=True, slots=True)
class Entries:
    entries: tuple[Entry, ...]
    texts: Mapping[str, str]  # vector id -> text, of entries that were made anew
    long: int  # passages beyond the embedder's window, embedded as several windows


@dataclass(frozen=True, slots=True)
class _Draft:
    """A passage on its way to an entry."""

    passage: Passage
    key: str
    entries: Sequence[Entry] | None  # those that it had; None where it is new


def searched_text(passage: Passage, contextual: bool) -> str:
    """The text to embed and to search: with the document's title and heading path in front, where `contextual`."""
    context = context_of(passage) if contextual else ""
    return f"{context}\n{passage.text}" if context else passage.text


def context_of(passage: Passage) -> str:
    return "\n".join(part for part in (passage.title, passage.heading) if part)


def make_entries(
    corpus: Corpus,
    settings: RetrievalSettings,
    embedder: LocalEmbedder,
    previous: Mapping[str, Sequence[Entry]],
    today: str,
) -> Entries:
    """Passages of the whole corpus. Documents whose key is in `previous` keep the entries they had."""
    drafts: list[_Draft] = []
    for document in corpus.documents:
        key = _key(document, settings, embedder)
        if key in previous:
            drafts += [_Draft(entry.passage, key, [entry]) for entry in previous[key]]
        else:
            embed = embedder.embed if settings.chunking == "semantic" else None
            drafts += [_Draft(p, key, None) for p in chunk(document, settings, embedder.count, embed)]
    for passage in corpus.passages:
        key = content_hash([passage, settings.contextual, embedder.identity])
        drafts.append(_Draft(passage, key, previous.get(key)))
    return _with_vectors(drafts, settings, embedder, today)


def _key(document: Document, settings: RetrievalSettings, embedder: LocalEmbedder) -> str:
    sizes: tuple[object, ...] = (
        settings.chunking, settings.chunk_tokens, settings.overlap_tokens, settings.contextual
    )  # fmt: skip
    if is_code(document.id):
        sizes = (*sizes, settings.code)
    return content_hash([document, sizes, embedder.identity])


def _with_vectors(
    drafts: Sequence[_Draft],
    settings: RetrievalSettings,
    embedder: LocalEmbedder,
    today: str,
) -> Entries:
    fresh = [draft.passage for draft in drafts if draft.entries is None]
    windows = dict(zip((p.id for p in fresh), windows_of(fresh, settings.contextual, embedder), strict=True))
    texts: dict[str, str] = {}
    entries: list[Entry] = []
    for draft in drafts:
        if draft.entries is not None:
            entries += draft.entries
            continue
        ids = [_vector_id(text) for text in windows[draft.passage.id]]
        texts.update(zip(ids, windows[draft.passage.id], strict=True))
        entries.append(Entry(draft.passage, tuple(dict.fromkeys(ids)), draft.key, today))
    return Entries(tuple(entries), texts, sum(len(e.vectors) > 1 for e in entries))


def _vector_id(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def windows_of(passages: Sequence[Passage], contextual: bool, embedder: LocalEmbedder) -> list[list[str]]:
    """The texts to embed for each passage: one, or overlapping windows where one would be cut by the model.

    Every window carries the passage's context, so that its second half is still known to be about its title.
    """
    limit = embedder.window - _SPECIAL
    texts = [searched_text(p, contextual) for p in passages]
    sizes = _counts(texts, limit, embedder)
    return [
        [text] if size <= limit else _windows(passage, contextual, limit, embedder)
        for passage, text, size in zip(passages, texts, sizes, strict=True)
    ]


def _counts(texts: Sequence[str], limit: int, embedder: LocalEmbedder) -> list[int]:
    """Token counts; a text with fewer letters than the limit has fewer tokens too and is not tokenised."""
    doubtful = [i for i, text in enumerate(texts) if len(text) > limit]
    sizes = [0] * len(texts)
    for i, size in zip(doubtful, embedder.counts([texts[i] for i in doubtful]), strict=True):
        sizes[i] = size
    return sizes


def _windows(passage: Passage, contextual: bool, limit: int, embedder: LocalEmbedder) -> list[str]:
    context = context_of(passage) if contextual else ""
    room = limit - embedder.count(context)
    if room < limit // 2:  # a title as long as a passage: the text matters more
        context, room = "", limit
    sizes = RetrievalSettings(chunk_tokens=room, overlap_tokens=min(_WINDOW_OVERLAP, room // 4))
    pieces = pack(split(passage.text, room, embedder.count), sizes, embedder.count)
    return [f"{context}\n{piece}" if context else piece for piece in pieces]


def by_key(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    grouped: dict[str, list[Entry]] = {}
    for entry in entries:
        grouped.setdefault(entry.key, []).append(entry)
    return grouped
