"""An index on disk: complete generations beside each other and a file that names the one in use.

    index/CURRENT                     gen-3f2a...-1c
    index/gen-3f2a...-1c/manifest.json  passages.jsonl  sparse/  headings/  chroma/

A new generation is built under its own name and published by replacing CURRENT in one step: a crash leaves the old
index whole, and a reader that has it open is not disturbed.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from harness.errors import InputError
from harness.record.codec import read_rows, to_json, write_atomic, write_rows
from harness.record.sections import SkippedFile
from harness.retrieval.embed import EmbedderIdentity
from harness.retrieval.entries import Entry

VERSION = 2
_POINTER, _MANIFEST, _PASSAGES = "CURRENT", "manifest.json", "passages.jsonl"


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
    hnsw: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)  # document id -> content hash
    language: str = "en"  # that its texts were cut into search terms by, and questions are
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class _Version:
    version: int | None = None


def current(index_dir: Path) -> Path | None:
    """The folder of the generation in use; None when nothing was built yet."""
    pointer = index_dir / _POINTER
    if not pointer.is_file():
        return None
    folder = index_dir / pointer.read_text(encoding="ascii").strip()
    return folder if (folder / _MANIFEST).is_file() else None


def usable(index_dir: Path) -> Path | None:
    """The generation in use, where this version can read it; an older or broken one is simply built again."""
    folder = current(index_dir)
    try:
        return folder if folder is not None and read_manifest(folder) else None
    except InputError:
        return None


def new_generation(index_dir: Path, key: str) -> Path:
    """A fresh folder name. Never reused: Chroma keeps a client per path as long as the process lives."""
    index_dir.mkdir(parents=True, exist_ok=True)
    return index_dir / f"gen-{key}-{uuid.uuid4().hex[:6]}"


def publish(index_dir: Path, folder: Path) -> None:
    """Make `folder` the generation in use and drop the ones before the last."""
    previous = current(index_dir)
    pointer = index_dir / f"{_POINTER}.{uuid.uuid4().hex[:6]}"
    with pointer.open("w", encoding="ascii") as stream:
        stream.write(folder.name)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(pointer, index_dir / _POINTER)
    for old in index_dir.glob("gen-*"):
        if old not in (folder, previous):
            shutil.rmtree(old, ignore_errors=True)


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
