"""Progress with an estimate: bars on a terminal, plain lines elsewhere (CI logs), always on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str, int, int], None]  # label, done, total
EVERY = 15.0  # seconds between plain lines of one stage


def silent(label: str, done: int, total: int) -> None:
    """Progress that nobody is shown."""


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """A progress callback `(label, done, total)` that draws itself until the block ends."""
    if sys.stderr.isatty():
        with _bars() as progress:
            yield progress
    else:
        yield plain_lines(lambda line: print(line, file=sys.stderr, flush=True))


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<24}"), BarColumn(28), MofNCompleteColumn())
    with Bars(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True)) as bars:
        tasks: dict[str, int] = {}

        def progress(label: str, done: int, total: int) -> None:
            if label not in tasks:
                tasks[label] = bars.add_task(label, total=total)
            bars.update(tasks[label], completed=done, total=total)  # type: ignore[arg-type]

        yield progress


def plain_lines(write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> Progress:
    """A progress callback that writes one line at a stage's start, every 15 s, and at its end."""
    started: dict[str, float] = {}
    last_line: dict[str, float] = {}  # when each label last had a line

    def progress(label: str, done: int, total: int) -> None:
        now = clock()
        start = started.setdefault(label, now)
        if done < total and now - last_line.get(label, -EVERY) < EVERY:
            return
        last_line[label] = now
        elapsed = now - start
        rest = f", about {elapsed / done * (total - done):.0f} s left" if 0 < done < total and elapsed > 1 else ""
        write(f"{label}: {done}/{total} ({elapsed:.0f} s{rest})")

    return progress
