"""`harness examples import`: people's instruction data, logs and reviews as tuning examples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.errors import InputError
from harness.stats.numbers import show_count

if TYPE_CHECKING:
    from harness.types import Example


def import_command(
    format: Annotated[str, typer.Argument(help="alpaca, chat, thumbs, edits, ...; `examples formats` lists all.")],
    file: Annotated[Path, typer.Argument(help="JSONL, a JSON list, CSV, a workbook or Parquet.")],
    out: Annotated[Path, typer.Argument(help="The .jsonl file of examples to write; it must not exist yet.")],
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Hold out rows from this date on, as cases.")
    ] = None,
    most: Annotated[
        int | None, typer.Option("--most-per-intent", min=1, help="At most so many of a kind of question.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of what is drawn.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Turn instruction data into a scenario's tuning examples; what cannot be one is named and counted."""
    from harness.files.output_path import new_file
    from harness.golden.importers.tables import Source, read_table
    from harness.golden.remarks import remark_lines, rule_counts
    from harness.record.codec import to_json
    from harness.tuning.balance import at_most
    from harness.tuning.example_file import example_row, write_new
    from harness.tuning.importers import import_examples

    new_file(out)
    table = read_table(Source(file, sheet))
    imported = import_examples(format, table)
    examples, later = _held_out(imported.examples, since, out)
    examples = examples if most is None else at_most(examples, most, seed)
    write_new(out, map(example_row, examples))
    count, rows, pairs = len(examples), len(table.rows), sum(row.rejected is not None for row in examples)
    if as_json:
        facts = {"file": str(out), "examples": count, "rows": rows, "recognised": imported.recognised}
        summary = {"remarks": imported.remarks, "counts": rule_counts(imported.remarks), "systems": imported.systems}
        typer.echo(to_json({**facts, "pairs": pairs, "held_out": later, **summary}))
        return
    typer.echo(f"{out}: {show_count(count, 'example')} of {show_count(rows, 'row')}; recognised: {imported.recognised}")
    if pairs:
        typer.echo(f"  {pairs} of them also say what is worse (preference pairs)")
    if since is not None:
        typer.echo(f"  {later} rows from {since} on are held out: {_later_file(out)}")
    for line in remark_lines(imported.remarks):
        typer.echo(f"  {line}")


def _held_out(examples: tuple[Example, ...], date: str | None, out: Path) -> tuple[tuple[Example, ...], int]:
    """The examples before a date; those from it on are written beside them as cases that nobody has verified."""
    from harness.golden.imported import case_row
    from harness.golden.importers.drafts import ISO_DATE
    from harness.tuning.balance import later_case
    from harness.tuning.balance import since as parts_at
    from harness.tuning.example_file import write_new

    if date is None:
        return examples, 0
    if not ISO_DATE.match(date):
        raise InputError(f"--since {date}: expected a date such as 2026-03-01")
    if not any(example.timestamp for example in examples):
        raise InputError("--since: no row says when it is from; expected a column timestamp, created_at or date")
    earlier, later = parts_at(examples, date)
    if later:
        write_new(_later_file(out), (case_row(later_case(row, at)) for at, row in enumerate(later, start=1)))
    return earlier, len(later)


def _later_file(out: Path) -> Path:
    return out.with_name(f"{out.stem}.later.jsonl")
