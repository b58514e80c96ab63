"""`harness advise --check`: the advice of every run in a folder held against what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from harness.advice.recommendations import row_of
from harness.cli.console import console
from harness.errors import InputError
from harness.record.codec import to_json
from harness.record.files import load_record
from harness.record.sections import Record

if TYPE_CHECKING:
    from rich.table import Table

    from harness.history.advice_check import AdviceCheck


def check_runs(folder: Path, as_json: bool) -> None:
    """A row a run: advised, measured winner, agreed or not, and the named reason."""
    from harness.history.advice_check import check_advice

    check = check_advice(_records(folder))
    if as_json:
        typer.echo(to_json({"check": check, "says": check.says}, indent=1))
        return
    terminal = console(stderr=False)
    terminal.print(_table(check))
    for row in check.rows:
        if row.miss:
            terminal.print(f"{row.scenario} ({row.run}): {row.reason}", markup=False, highlight=False)
        if row.examples:
            terminal.print(f"{row.scenario} ({row.run}): {row.examples}", markup=False, highlight=False)
    terminal.print(check.says, markup=False, highlight=False)


def _table(check: AdviceCheck) -> Table:
    from rich.table import Table

    table = Table("scenario", "advised", "measured winner", "verdict", "agreed", "reason", box=None, pad_edge=False)
    for row in check.rows:
        winner = "none" if row.winner is None else row.winner if row.ships else f"{row.winner}, not to be shipped"
        mark = {"agrees": "✓ yes", "disagrees": "✗ no"}.get(row.agreement, "– open")
        advised = row_of(row.advised)
        name = advised.name if advised else row.advised or "nothing"
        table.add_row(row.scenario, name, winner, row.word, mark, row.miss or "")
    return table


def _records(folder: Path) -> list[Record]:
    """Every record in a folder of runs; what cannot be read is named and left out. InputError where there is none."""
    paths = sorted(folder.glob("*/record.json"))
    if not paths:
        raise InputError(f"{folder}: no finished run there (no */record.json); make one with: harness run SCENARIO")
    records: list[Record] = []
    for path in paths:
        try:
            records.append(load_record(path.parent))
        except InputError as error:
            typer.echo(f"left out: {error}", err=True)
    return records
