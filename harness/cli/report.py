"""`harness report`: a stored run rendered again, and what CI reads of it. No model."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import RunArgument
from harness.input_file import real

if TYPE_CHECKING:
    from harness.stored import OpenRun

_Open = Annotated[bool, typer.Option("--open", help="Open the page in the browser.")]
_Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write the page here (default: the run folder).")
]
_Markdown = Annotated[
    Path | None, typer.Option("--markdown", metavar="FILE", help="Write a Markdown summary for a CI job.")
]
_Junit = Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write the gates as a JUnit file.")]


def report_command(
    run: RunArgument, show: _Open = False, html: _Html = None, markdown: _Markdown = None, junit: _Junit = None
) -> None:
    """Render the page of a stored run again; with --markdown and --junit also what CI reads."""
    from harness.record.codec import write_atomic
    from harness.report.text.junit import render_junit
    from harness.report.text.markdown import render_markdown
    from harness.stored import BEARS, open_stored

    archive = open_stored(run, BEARS["report"])
    page = html or archive.run.folder / "report.html"
    write_atomic(page, _page(archive))
    typer.echo(page.as_posix())
    for path, render in ((markdown, render_markdown), (junit, render_junit)):
        if path is not None:
            write_atomic(path, render(archive.run.record))
            typer.echo(path.as_posix())
    if show:
        webbrowser.open(real(page).as_uri())


def _page(archive: OpenRun) -> str:
    """The page; questions by their ids where the golden set is gone or was edited, and the reader is told."""
    from harness.report.page.heads import prompt_heads
    from harness.report.page.render import render_html

    for words in dict.fromkeys(archive.stale.values()):
        print(words, file=sys.stderr)
    if not archive.cases:
        print(f"the page shows questions by their ids only: {archive.without_questions}", file=sys.stderr)
    run, scenario = archive.run, archive.scenario
    heads = {} if scenario is None or "scenario" in archive.stale else prompt_heads(scenario, run.record.arms)
    return render_html(run.record, run.traces, run.scores, archive.cases, heads)
