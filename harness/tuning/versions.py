"""Versions of an adapter beside each other: `adapters/SCENARIO/v1`, `v2`, ..., none of them ever written over.

A version's folder holds the adapter, `version.json` and, where failures were found, `candidates.jsonl`. It is made
beside its place and moved there whole. The version in use is the newest that the gates let through, else the first.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.errors import InputError
from harness.files.hashing import content_hash
from harness.files.input_file import DOCUMENT, is_file, is_there, read_bytes, read_text
from harness.prompts import completion_text
from harness.record.codec import decode, to_json, write_atomic
from harness.types import Example, VerdictWord

EXAMPLES = "examples.txt"  # beside an adapter: content hashes of the examples that it was offered, a line each
VERSION, ADAPTER, CANDIDATES = "version.json", "adapter", "candidates.jsonl"


@dataclass(frozen=True, slots=True)
class AdapterVersion:
    """One version of the adapter of a scenario's arm."""

    number: int
    arm: str
    adapter: str  # content id
    created: str  # ISO date and time, UTC
    parent: int | None = None  # number of the version that training went on from; None: the first
    key: str | None = None  # hash of everything that the training read; None: the first
    examples_trained: int = 0  # by this step; those of earlier versions are not counted
    documents: Mapping[str, str] = field(default_factory=dict)  # of the corpus then: id -> content hash
    examples: tuple[str, ...] = ()  # content hashes of the tuning examples then
    run: str | None = None  # the run whose gates judged it; None: not judged yet
    verdict: VerdictWord | None = None

    @property
    def name(self) -> str:
        return f"{self.arm}-v{self.number}"


def example_hash(example: Example) -> str:
    """Content hash of a tuning example, wherever it stands."""
    context = None if example.context is None else [[p.id, p.text] for p in example.context]
    return content_hash([example.user, completion_text(example.output), example.use, context])


def write_examples(folder: Path, examples: Iterable[Example]) -> None:
    """Note beside an adapter which examples it was offered, so that a later cycle knows which are new."""
    (folder / EXAMPLES).write_text("".join(f"{example_hash(example)}\n" for example in examples), encoding="utf-8")


def read_examples(folder: Path) -> tuple[str, ...]:
    """What `write_examples` noted; none where nothing was, so that every example counts as new."""
    if not is_file(folder / EXAMPLES):
        return ()
    return tuple(read_text(folder / EXAMPLES, DOCUMENT).split())


def read_versions(home: Path) -> tuple[AdapterVersion, ...]:
    """Every version, the oldest first. InputError where a file of one is broken."""
    folders = [path.parent for path in home.glob(f"v*/{VERSION}")]
    rows = [decode(read_bytes(f / VERSION, DOCUMENT), AdapterVersion, str(f / VERSION)) for f in folders]
    return tuple(sorted(rows, key=lambda row: row.number))


def in_use(versions: Iterable[AdapterVersion]) -> AdapterVersion | None:
    """The newest version with GO, else the first; None where there is none."""
    rows = tuple(versions)
    return next((row for row in reversed(rows) if row.verdict == "GO"), rows[0] if rows else None)


def folder_of(home: Path, version: AdapterVersion) -> Path:
    return home / f"v{version.number}"


def adapter_of_version(home: Path, version: AdapterVersion) -> Path:
    """The folder of a version's adapter."""
    return folder_of(home, version) / ADAPTER


def publish(home: Path, version: AdapterVersion, adapter: Path, candidates: str = "") -> None:
    """Put a version in its place, whole or not at all. InputError where that number is taken already."""
    target = folder_of(home, version)
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=".new-") as scratch:
        folder = Path(scratch) / target.name
        shutil.copytree(adapter, folder / ADAPTER)
        if candidates:
            (folder / CANDIDATES).write_text(candidates, encoding="utf-8")
        (folder / VERSION).write_text(to_json(version, indent=1) + "\n", encoding="utf-8")
        if is_there(target):
            raise InputError(f"{target}: a version of that number is there already; run the command again")
        folder.rename(target)


def note_verdict(home: Path, version: AdapterVersion, run: str, verdict: VerdictWord) -> AdapterVersion:
    """The version with what its run said, on disk too."""
    judged_version = replace(version, run=run, verdict=verdict)
    write_atomic(folder_of(home, version) / VERSION, to_json(judged_version, indent=1) + "\n")
    return judged_version
