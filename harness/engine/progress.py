"""Progress with an estimate: bars on a terminal, plain lines elsewhere (CI logs), always on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.engine.overall import Overall
from harness.marks import GOOD
from harness.stats.numbers import duration, show_seconds

if TYPE_CHECKING:
    from rich.console import Console

Progress = Callable[[str, int, int], None]  # label, done, total
EVERY = 15.0  # seconds between plain lines of one stage
WHOLE = 60.0  # seconds between plain lines about the whole
WIDEST = 32  # columns of a label


def silent(label: str, done: int, total: int) -> None:
    """Progress that nobody is shown."""


@contextmanager
def shown_progress(expected: Mapping[str, float] | None = None, seconds: float = 0.0) -> Iterator[Progress]:
    """A progress callback `(label, done, total)` that draws itself until the block ends.

    Args:
        expected: label -> seconds of every step that is to be done; None: no plan is known, and no end of the whole.
        seconds: of all of them, side by side.
    """
    overall = None if expected is None else Overall(expected, seconds)
    if sys.stderr.isatty():
        from rich.console import Console

        with bars(Console(stderr=True), overall) as progress:
            yield progress
        return

    def write(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    each = plain_lines(write)
    yield each if overall is None else with_the_whole(each, overall, write)


@contextmanager
def bars(console: Console, overall: Overall | None) -> Iterator[Progress]:
    """A bar a step that is at work, a line a step that is done, and below them the whole."""
    from rich.progress import BarColumn, TaskID, TextColumn
    from rich.progress import Progress as Bars
    from rich.table import Column

    label = TextColumn("{task.description}", markup=False, table_column=Column(width=_width(overall), no_wrap=True))
    count = TextColumn("{task.fields[words]}", markup=False, table_column=Column(no_wrap=True))
    with Bars(label, BarColumn(None, table_column=Column(ratio=1)), count, console=console, expand=True) as live:
        whole = None if overall is None else live.add_task("the whole", total=1.0, words=overall.words)
        tasks: dict[str, TaskID] = {}
        began: dict[str, float] = {}
        finished: set[str] = set()

        def progress(label: str, done: int, total: int) -> None:
            now = began.setdefault(label, time.monotonic())
            if overall is not None and whole is not None:
                overall.note(label, done, total)
                live.update(whole, completed=overall.share, words=overall.words)
            if done >= total:
                if label in tasks:
                    live.remove_task(tasks.pop(label))
                if label not in finished:
                    finished.add(label)
                    live.console.print(_line(label, total, time.monotonic() - now, console.width), markup=False,
                                        highlight=False, no_wrap=True, overflow="ellipsis")  # fmt: skip
                return
            if label not in tasks:
                tasks[label] = live.add_task(label, total=total, words="")
            live.update(tasks[label], completed=done, total=total, words=_words(done, total, time.monotonic() - now))

        yield progress


def _width(overall: Overall | None) -> int:
    longest = max((len(label) for label in overall.expected), default=0) if overall is not None else 24
    return max(len("the whole"), min(WIDEST, longest))


def _line(label: str, total: int, seconds: float, width: int) -> str:
    """A step that is done; its numbers at the right edge of a narrow window, else behind a column of names."""
    names = min(max(24, len(label)), max(10, width - 24))
    return f"{GOOD} {label:<{names}}  {total:>6,}  {show_seconds(seconds):>12}"


def _words(done: int, total: int, elapsed: float) -> str:
    rest = f", about {duration(elapsed / done * (total - done))} left" if 0 < done < total and elapsed > 1 else ""
    return f"{done:,} of {total:,}{rest}"


def with_the_whole(each: Progress, overall: Overall, write: Callable[[str], None]) -> Progress:
    """Plain lines with one about the whole every minute."""
    last = overall.clock()

    def progress(label: str, done: int, total: int) -> None:
        nonlocal last
        each(label, done, total)
        overall.note(label, done, total)
        if overall.clock() - last >= WHOLE and overall.steps_done < overall.steps:
            last = overall.clock()
            write(f"{overall.words}")

    return progress


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
        mark = f"{GOOD} " if done >= total else ""
        write(f"{mark}{label}: {done}/{total} ({elapsed:.0f} s{rest})")

    return progress
