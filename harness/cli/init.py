"""`harness init`: a new scenario folder from a packaged one, ready to run, and the files that put one into CI."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init_command(
    folder: Annotated[Path, typer.Argument(help="A new folder; with --ci also a scenario that is there.")],
    source: Annotated[str, typer.Option("--from", help="The packaged scenario to start from.")] = "wiki",
    ci: Annotated[
        list[str] | None,
        typer.Option(metavar="SYSTEM", help="Also write CI files: github, gitlab, pre-commit; may be repeated."),
    ] = None,
) -> None:
    """Write a starter scenario that runs as it is: change its files to your own."""
    from harness.formats import schema_of
    from harness.input_file import is_file
    from harness.record.codec import to_json
    from harness.scenario.ci_files import repository_of, write_ci
    from harness.scenario.starters import copy_starter

    if not ci or not is_file(folder / "scenario.yaml"):
        copy_starter(source, folder, to_json(schema_of("scenario"), indent=1) + "\n")
        print(f"wrote {folder}; next: harness advise --scenario {folder}; harness run {folder}")
    for system in ci or ():
        for line in write_ci(system, folder, repository_of(folder)):
            print(line)
