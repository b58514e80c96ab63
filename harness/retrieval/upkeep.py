"""The upkeep of an index: how stale it is, a snapshot of it, and putting a snapshot back."""

from __future__ import annotations

import datetime
import shutil
from dataclasses import dataclass
from pathlib import Path

from harness.documents.corpus import load_documents
from harness.errors import InputError
from harness.files.hashing import content_hash
from harness.files.input_file import check_tree
from harness.files.output_path import new_folder
from harness.record.sections import FileRemark, SkippedFile
from harness.retrieval import index_files


@dataclass(frozen=True, slots=True)
class Staleness:
    """The distance of an index behind its corpus."""

    new: tuple[str, ...]  # documents that are not in the index
    changed: tuple[str, ...]  # documents that read otherwise than when they were indexed
    deleted: tuple[str, ...]  # documents in the index only
    oldest_days: int  # age of the oldest vectors
    median_days: int
    embedder: str
    skipped: tuple[SkippedFile, ...] = ()  # files of the corpus that are not read
    remarks: tuple[FileRemark, ...] = ()

    @property
    def current(self) -> bool:
        return not (self.new or self.changed or self.deleted)


def staleness(corpus: Path, index_dir: Path, today: datetime.date | None = None) -> Staleness:
    """Compare a stored index with its corpus; nothing is embedded and no model is loaded.

    Raises:
        InputError: no index, or one of another version.
    """
    folder = _generation(index_dir)
    manifest = index_files.read_manifest(folder)
    reading = load_documents(corpus)
    sources = {d.id: content_hash(d) for d in reading.documents} | {p.id: content_hash(p) for p in reading.passages}
    day = today or datetime.datetime.now(datetime.UTC).date()
    ages = sorted((day - datetime.date.fromisoformat(e.since)).days for e in index_files.read_entries(folder))
    return Staleness(
        new=tuple(sorted(sources.keys() - manifest.sources.keys())),
        changed=tuple(sorted(i for i in sources.keys() & manifest.sources.keys() if sources[i] != manifest.sources[i])),
        deleted=tuple(sorted(manifest.sources.keys() - sources.keys())),
        oldest_days=ages[-1],
        median_days=ages[len(ages) // 2],
        embedder=str(manifest.identity),
        skipped=reading.skipped,
        remarks=reading.remarks,
    )


def snapshot(index_dir: Path, target: Path) -> Path:
    """Copy the generation in use to the new folder `target`; InputError when that exists."""
    folder = _generation(index_dir)
    new_folder(target, "name a new one, so that no snapshot is written over")
    shutil.copytree(folder, target, ignore=index_files.MARKS, dirs_exist_ok=True)
    return target


def restore(source: Path, index_dir: Path) -> Path:
    """Make a snapshot the generation in use, in one step. The index before stays beside it until the next build."""
    check_tree(source)
    manifest = index_files.read_manifest(source)
    folder = index_files.new_generation(index_dir, manifest.key)
    with index_files.building(index_dir, index_dir.name):
        shutil.copytree(source, folder, ignore=index_files.MARKS)
        index_files.publish(index_dir, folder)
    return folder


def _generation(index_dir: Path) -> Path:
    folder = index_files.current(index_dir)
    if folder is None:
        raise InputError(f"{index_dir}: no index; build one with: harness index SCENARIO")
    return folder
