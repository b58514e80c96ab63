"""A corpus on disk -> documents, or ready passages. What cannot be read is skipped, named and counted.

A ready passage is a JSON line: `{"id": "p1", "text": "...", "title"?, "source"?, "timestamp"?, "metadata"?}`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.characters import parse_json, spelled, without_halves
from harness.errors import InputError
from harness.record.sections import SkippedFile
from harness.retrieval.readers import CODE_SUFFIXES, MAX_BYTES, READERS, Content, Unreadable, decode, read_plain
from harness.types import Document, JsonObject, Passage


@dataclass(frozen=True, slots=True)
class Corpus:
    documents: tuple[Document, ...]
    skipped: tuple[SkippedFile, ...] = ()
    passages: tuple[Passage, ...] = ()  # ready passages: indexed as they are


def load_documents(path: Path, strict: bool = False) -> Corpus:
    """Read a folder of documents, one document, or a .jsonl of ready passages.

    Args:
        path: the corpus. Symbolic links that lead out of it, or to folders, are not followed.
        strict: refuse the corpus when anything in it would be skipped.

    Raises:
        InputError: the path is missing, nothing in it can be read, or `strict` and something was skipped.
    """
    if not path.exists():
        raise InputError(f"{path}: no such corpus; expected a folder of documents or a .jsonl of passages")
    loaded = _load_folder(path) if path.is_dir() else _load_file(path, path.name)
    if strict and loaded.skipped:
        first = loaded.skipped[0]
        raise InputError(f"{path}: {len(loaded.skipped)} unreadable, first {first.file}: {first.reason} (--strict)")
    if not loaded.documents and not loaded.passages:
        why = f"; first: {loaded.skipped[0].file}: {loaded.skipped[0].reason}" if loaded.skipped else ""
        kinds = ", ".join(sorted(READERS))
        raise InputError(f"{path}: no readable document; expected files of kind {kinds} or a .jsonl of passages{why}")
    return loaded


def _load_folder(root: Path) -> Corpus:
    links = [spelled(_relative(link, root)) for link in _linked(root)]
    skipped = [SkippedFile(link, "symbolic link to a folder; not followed") for link in links]
    parts = []
    for file in _files(root):
        name = _relative(file, root)
        if without_halves(name) != name:
            skipped.append(SkippedFile(spelled(name), "its name is not UTF-8; rename it"))
        elif not file.resolve().is_relative_to(root.resolve()):
            skipped.append(SkippedFile(name, "symbolic link out of the corpus; copy the file in"))
        else:
            parts.append(_load_file(file, name))
    passages, repeated = _unique([p for part in parts for p in part.passages])
    skipped += [s for part in parts for s in part.skipped] + repeated
    return Corpus(tuple(d for part in parts for d in part.documents), tuple(skipped), passages)


def _files(root: Path) -> Iterator[Path]:
    """Regular files in a stable order; hidden ones are left out."""
    for folder, folders, files in os.walk(root, followlinks=False):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        yield from (Path(folder, name) for name in sorted(files) if not name.startswith("."))


def _linked(root: Path) -> list[Path]:
    return [Path(at, name) for at, names, _ in os.walk(root) for name in sorted(names) if Path(at, name).is_symlink()]


def _relative(file: Path, root: Path) -> str:
    return file.relative_to(root).as_posix()


def _load_file(file: Path, name: str) -> Corpus:
    try:
        raw = _bytes(file)
        if file.suffix.lower() == ".jsonl":
            return _ready_passages(raw, name)
        return Corpus((_document(raw, name, file.suffix.lower()),))
    except Unreadable as error:
        return Corpus((), (SkippedFile(name, str(error)),))


def _bytes(file: Path) -> bytes:
    try:
        if not file.is_file():
            raise Unreadable("not a regular file (a link that leads nowhere or in a circle?)")
        size, limit = file.stat().st_size, MAX_BYTES * (50 if file.suffix.lower() == ".jsonl" else 1)
        if size > limit:
            raise Unreadable(f"{size:,} bytes, more than {limit:,}; split it into documents")
        return file.read_bytes()
    except OSError as error:
        raise Unreadable(f"cannot be opened: {error.strerror or error}") from None


def _document(raw: bytes, name: str, suffix: str) -> Document:
    reader = READERS.get(suffix) or (read_plain if suffix in CODE_SUFFIXES else None)
    if reader is None:
        raise Unreadable(f"kind '{suffix or 'none'}' has no reader; known: {', '.join(sorted(READERS))}")
    content = reader(raw)
    if not content.text.strip():
        raise Unreadable("empty")
    return Document(name, _title(content, name, suffix), content.text, content.timestamp, dict(content.metadata))


def _title(content: Content, name: str, suffix: str) -> str:
    """The document's own title; for source code its path, which is what people search by."""
    if suffix in CODE_SUFFIXES:
        return name
    return content.title or Path(name).stem.replace("_", " ").replace("-", " ")


def _ready_passages(raw: bytes, name: str) -> Corpus:
    passages, skipped = [], []
    for number, line in enumerate(decode(raw).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            passages.append(_passage(parse_json(line)))
        except (ValueError, Unreadable, RecursionError) as error:
            skipped.append(SkippedFile(f"{name}:{number}", f"not a passage: {error}"))
    unique, repeated = _unique(passages)
    return Corpus((), (*skipped, *(SkippedFile(f"{name}: {s.file}", s.reason) for s in repeated)), unique)


def _unique(passages: list[Passage]) -> tuple[tuple[Passage, ...], list[SkippedFile]]:
    """The first passage of every id; the same text under the same id once more is not worth a word."""
    first: dict[str, Passage] = {}
    repeated = []
    for passage in passages:
        original = first.setdefault(passage.id, passage)
        if original is not passage and original.text != passage.text:
            repeated.append(SkippedFile(passage.id, "this id stands twice with different texts; the first is kept"))
    return tuple(first.values()), repeated


def _passage(row: object) -> Passage:
    if not isinstance(row, Mapping):
        raise Unreadable(f"found a {type(row).__name__}, expected an object with id and text")
    id, text = _required(row, "id"), _required(row, "text")
    source, meta = row.get("source"), row.get("metadata") or {}
    if not isinstance(meta, Mapping):
        raise Unreadable(f"'metadata' is a {type(meta).__name__}, expected an object")
    return Passage(
        id=id,
        doc=str(source) if source else id,
        title=str(row.get("title") or ""),
        text=text.replace("\0", ""),
        timestamp=str(row["timestamp"]) if row.get("timestamp") else None,
        metadata={str(k): str(v) for k, v in meta.items() if k != "heading"},
        heading=str(meta.get("heading", "")),
    )


def _required(row: JsonObject, key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise Unreadable(f"'{key}' is {value!r}, expected text")
    return value
