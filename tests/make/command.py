"""A command of the tool, run in this process."""

from __future__ import annotations

import pytest


def command(*arguments: str) -> int:
    """The exit code of `harness ARGUMENTS`."""
    from harness.cli.main import main

    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)
