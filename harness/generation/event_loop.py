"""An event loop in a thread of its own, for the network's edge: everything around it stays synchronous.

Only there can a whole request be given a limit in time, whatever the server drips; and a caller that has a loop running
(a notebook) is not disturbed.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from functools import lru_cache
from typing import Any, TypeVar

T = TypeVar("T")


def submit(work: Coroutine[Any, Any, T]) -> Future[T]:
    """Start some work; its result, or its error, is in the future."""
    return asyncio.run_coroutine_threadsafe(work, _loop())


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="harness-network", daemon=True).start()
    return loop
