"""An index on disk: complete generations beside each other and a file that names the one in use.

    index/CURRENT                     gen-3f2a...-1c
    index/gen-3f2a...-1c/manifest.json  passages.jsonl  sparse/  headings/  chroma/

A new generation is built under its own name and published by replacing CURRENT in one step: a crash leaves the old
index whole, and a reader that has it open is not disturbed. One process builds at a time (`lock`); a generation that
another has open stays until that one ends (`opened-*`).
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from harness.errors import InputError
from harness.files.locks import Lock, hold
from harness.notices import tell
from harness.record.codec import read_rows, to_json, write_atomic, write_rows
from harness.record.sections import FileRemark, SkippedFile
from harness.retrieval.embed import EmbedderIdentity
from harness.retrieval.entries import Entry

VERSION = 2
_POINTER, _MANIFEST, _PASSAGES, _OPENED = "CURRENT", "manifest.json", "passages.jsonl", "opened-"
MARKS = shutil.ignore_patterns("opened-*")  # of the processes that read a generation: no part of it
_CHANGING = ("chroma.sqlite3", _OPENED, _MANIFEST)  # not compared by size


@dataclass(frozen=True, slots=True)
class Manifest:
    """The ingredients of an index."""

    key: str  # hash of everything it was made from
    identity: EmbedderIdentity
    created: str  # ISO date and time, UTC
    documents: int
    passages: int
    vectors: int
    long: int  # passages embedded as several windows
    contextual: bool
    skipped: tuple[SkippedFile, ...] = ()
    remarks: tuple[FileRemark, ...] = ()
    hnsw: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)  # document id -> content hash
    language: str = "en"  # that its texts were cut into search terms by, and questions are
    sizes: Mapping[str, int] = field(default_factory=dict)  # bytes of each file, so that one that was cut is seen
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class _Version:
    version: int | None = None


def building(index_dir: Path, corpus: str) -> AbstractContextManager[None]:
    """The index for this process alone, as soon as no other builds it."""
    return hold(index_dir / "lock", f"builds the index of {corpus}")


def current(index_dir: Path) -> Path | None:
    """The folder of the generation in use; None when nothing was built yet, or its name leads nowhere."""
    try:
        name = (index_dir / _POINTER).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    folder = index_dir / name
    return folder if name.startswith("gen-") and (folder / _MANIFEST).is_file() else None


def usable(index_dir: Path, say: Callable[[str], None] = tell) -> Path | None:
    """The generation in use, where this version can read it; a broken one is named, and simply built again."""
    folder = current(index_dir)
    if folder is None:
        if (index_dir / _POINTER).exists():
            say(f"{index_dir / _POINTER}: names no whole index; it is built again")
        return None
    return folder if _readable(folder, say) else None


def of_key(index_dir: Path, key: str) -> list[Path]:
    """Generations made of the same: the one in use, or another scenario's with this corpus."""
    folders = sorted(index_dir.glob(f"gen-{key}-*"))
    return [folder for folder in folders if has_key(folder, key) and _readable(folder, silent)]


def has_key(folder: Path, key: str) -> bool:
    """Whether a generation is of this version and made of this."""
    try:
        return read_manifest(folder).key == key
    except InputError:
        return False


def silent(text: str) -> None:
    """Of what is broken, whoever is about to mend it speaks."""


def _readable(folder: Path, say: Callable[[str], None]) -> bool:
    try:
        manifest = read_manifest(folder)
    except InputError:
        say(f"{folder / _MANIFEST}: broken or of another version; the index is built again")
        return False
    damaged = [name for name, size in manifest.sizes.items() if not _has_size(folder / name, size)]
    if damaged:
        say(f"{folder / damaged[0]}: missing or cut; the index is built again")
    return not damaged


def _has_size(file: Path, size: int) -> bool:
    try:
        return file.stat().st_size == size
    except OSError:
        return False


def sizes_of(folder: Path) -> dict[str, int]:
    """Bytes of every file of a generation; those of the database are its own affair."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file() and not file.name.startswith(_CHANGING))
    return {file.relative_to(folder).as_posix(): file.stat().st_size for file in files}


def new_generation(index_dir: Path, key: str) -> Path:
    """A fresh folder name. Never reused: Chroma keeps a client per path as long as the process lives."""
    index_dir.mkdir(parents=True, exist_ok=True)
    return index_dir / f"gen-{key}-{uuid.uuid4().hex[:6]}"


def publish(index_dir: Path, folder: Path) -> None:
    """Make `folder` the generation in use and drop the ones before the last. Call it while `building`."""
    previous = current(index_dir)
    pointer = index_dir / f"{_POINTER}.{uuid.uuid4().hex[:6]}"
    with pointer.open("w", encoding="ascii") as stream:
        stream.write(folder.name)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(pointer, index_dir / _POINTER)
    for old in index_dir.glob("gen-*"):
        if old not in (folder, previous) and not _open_elsewhere(old):
            shutil.rmtree(old, ignore_errors=True)


def mark_open(folder: Path) -> Lock | None:
    """Say that this process reads a generation, until the lock is released; None where nothing can be written."""
    lock = Lock(folder / f"{_OPENED}{uuid.uuid4().hex[:8]}", "reads it")
    try:
        return lock if lock.take() else None
    except OSError:
        return None


def _open_elsewhere(folder: Path) -> bool:
    """Whether a process that lives reads a generation; marks of those that are gone are removed."""
    marks = [file for file in folder.glob(f"{_OPENED}*") if file.suffix != ".json"]
    free = [lock for lock in (Lock(file, "tidies up") for file in marks) if lock.take()]
    for lock in free:
        lock.release()
    return len(free) < len(marks)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    write_atomic(folder / _MANIFEST, to_json(manifest, indent=1))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a generation. InputError where it is of another version or broken."""
    file = folder / _MANIFEST
    try:
        raw = file.read_bytes()
        version = msgspec.json.decode(raw, type=_Version).version
        if version != VERSION:
            raise InputError(f"{file}: index version {version}, expected {VERSION}; build it again: harness index")
        return msgspec.json.decode(raw, type=Manifest)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: not an index ({error}); delete {folder.parent} and build it again") from None


def write_entries(folder: Path, entries: Iterable[Entry]) -> None:
    write_rows(folder / _PASSAGES, entries)


def read_entries(folder: Path) -> tuple[Entry, ...]:
    return tuple(read_rows(folder / _PASSAGES, Entry))
