"""The terminal, or 80 columns where there is none; colour where it shows, and NO_COLOR is not set."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from harness.characters import printable

if TYPE_CHECKING:
    from rich.console import Console


COLOURS = {"GO": "bold green", "NO-GO": "bold red", "NOT PROVEN": "bold yellow"}


def console(*, stderr: bool) -> Console:
    """A console on standard output or standard error."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else 80)


def window(*, stderr: bool = False) -> int:
    """The columns of the window that text is laid out for; of a pipe or a file, what COLUMNS says, or 100."""
    from harness.report.text.layout import WIDTH

    stream = sys.stderr if stderr else sys.stdout
    fallback = (WIDTH, 24)
    return shutil.get_terminal_size(fallback).columns if stream.isatty() or "COLUMNS" in os.environ else WIDTH


def show_verdict(text: str, word: str) -> None:
    """The text of a verdict, which begins with its word; the word in colour on a terminal that shows colours."""
    if sys.stdout.isatty():
        from rich.text import Text

        words = Text(text)
        words.stylize(COLOURS.get(word, "bold"), 0, len(word))
        console(stderr=False).print(words, soft_wrap=True)
    else:
        print(text)


def tell(lines: Iterable[str]) -> None:
    """Lines on standard error, whatever signs stand in them."""
    for line in lines:
        print(printable(line), file=sys.stderr)
