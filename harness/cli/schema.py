"""`harness schema`: a file format as JSON Schema."""

from __future__ import annotations

from typing import Annotated

import typer


def schema_command(
    name: Annotated[str, typer.Argument(help="Which format; without it, their names.")] = "",
) -> None:
    """Print a file format as JSON Schema."""
    from harness.formats import FORMATS, schema_of
    from harness.record.codec import to_json

    typer.echo(to_json(schema_of(name), indent=2) if name else "\n".join(sorted(FORMATS)))
