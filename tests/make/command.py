"""A command of the tool, run in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def command(*arguments: str) -> int:
    """The exit code of `harness ARGUMENTS`."""
    from harness.cli.main import main

    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


@contextmanager
def edited(file: Path, old: str, new: str) -> Iterator[None]:
    """The file with a passage replaced while the block lasts; an empty `old`: with a passage at its end."""
    text = file.read_text()
    file.write_text(text.replace(old, new) if old else text + new)
    try:
        yield
    finally:
        file.write_text(text)
