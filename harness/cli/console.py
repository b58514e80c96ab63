"""The terminal, or 80 columns where there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from harness.characters import printable

if TYPE_CHECKING:
    from rich.console import Console


def console(*, stderr: bool) -> Console:
    """A console on standard output or standard error."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else 80)


def tell(lines: Iterable[str]) -> None:
    """Lines on standard error, whatever signs stand in them."""
    for line in lines:
        print(printable(line), file=sys.stderr)
