"""`harness export`: a stored run in the format of another tool."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.cli.options import RunArgument


def export_command(
    format: Annotated[str, typer.Argument(help="csv, parquet, json, mlflow, wandb, lm-eval, inspect, otel or card.")],
    run: RunArgument,
    out: Annotated[str, typer.Argument(help="A folder; for otel a file, for mlflow a tracking URI.")],
) -> None:
    """Write a stored run for another tool: tables, trackers, lm-eval, Inspect, OpenTelemetry, a model card."""
    from harness.api import open_run

    for line in open_run(run).export(format, out):
        typer.echo(line)
