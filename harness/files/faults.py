"""Failures that are the environment's: a full disk, a worker killed for memory, a folder that may not be written.

Libraries wrap what the system said: a full disk comes as sqlite's "database or disk is full" out of a vector store, as
a SafetensorError or a bare RuntimeError out of a checkpoint. What is known by its code or text, or happens while the
disk of the cache is full, is told as what it is.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from pathlib import Path

from harness.files.paths import cache_dir, reports_dir

KNOWN: dict[int | None, str] = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
    errno.EIO: "the disk, or what stands for one, failed (input/output error)",
    errno.ESTALE: "a network share was taken away (stale file handle)",
    errno.EMFILE: "too many open files",
    errno.ENFILE: "too many open files in the system",
}
ELSEWHERE = "mend it or name another folder (HARNESS_CACHE, HARNESS_REPORTS)"
FULL_TEXTS = ("no space left on device", "disk is full", "disk full")
FULL_BYTES = 1 << 16  # less room than this, and what just failed failed for want of it


def environment_message(error: BaseException) -> str | None:
    """The fault around the work, in one line with what to do; None where the work itself is at fault."""
    chain = list(_chain(error))
    for one in chain:
        if isinstance(one, OSError) and one.errno in KNOWN:
            at = f" at {one.filename}" if one.filename else ""
            return f"{KNOWN[one.errno]}{at}; {_next('make room' if one.errno in _ROOM else ELSEWHERE)}"
        if isinstance(one, BrokenExecutor):
            return f"a worker was killed, most likely for want of memory; {_next('add --workers 1')}"
        if isinstance(one, MemoryError):
            return f"out of memory; {_next('make room')}"
    full = _full_folder()
    if full is not None or any(text in str(one).lower() for one in chain for text in FULL_TEXTS):
        return f"the disk is full at {full or cache_dir()}; {_next('make room')}"
    return None


_ROOM = (errno.ENOSPC, errno.EDQUOT)


def _next(remedy: str) -> str:
    return f"finished work is kept; {remedy} and run the same command again"


def _chain(error: BaseException) -> Iterator[BaseException]:
    ids: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in ids:
        ids.add(id(at))
        yield at
        at = at.__cause__ or at.__context__


def _full_folder() -> Path | None:
    for folder in (cache_dir(), reports_dir()):
        try:
            if shutil.disk_usage(folder).free < FULL_BYTES:
                return folder
        except OSError:  # not made yet
            continue
    return None
