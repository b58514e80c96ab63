"""`harness examples`: tuning examples from people's instruction data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.examples_make import make_command
from harness.cli.examples_raft import raft_command

examples_app = typer.Typer(
    no_args_is_help=True, help="Tuning examples: drafted, imported, put among distractors.", rich_markup_mode=None
)

examples_app.command("make")(make_command)
examples_app.command("raft")(raft_command)


@examples_app.command("import")
def import_command(
    format: Annotated[str, typer.Argument(help="alpaca, chat, sharegpt, completion or preference.")],
    file: Annotated[Path, typer.Argument(help="JSONL, a JSON list, CSV, a workbook or Parquet.")],
    out: Annotated[Path, typer.Argument(help="The .jsonl file of examples to write; it must not exist yet.")],
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Turn instruction data into a scenario's tuning examples; what cannot be one is named and counted."""
    from harness.golden.importers.tables import Source, read_table
    from harness.golden.remarks import remark_lines, rule_counts
    from harness.record.codec import to_json
    from harness.tuning.importers import import_examples, write_examples

    table = read_table(Source(file, sheet))
    imported = import_examples(format, table)
    write_examples(imported, out)
    count, rows = len(imported.examples), len(table.rows)
    if as_json:
        facts = {"file": str(out), "examples": count, "rows": rows, "recognised": imported.recognised}
        summary = {"remarks": imported.remarks, "counts": rule_counts(imported.remarks), "systems": imported.systems}
        typer.echo(to_json({**facts, **summary}))
        return
    typer.echo(f"{out}: {count} examples of {rows} rows; recognised: {imported.recognised}")
    for line in remark_lines(imported.remarks):
        typer.echo(f"  {line}")


@examples_app.command("formats")
def formats_command() -> None:
    """List the formats that `import` reads."""
    from harness.tuning.importers import FORMATS

    for name, row in FORMATS.items():
        typer.echo(f"{name:<12} {row.title}: {row.reads}")
