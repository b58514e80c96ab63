"""`harness examples pairs`: preference pairs of what an untuned arm of a run got wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import JsonOption, RunArgument
from harness.stats.numbers import show_count


def pairs_command(
    run: RunArgument,
    out: Annotated[Path, typer.Argument(help="The .jsonl file of pairs to write; it must not exist yet.")],
    arm: Annotated[str, typer.Option(help="The untuned arm whose failures are the worse answers.")] = "rag",
    as_json: JsonOption = False,
) -> None:
    """Make preference pairs of an arm's failures on cases of the train and dev splits, golden answers preferred."""
    from harness.files.output_path import new_file
    from harness.record.codec import to_json
    from harness.runs.failure_pairs import failure_pairs
    from harness.runs.stored import BEARS, open_stored
    from harness.tuning.example_file import write_new
    from harness.tuning.preferences import preference_row

    new_file(out)
    outcome = failure_pairs(open_stored(run, BEARS["score"]), arm)
    write_new(out, map(preference_row, outcome.pairs))
    if as_json:
        facts = {"file": str(out), "arm": outcome.arm, "pairs": len(outcome.pairs), "cases": outcome.cases}
        typer.echo(to_json({**facts, "left_out": outcome.left_out}, indent=1))
        return
    typer.echo(
        f"{out}: {show_count(len(outcome.pairs), 'pair')} "
        f"of {show_count(outcome.cases, 'case')} of the train and dev splits ({outcome.arm})"
    )
    for why, count in outcome.left_out.items():
        typer.echo(f"  none, {why}: {count}")
