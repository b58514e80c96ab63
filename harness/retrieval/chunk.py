"""Documents -> passages, sized in the embedder's own tokens.

`recursive` splits at headings, then paragraphs, lines, sentences and words, as far as needed (the default);
`fixed` fills windows word by word; `semantic` starts a passage where neighbouring sentences stop resembling each other.
Source code is cut along its symbols, whatever the chunking (`harness.retrieval.symbols`).
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from harness.documents.formats import CODE_SUFFIXES
from harness.language.detect import language_of
from harness.language.rows import Language
from harness.language.scripts import HANGUL, MARKS, SIGNS, TAILED
from harness.language.sentences import border, clause_border
from harness.retrieval import symbols
from harness.scenario.settings import RetrievalSettings
from harness.types import Document, Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CountTokens = Callable[[str], int]
Embed = Callable[[Sequence[str]], "NDArray[np.float32]"]

_HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$")
_FENCE = re.compile(r"^[ \t]*(```|~~~)")
_PARAGRAPHS, _LINES = re.compile(r"(?<=\n)\s*\n"), re.compile(r"\n")
_SENTENCES = 2
_WORDS = 3
_MAX_LETTERS = 16  # letters a token at most, on average; English has four
_MAX_SIGNS = 2  # the same for Han, kana and Hangul ...
_MAX_TAILED = 4  # ... and for Thai and its like: a tokenizer that does not know a script calls a whole line one token


@functools.lru_cache(maxsize=64)
def _levels(language: Language | None) -> tuple[re.Pattern[str], ...]:
    """Coarse to fine; each keeps its separator with the piece before it, so that pieces join to the text."""
    return _PARAGRAPHS, _LINES, border(language), clause_border()


@dataclass(frozen=True, slots=True)
class TextSection:
    """Text under one heading; `path` is the headings above it, outermost first."""

    path: tuple[str, ...]
    text: str


def chunk(
    document: Document, settings: RetrievalSettings, count_tokens: CountTokens, embed: Embed | None = None
) -> list[Passage]:
    """Split one document into passages of at most `settings.chunk_tokens` tokens.

    Args:
        count_tokens: tokens of a text in the embedder's tokenizer, without special tokens.
        embed: unit vectors of texts; needed by `semantic` only.

    A passage's id holds a hash of its text, so edits elsewhere in the document leave it as it is.
    """
    copies: dict[str, int] = {}
    passages = []
    size, language = _bounded(count_tokens), language_of(document.text)
    for section in _parts(document, settings, size):
        for text in _pieces(section.text, settings, size, embed, language):
            digest = hashlib.sha256(text.encode()).hexdigest()[:10]
            copies[digest] = copies.get(digest, 0) + 1
            suffix = f"{digest}-{copies[digest]}" if copies[digest] > 1 else digest
            passages.append(_passage(document, section, text, f"{document.id}#{suffix}"))
    return passages


def _parts(document: Document, settings: RetrievalSettings, count: CountTokens) -> list[TextSection]:
    """The document in sections that each become one passage or more."""
    suffix, limit = PurePosixPath(document.id).suffix.lower(), settings.chunk_tokens
    if not is_code(document.id):
        return _join_sections(_sections(document), limit, count)
    if settings.code == "symbols" and symbols.knows(suffix):
        cut_up = symbols.stretches(document.text, suffix, lambda text: count(text) <= limit)
        return [TextSection(stretch.path, stretch.text) for stretch in cut_up]
    return [TextSection((), document.text)]  # a # in code is no heading


def is_code(document_id: str) -> bool:
    """Whether a document is source code, by its file's suffix."""
    return PurePosixPath(document_id).suffix.lower() in CODE_SUFFIXES


def _bounded(count: CountTokens) -> CountTokens:
    """A counter that bounds a word by its letters.

    WordPiece calls any word of over 100 letters one token; so counted, a 20 MB word is one passage.
    """

    def bounded(text: str) -> int:
        signs, tailed = (0, 0) if text.isascii() else (len(_signs().findall(text)), len(_tailed().findall(text)))
        rest = (len(text) - signs - tailed) // _MAX_LETTERS
        return max(count(text), signs // _MAX_SIGNS + tailed // _MAX_TAILED + rest)

    return bounded


@functools.cache
def _signs() -> re.Pattern[str]:
    return re.compile(f"[{SIGNS}{HANGUL}]")


@functools.cache
def _tailed() -> re.Pattern[str]:
    return re.compile(f"[{TAILED}]")


@functools.cache
def _mark() -> re.Pattern[str]:
    return re.compile(f"[{MARKS}\u0300-\u036f]")


def _passage(document: Document, section: TextSection, text: str, passage_id: str) -> Passage:
    return Passage(
        id=passage_id,
        doc=document.id,
        title=document.title,
        text=text,
        timestamp=document.timestamp,
        metadata=document.metadata,
        heading=" > ".join(section.path),
    )


def _pieces(
    text: str, settings: RetrievalSettings, count: CountTokens, embed: Embed | None, language: Language | None
) -> list[str]:
    limit = settings.chunk_tokens
    if settings.chunking == "semantic":
        if embed is None:
            raise ValueError("semantic chunking needs an embedder")
        groups = [split(group, limit, count, language) for group in _semantic_groups(_sentences(text, language), embed)]
        return [piece for pieces in groups for piece in pack(pieces, settings, count, language)]
    level = _WORDS if settings.chunking == "fixed" else 0
    return pack(split(text, limit, count, language, level), settings, count, language)


# --- sections ----------------------------------------------------------------------------------------------------


def _sections(document: Document) -> list[TextSection]:
    """The document cut at its headings. A heading line stays with its text, in plain words; the title is left out."""
    path: list[tuple[int, str]] = []
    sections: list[TextSection] = []
    lines: list[str] = []
    for line, heading in _marked_lines(document.text):
        if heading is None:
            lines.append(line)
            continue
        _close(sections, path, lines)
        level, words = heading
        path = [entry for entry in path if entry[0] < level] + [(level, words)]
        lines = [] if words == document.title else [words]
    _close(sections, path, lines)
    return [TextSection(tuple(h for h in s.path if h != document.title), s.text) for s in _merged_headings(sections)]


def _marked_lines(text: str) -> Iterator[tuple[str, tuple[int, str] | None]]:
    """Each line, with (level, words) where it is a heading; a `#` inside a code fence is no heading."""
    fenced = False
    for line in text.split("\n"):
        if _FENCE.match(line):
            fenced = not fenced
        match = None if fenced else _HEADING.match(line)
        yield line, (len(match.group(1)), match.group(2)) if match else None


def _close(sections: list[TextSection], path: list[tuple[int, str]], lines: list[str]) -> None:
    text = "\n".join(lines).strip()
    if text:
        sections.append(TextSection(tuple(words for _, words in path), text))


def _merged_headings(sections: list[TextSection]) -> list[TextSection]:
    """Sections without those that hold a heading alone: the path of the next one carries it."""
    bare = [s.path and s.text == s.path[-1] for s in sections]
    last = len(sections) - 1
    return [s for i, s in enumerate(sections) if not (bare[i] and i < last and len(sections[i + 1].path) > len(s.path))]


def _join_sections(sections: list[TextSection], limit: int, count: CountTokens) -> list[TextSection]:
    """Neighbouring sections that fit into one passage together; the path is what they share."""
    groups: list[tuple[TextSection, int]] = []
    for section in sections:
        size = count(section.text)
        if groups and groups[-1][1] + size <= limit:
            before, total = groups[-1]
            groups[-1] = (
                TextSection(_shared(before.path, section.path), f"{before.text}\n\n{section.text}"),
                total + size,
            )
        else:
            groups.append((section, size))
    return [section for section, _ in groups]


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return tuple(heading for heading, _ in pairs)


# --- splitting and packing ---------------------------------------------------------------------------------------


def split(
    text: str, limit: int, count: CountTokens, language: Language | None = None, level: int = 0
) -> list[tuple[str, int]]:
    """Pieces of at most `limit` tokens with their counts; joined they are the text. Coarse separators first."""
    size = count(text)
    if size <= limit and level < _WORDS:
        return [(text, size)]
    levels = _levels(language)
    if level >= len(levels):
        return _hard_split(text, limit, count)
    pieces: list[tuple[str, int]] = []
    for piece in cut(text, levels[level]):
        size = count(piece)
        pieces += [(piece, size)] if size <= limit else split(piece, limit, count, language, level + 1)
    return pieces


def cut(text: str, separator: re.Pattern[str]) -> list[str]:
    """The text cut behind every separator; nothing is lost."""
    ends = [m.end() for m in separator.finditer(text) if m.end() > 0]
    bounds = [0, *(e for e in ends if e < len(text)), len(text)]
    return [text[a:b] for a, b in pairwise(bounds) if a < b]


def _sentences(text: str, language: Language | None) -> list[str]:
    return [s for line in cut(text, _LINES) for s in cut(line, border(language))]


def _hard_split(text: str, limit: int, count: CountTokens) -> list[tuple[str, int]]:
    """The pieces of a word longer than the limit (a token dump, base64), halved until they fit."""
    size = count(text)
    if size <= limit or len(text) < 2:
        return [(text, size)]
    # straight to about the right length: halving a 50 MB word would count it 20 times over
    width = max(1, min(len(text) // 2, len(text) * limit // size))
    parts = _whole_letters([text[i : i + width] for i in range(0, len(text), width)])
    return [piece for part in parts for piece in _hard_split(part, limit, count)]


def _whole_letters(parts: list[str]) -> list[str]:
    """The same pieces, none of which begins with a mark that belongs to the letter before it."""
    for i in range(1, len(parts)):
        size = next((n for n, sign in enumerate(parts[i]) if not _mark().match(sign)), len(parts[i]))
        if 0 < size < len(parts[i]):
            parts[i - 1], parts[i] = parts[i - 1] + parts[i][:size], parts[i][size:]
    return parts


def pack(
    pieces: Sequence[tuple[str, int]],
    settings: RetrievalSettings,
    count: CountTokens,
    language: Language | None = None,
) -> list[str]:
    """Passages of pieces, up to `chunk_tokens` each; each starts with the last pieces of the one before (overlap)."""
    limit, texts, window = settings.chunk_tokens, [], list[tuple[str, int]]()
    for piece in pieces:
        if window and sum(n for _, n in window) + piece[1] > limit:
            texts.append("".join(t for t, _ in window))
            window = _tail(window, min(settings.overlap_tokens, limit - piece[1]), count, language)
        window.append(piece)
    texts.append("".join(t for t, _ in window))
    return [text.strip() for text in texts if text.strip()]


def _tail(
    pieces: list[tuple[str, int]], budget: int, count: CountTokens, language: Language | None
) -> list[tuple[str, int]]:
    """The last whole pieces within the budget; where the last piece alone is larger, its last sentences, then words."""
    if budget <= 0:
        return []
    for level in (None, _SENTENCES, _WORDS):
        last = [] if level is None else cut(pieces[-1][0], _levels(language)[level])
        units = pieces if level is None else [(piece, count(piece)) for piece in last]
        tail: list[tuple[str, int]] = []
        for unit in reversed(units):
            if sum(n for _, n in tail) + unit[1] > budget:
                break
            tail.insert(0, unit)
        if tail:
            return tail if len(tail) < len(units) or level is not None else []
    return []


def _semantic_groups(sentences: Sequence[str], embed: Embed, percentile: float = 10.0) -> list[str]:
    """Sentences grouped; a new group starts where the similarity to the sentence before is in the lowest tenth."""
    import numpy as np

    if len(sentences) < 3:
        return ["".join(sentences)] if sentences else []
    vectors = embed([s.strip() or "-" for s in sentences])
    likeness = (vectors[1:] * vectors[:-1]).sum(axis=1)
    border = float(np.percentile(likeness, percentile))
    groups = [sentences[0]]
    for sentence, value in zip(sentences[1:], likeness, strict=True):
        if value < border:
            groups.append(sentence)
        else:
            groups[-1] += sentence
    return groups
