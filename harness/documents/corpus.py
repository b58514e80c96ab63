"""A corpus on disk -> documents, or ready passages. What cannot be read is skipped, named and counted.

One bad file never ends a run: whatever happens inside a reader becomes the reason why its file was skipped.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from harness.characters import without_halves
from harness.documents.folder import Listing, list_folder, read_file
from harness.documents.formats import CODE_SUFFIXES, EXPORT_AS, FORMATS, MAX_TEXT, DocumentFormat, format_of
from harness.documents.passages import PassageRows, passage_rows, unique_passages
from harness.documents.results import Content, Unreadable
from harness.errors import InputError, MissingExtra
from harness.files.input_file import fault_of, is_dir, legible
from harness.record.sections import FileRemark, SkippedFile
from harness.types import Document, Passage

_ROWS = ".jsonl", ".ndjson"
_MAX_ROWS = 50 * MAX_TEXT  # bytes of a file with one passage a line
_LOUD = ("pypdf", "mammoth", "openpyxl", "odfdo", "chardet")  # loggers that speak of every oddity of a file


@dataclass(frozen=True, slots=True)
class Corpus:
    """A corpus as it was read: documents or passages, and remarks on the reading."""

    documents: tuple[Document, ...]
    skipped: tuple[SkippedFile, ...] = ()
    passages: tuple[Passage, ...] = ()  # ready passages: indexed as they are
    remarks: tuple[FileRemark, ...] = ()  # files that were read otherwise than they are written


def load_documents(path: Path, strict: bool = False) -> Corpus:
    """Read a folder of documents, one document, or a .jsonl of ready passages.

    Args:
        path: the corpus. Symbolic links that lead out of it, or to folders, are not followed.
        strict: refuse the corpus when anything in it would be skipped.

    Raises:
        InputError: the path is missing, nothing in it can be read, or `strict` and something was skipped.
    """
    if (fault := fault_of(path, "file or folder")) is not None:
        what = "no such corpus" if fault.startswith("no such") else fault
        raise InputError(f"{legible(path)}: {what}; expected a folder of documents or a .jsonl of passages")
    corpus = _load_folder(path) if is_dir(path) else _load_file(path, path.name)
    if strict and corpus.skipped:
        first = corpus.skipped[0]
        raise InputError(f"{path}: {len(corpus.skipped)} unreadable, first {first.file}: {first.reason} (--strict)")
    if not corpus.documents and not corpus.passages:
        why = f"; first: {corpus.skipped[0].file}: {corpus.skipped[0].reason}" if corpus.skipped else ""
        kinds = ", ".join(sorted(FORMATS))
        raise InputError(f"{path}: no readable document; expected files of kind {kinds} or a .jsonl of passages{why}")
    return corpus


def files_of(path: Path, corpus: Corpus) -> tuple[tuple[Path, str], ...]:
    """The files that a corpus was read from, each with its name in it; without those that were skipped."""
    skipped = {row.file for row in corpus.skipped}
    files = _listing(path).files if is_dir(path) else ((path, path.name),)
    return tuple((file, name) for file, name in files if name not in skipped)


def _listing(root: Path) -> Listing:
    return list_folder(root, {*FORMATS, *CODE_SUFFIXES, *_ROWS})


def _load_folder(root: Path) -> Corpus:
    listing = _listing(root)
    corpus = _join(_load_file(file, name) for file, name in listing.files)
    passages, repeated = unique_passages(corpus.passages)
    return replace(corpus, skipped=(*listing.skipped, *corpus.skipped, *repeated), passages=passages)


def _join(parts: Iterable[Corpus]) -> Corpus:
    every = tuple(parts)
    return Corpus(
        documents=tuple(document for part in every for document in part.documents),
        skipped=tuple(skipped for part in every for skipped in part.skipped),
        passages=tuple(passage for part in every for passage in part.passages),
        remarks=tuple(remark for part in every for remark in part.remarks),
    )


def _load_file(file: Path, name: str) -> Corpus:
    suffix = file.suffix.lower()
    try:
        if suffix in _ROWS:
            return _load_rows(read_file(file, _MAX_ROWS), name)
        kind = _kind(suffix)
        return _documents(_content(read_file(file, kind.max_bytes), kind), name, suffix)
    except Unreadable as error:
        return Corpus((), (SkippedFile(name, str(error)),))


def _kind(suffix: str) -> DocumentFormat:
    kind = format_of(suffix)
    if kind is None:
        advice = EXPORT_AS.get(suffix) or f"known kinds: {', '.join(sorted(FORMATS))}"
        raise Unreadable(f"kind '{suffix or 'none'}' has no reader; {advice}")
    return kind


def _content(raw: bytes, kind: DocumentFormat) -> Content:
    """The content that a reader makes of a file's bytes. Whatever goes wrong inside it is a reason to skip the file."""
    levels = {name: logging.getLogger(name).level for name in _LOUD}
    try:
        for name in _LOUD:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return kind.read(raw)
    except Unreadable:
        raise
    except MissingExtra as error:
        raise Unreadable(f"reading {kind.title} needs a library: {error}") from None
    except Exception as error:  # one bad file never ends a run: libraries raise what they like at broken ones
        what = f"{type(error).__name__}: {error}".rstrip(": ")
        raise Unreadable(f"not readable as {kind.title} ({what}); is it complete? Export it again") from None
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def _load_rows(raw: bytes, name: str) -> Corpus:
    rows = passage_rows(raw, name)
    if isinstance(rows, PassageRows):
        return Corpus((), rows.skipped, rows.passages, tuple(FileRemark(name, text) for text in rows.remarks))
    return _documents(rows, name, ".jsonl")


def _documents(content: Content, name: str, suffix: str) -> Corpus:
    """The document of a file, or those of its records. Unreadable where there is no word in it."""
    remarks = tuple(FileRemark(name, text) for text in content.remarks)
    records = {f"{name}/{id}": record for id, record in content.records.items()} or {name: content}
    empty = tuple(id for id, record in records.items() if not record.text.strip())
    if len(empty) == len(records):
        raise Unreadable("no words in it; write it or take it out")
    readable = {id: record for id, record in records.items() if record.text.strip()}
    documents = tuple(_document(record, id, suffix) for id, record in readable.items())
    return Corpus(documents, tuple(SkippedFile(id, "a record without words") for id in empty), (), remarks)


def _document(content: Content, id: str, suffix: str) -> Document:
    title, text = without_halves(_title(content, id, suffix)), without_halves(content.text)
    meta = {key: without_halves(value) for key, value in content.metadata.items()}
    return Document(id, title, text, content.timestamp, meta)


def _title(content: Content, name: str, suffix: str) -> str:
    """The document's own title; for source code its path, which is what people search by."""
    if suffix in CODE_SUFFIXES:
        return name
    return content.title or Path(name).stem.replace("_", " ").replace("-", " ")
