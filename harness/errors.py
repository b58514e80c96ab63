"""The error tree: what went wrong, whose side it is on, and the exit code that says so.

Every message says where, what was found, what was expected and what to do, in one line:
`golden_sets/hr.jsonl:17: kind 'lookup' has no accepted answers; only 'unanswerable' cases may`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")


class HarnessError(Exception):
    """Base of every error that the command line shows as one message, without a traceback."""

    exit_code = 2


class InputError(HarnessError):
    """Bad input or bad use: a file, a setting or an argument is not what it must be (exit 2)."""

    exit_code = 2


class InputFaults(InputError):
    """Several faults of one input, each a line of its own."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))

    def __reduce__(self) -> tuple[type[InputFaults], tuple[tuple[str, ...]]]:
        """A worker's error travels to its parent as a pickle."""
        return type(self), (self.faults,)


def raise_faults(faults: Sequence[str]) -> None:
    """All that is wrong with an input, in one error; nothing where nothing is."""
    distinct = tuple(dict.fromkeys(faults))
    if len(distinct) == 1:
        raise InputError(distinct[0])
    if distinct:
        raise InputFaults(distinct)


class EnvironmentFailure(HarnessError):
    """The surroundings failed: disk full, a server or hub out of reach, memory gone; work is kept (exit 4)."""

    exit_code = 4


class MissingExtra(InputError):
    """An optional library is not installed; the message names the line that installs it."""

    def __init__(self, package: str, extra: str) -> None:
        self.package, self.extra = package, extra
        super().__init__(f"{package} is not installed; install it with: pip install 'rag-or-tune-harness[{extra}]'")

    def __reduce__(self) -> tuple[type[MissingExtra], tuple[str, str]]:
        """A worker's error travels to its parent as a pickle."""
        return type(self), (self.package, self.extra)


def one_line(text: object, limit: int = 200) -> str:
    """Words of others as part of a message: one line, no control characters, cut at `limit`."""
    line = " ".join(_INVISIBLE.sub(" ", str(text)).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
