"""`harness examples`: tuning examples from people's instruction data."""

from __future__ import annotations

import typer

from harness.cli.examples_check import check_command
from harness.cli.examples_import import import_command
from harness.cli.examples_make import make_command
from harness.cli.examples_pairs import pairs_command
from harness.cli.examples_raft import raft_command

examples_app = typer.Typer(
    no_args_is_help=True,
    help="Tuning examples: drafted, imported, checked, put among distractors.",
    rich_markup_mode=None,
)

examples_app.command("check")(check_command)
examples_app.command("import")(import_command)
examples_app.command("make")(make_command)
examples_app.command("pairs")(pairs_command)
examples_app.command("raft")(raft_command)


@examples_app.command("formats")
def formats_command() -> None:
    """List the formats that `import` reads."""
    from harness.tuning.importers import FORMATS

    for name, row in FORMATS.items():
        typer.echo(f"{name:<12} {row.title}: {row.reads}")
