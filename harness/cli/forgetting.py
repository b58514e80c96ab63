"""`harness forgetting`: two runs of lm-eval held against each other, document by document."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.characters import printable
from harness.cli.options import JsonOption

EXIT_CODES = {"pass": 0, "fail": 1}


def forgetting_command(
    base: Annotated[Path, typer.Argument(help="lm-eval's output of the base model (with --log_samples).")],
    adapter: Annotated[Path, typer.Argument(help="lm-eval's output of the tuned model, on the same tasks.")],
    margin: Annotated[float, typer.Option(min=0, max=100, help="Points that it may be below the base.")] = 5.0,
    metric: Annotated[
        str | None, typer.Option(help="A metric of rights and wrongs (default: acc, exact_match).")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Prove from lm-eval's own files that tuning forgot at most so much: exit 0 proven, 1 disproven, 3 not proven."""
    from harness.exports.lm_eval import compare_folders, forgetting_gate
    from harness.record.codec import to_json
    from harness.stats.numbers import show_estimate

    items = compare_folders(base, adapter, metric)
    gate = forgetting_gate(items, margin)
    if as_json:
        typer.echo(to_json({"gate": gate, "items": items}, indent=1))
        return EXIT_CODES.get(gate.status, 3)
    typer.echo(f"{gate.status}: {gate.reason}")
    for row in items.subjects:
        typer.echo(printable(f"  {row.subject}: {show_estimate(row.items.difference, signed=True)}"))
    return EXIT_CODES.get(gate.status, 3)
