"""A limit in seconds and bytes on Python code of others that may loop or grow for ever, such as a chat template.

within(2.0, lambda: template.render(...))    # TooLong after two seconds
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 20  # times the limit, by the clock on the wall: a busy machine is slow, not wrong
MOST = 1 << 29  # bytes that the work may add to the process


class TooLong(Exception):
    """Raised where a call does not come to an end in time."""


def within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` returns or raises. It runs in a thread of its own, in which TooLong is raised when the time is up:
    that of the processor, so that other work on the machine does not count.

    MemoryError where it would take more than MOST.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    with _bounded():
        thread.start()
        start = time.monotonic()
        while thread.is_alive() and time.monotonic() - start < seconds * PATIENCE:
            thread.join(0.05)
            if _processor_seconds(thread, start) > seconds:
                break
        if thread.is_alive() and thread.ident is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(TooLong))
            thread.join(1.0)
            raise TooLong(f"no end after {seconds:g} s")
    if errors:
        raise errors[0]
    return results[0]


def _processor_seconds(thread: threading.Thread, start: float) -> float:
    """Seconds that a thread had of the processor; those since its start where the system does not say."""
    from psutil import Error, Process

    try:
        times = (row.user_time + row.system_time for row in Process().threads() if row.id == thread.native_id)
        return next(times, 0.0)  # none of it: it has ended by now
    except Error:
        return time.monotonic() - start


@contextmanager
def _bounded() -> Iterator[None]:
    """The process gets no more than MOST bytes of addresses meanwhile; no limit where the system has none to set."""
    import psutil

    process = psutil.Process()
    if not hasattr(process, "rlimit"):
        yield
        return
    soft, hard = process.rlimit(psutil.RLIMIT_AS)
    most = process.memory_info().vms + MOST
    if any(limit != psutil.RLIM_INFINITY and limit <= most for limit in (soft, hard)):
        yield
        return
    process.rlimit(psutil.RLIMIT_AS, (most, hard))
    try:
        yield
    finally:
        process.rlimit(psutil.RLIMIT_AS, (soft, hard))
