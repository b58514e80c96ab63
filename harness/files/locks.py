"""Locks among processes: whoever makes something keeps others from it, and who waits is told for whom and how long.

    with hold(folder / "lock", "builds the index of corpus"):
        ...                       # another process says: waiting for another run that builds ... (pid 123, 40 s)

The locks are filelock's, which the libraries of the models bring: the kernel drops one with the process that had it, so
that none is ever stale. Where a file system has none (some network shares), filelock's marker file stands in: it names
process and machine, and one of a process that is gone is taken over. portalocker and fasteners know no such marker.

No deadlock: a run's lock comes before those of its stages, these before that of an index, and nobody waits for one
stage while having another to himself that nothing works on (`harness/engine/turns.py`).
"""

from __future__ import annotations

import errno
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from harness.notices import tell

if TYPE_CHECKING:
    from filelock import BaseFileLock

POLL = 0.2  # seconds between two looks at a lock that another process has
PATIENCE = 1.0  # seconds before anything is said of waiting
EVERY = 30.0  # seconds between two lines about one wait
LAST_WORDS = 1.0  # seconds that the workers of a killed process may take to notice
NO_LOCKS = frozenset({errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP})


@dataclass(frozen=True, slots=True)
class Holder:
    """The holder of a lock."""

    pid: int
    host: str
    since: float  # seconds of the epoch
    work: str  # what it does, after "another run that"

    @property
    def words(self) -> str:
        where = "" if self.host == socket.gethostname() else f" on {self.host}"
        return f"another run that {self.work} (pid {self.pid}{where}, {max(0.0, time.time() - self.since):.0f} s)"


@dataclass(slots=True)
class Lock:
    """A lock in a file; one object is used by one process, for itself and for its workers."""

    file: Path
    work: str  # what is done under it
    _lock: BaseFileLock | None = field(default=None, init=False)

    def take(self) -> bool:
        """Whether the lock is this process's from here on. Never waits for another run.

        Raises:
            OSError: its folder cannot be written.
        """
        from filelock import Timeout

        self.file.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock = _native(self.file)
            lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
            lock = _marker(self.file)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                return False
        self._lock = lock
        self._inherit()
        me = Holder(os.getpid(), socket.gethostname(), time.time(), self.work)
        self._about.write_text(json.dumps(asdict(me)), encoding="utf-8")
        return True

    def release(self) -> None:
        """Give it back, and leave no file behind."""
        if self._lock is not None:
            with suppress(OSError):
                self._about.unlink(missing_ok=True)
            if _is_native(self._lock):  # still held: who waits looks again once it sees that the file has no name
                with suppress(OSError):
                    self.file.unlink(missing_ok=True)
            self._lock.release()
            self._lock = None

    @property
    def holder(self) -> Holder | None:
        """The holder, as far as that was written down."""
        try:
            return Holder(**json.loads(self._about.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    @property
    def waiting(self) -> str:
        """The line for whoever waits for it."""
        holder = self.holder
        if holder is None:
            return "waiting for another run"
        remote = holder.host != socket.gethostname()
        more = f"; if none is at work there, delete {_marker_of(self.file)}" if remote else ""
        return f"waiting for {holder.words}{more}"

    @property
    def _about(self) -> Path:
        return self.file.with_name(f"{self.file.name}.json")

    def _inherit(self) -> None:
        """After a process that was killed: its workers end by themselves, within moments."""
        if self._about.exists():
            time.sleep(LAST_WORDS)


class Wait:
    """One wait: a line after a second, and again every half minute."""

    def __init__(self, say: Callable[[str], None] = tell, clock: Callable[[], float] = time.monotonic) -> None:
        self._say, self._clock = say, clock
        self._next = clock() + PATIENCE

    def look(self, lock: Lock) -> None:
        """Say what is waited for, if it is time."""
        if self._clock() >= self._next:
            self._say(lock.waiting)
            self._next = self._clock() + EVERY


@contextmanager
def hold(file: Path, work: str) -> Iterator[None]:
    """The lock in `file` for as long as the block lasts, however long another run keeps it before."""
    lock, wait = Lock(file, work), Wait()
    while not lock.take():
        wait.look(lock)
        time.sleep(POLL)
    try:
        yield
    finally:
        lock.release()


def _native(file: Path) -> BaseFileLock:
    from filelock import FileLock

    return FileLock(file, thread_local=False, fallback_to_soft=False)


def _marker(file: Path) -> BaseFileLock:
    from filelock import SoftFileLock

    _tell_once(file.parent)
    return SoftFileLock(_marker_of(file), thread_local=False)


def _marker_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.marker")


def _is_native(lock: BaseFileLock) -> bool:
    from filelock import SoftFileLock

    return not isinstance(lock, SoftFileLock)


@cache
def _tell_once(folder: Path) -> None:
    tell(f"{folder}: its file system has no locks; marker files stand in, and one that another machine left must be "
         "deleted by hand")  # fmt: skip
