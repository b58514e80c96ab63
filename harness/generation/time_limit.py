"""A limit in seconds on Python code of others that may loop for ever, such as a chat template.

within(2.0, lambda: template.render(...))    # TooLong after two seconds
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class TooLong(Exception):
    """Raised where a call does not come to an end in time."""


def within(seconds: float, work: Callable[[], T]) -> T:
    """The result of `work`, or its error; it runs in a thread of its own, where TooLong ends it when time is up."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive() and thread.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(TooLong))
        thread.join(1.0)
        raise TooLong(f"no end after {seconds:g} s")
    if errors:
        raise errors[0]
    return results[0]
