"""Notices: one line for whoever started the command, from any depth: what was built again, what is waited for.

Libraries that use the package and hear nothing of standard error lose nothing: a notice never carries a result.
"""

from __future__ import annotations

import sys

from harness.characters import printable


def first_line(error: BaseException) -> str:
    """The words of an error of somebody else's, cut to a line."""
    text = str(error).strip() or type(error).__name__
    return " ".join(text.split("\n")[0].split())[:200]


def tell(text: str) -> None:
    """One line on standard error."""
    print(f"harness: {printable(text)}", file=sys.stderr, flush=True)
