"""Files as they were read: each with the hash of what stood in it, so that a file edited meanwhile is recognised.

    cases, golden = read_settled(path, load_cases)     # golden.hash is of the text that these cases are from
    refuse_changed([golden])                           # InputError: golden.jsonl: changed while ...

A run works for minutes on files that people edit. What it stores it stores under the hash of what it read, and a step
that opens a file again (the corpus, for its index) counts as done only if the file is still the same afterwards.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from harness.errors import InputError
from harness.files.hashing import file_hash
from harness.files.input_file import is_dir

T = TypeVar("T")
Stamps = tuple[tuple[str, int, int, int], ...]  # path, bytes, and the nanoseconds of two clocks that edits move

TRIES = 5  # readings of a file that is being written
PAUSE = 0.2  # seconds between them


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file or folder, and what stood in it when it was read."""

    path: Path
    hash: str
    at: float  # seconds of the epoch

    @property
    def changed(self) -> bool:
        """Whether something else stands there now."""
        return hash_now(self.path) != self.hash

    @property
    def changed_file(self) -> Path:
        """The file that was edited: the newest one of a folder, or the folder where one is gone."""
        if not is_dir(self.path):
            return self.path
        newest = max(_files(self.path), key=lambda file: _stamp(file)[2:], default=self.path)
        return newest if _stamp(newest)[3] >= self.at * 1e9 else self.path


def read_settled(path: Path, load: Callable[[Path], T]) -> tuple[T, ReadFile]:
    """The value that `load` makes of a file or folder, and the hash of exactly that.

    Raises:
        InputError: it is written again and again while it is read; or what `load` raises.
    """
    for _ in range(TRIES):
        at, before = time.time(), stamps(path)
        value = load(path)
        content = file_hash(path)
        if stamps(path) == before:
            return value, ReadFile(path, content, at)
        time.sleep(PAUSE)
    raise InputError(f"{path}: is being written; run again when it is whole")


def note(path: Path) -> ReadFile:
    """A file that is opened later, as it stands now."""
    return read_settled(path, lambda _: None)[1]


def refuse_changed(files: Iterable[ReadFile]) -> None:
    """InputError names the first file in which something else stands than was read."""
    for file in files:
        if file.changed:
            raise InputError(
                f"{file.changed_file}: changed while the run was at work; run it again, or put the file back: finished "
                "steps are kept under what they were made from"
            )


def hash_now(path: Path) -> str:
    """`file_hash`, for which nothing is read again while size and times stand still; empty where there is nothing."""
    try:
        return _hash_of(path, stamps(path))
    except OSError:
        return ""


@lru_cache(maxsize=64)
def _hash_of(path: Path, stamps: Stamps) -> str:
    return file_hash(path)


def stamps(path: Path) -> Stamps:
    """Size and times of a file, or of every file of a folder."""
    return tuple(sorted(map(_stamp, _files(path))))


def _stamp(file: Path) -> tuple[str, int, int, int]:
    try:
        state = file.stat()
    except OSError:  # gone since, or a link that leads nowhere
        return str(file), -1, 0, 0
    return str(file), state.st_size, state.st_mtime_ns, state.st_ctime_ns


def _files(path: Path) -> list[Path]:
    return [Path(at, name) for at, _, names in os.walk(path) for name in names] if is_dir(path) else [path]
