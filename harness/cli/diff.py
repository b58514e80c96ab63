"""`harness diff`: what changed between two runs."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.characters import printable
from harness.cli.options import HtmlOption, JsonOption


def diff_command(
    before: Annotated[str, typer.Argument(help="The older run: a folder, or its id under reports/.")],
    after: Annotated[str, typer.Argument(help="The newer run.")],
    as_json: JsonOption = False,
    html: HtmlOption = None,
) -> None:
    """What changed between two runs: answers that flipped, metrics with paired intervals, settings."""
    from harness.files.output_path import check_report
    from harness.history.diff import diff_runs
    from harness.record.codec import to_json, write_atomic
    from harness.report.page.diff import render_diff
    from harness.report.text.diff import diff_text
    from harness.runs.stored import BEARS, open_stored

    if html is not None:
        check_report(html, "page")
    old, new = (open_stored(name, BEARS["diff"]) for name in (before, after))
    changes = diff_runs(old.run, new.run)
    if html is not None:
        questions = {case.id: case.question for case in new.cases}
        if not questions:
            typer.echo(f"the page shows questions by their ids only: {new.without_questions}", err=True)
        write_atomic(html, render_diff(old.run, new.run, changes, questions))
        typer.echo(f"page written: {html}", err=True)
    typer.echo(to_json(changes, indent=1) if as_json else printable(diff_text(changes, new.run.record)))
