"""`harness init`: a new scenario folder from a packaged one, ready to run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init_command(
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
    source: Annotated[str, typer.Option("--from", help="The packaged scenario to start from.")] = "helpdesk",
) -> None:
    """Write a starter scenario that runs as it is: change its files to your own."""
    from harness.scenario.starters import copy_starter

    copy_starter(source, folder)
    print(f"wrote {folder}; next: harness advise --scenario {folder}; harness run {folder}")
