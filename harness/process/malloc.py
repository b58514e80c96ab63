"""Memory settings of a process: before it starts, and before it imports much."""

from __future__ import annotations

import gc

# glibc gives large blocks back to the system and faults them in again page by page. Kept, a tuning step of the built-in
# model takes 11 % less, its own training a fifth. Read when a process starts, so the parent's environment must hold it.
KEEP_FREED = {"MALLOC_MMAP_THRESHOLD_": str(4 << 30), "MALLOC_TRIM_THRESHOLD_": str(8 << 30)}

# Loading modules and reading records makes hundreds of thousands of objects and no garbage. At Python's 700 the
# collector looks through them again and again: a fifth of the processor time of a command that finds its run done.
ALLOCATIONS_BETWEEN_LOOKS = 50_000


def look_for_garbage_less_often() -> None:
    """In this process, from here on."""
    gc.set_threshold(ALLOCATIONS_BETWEEN_LOOKS)
