"""`harness report RUN`: render a stored run again, and write a CI summary or a JUnit file of its gates. No model."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.errors import HarnessError
from harness.paths import find_scenario, reports_dir

if TYPE_CHECKING:
    from harness.record.files import Run
    from harness.scenario.settings import Scenario
    from harness.types import Case

_Run = Annotated[str, typer.Argument(metavar="RUN", help="A run folder, its id under reports/, or 'latest'.")]
_Open = Annotated[bool, typer.Option("--open", help="Open the page in the browser.")]
_Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write the page here (default: the run folder).")
]
_Markdown = Annotated[
    Path | None, typer.Option("--markdown", metavar="FILE", help="Write a Markdown summary for a CI job.")
]
_Junit = Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write the gates as a JUnit file.")]


def report_command(
    run: _Run, show: _Open = False, html: _Html = None, markdown: _Markdown = None, junit: _Junit = None
) -> None:
    """Render the page of a stored run again; with --markdown and --junit also what CI reads."""
    from harness.record.files import find_run, load_run, write_atomic
    from harness.report.text.junit import render_junit
    from harness.report.text.markdown import render_markdown

    stored = load_run(find_run(run, reports_dir()))
    page = html or stored.folder / "report.html"
    write_atomic(page, _page(stored))
    typer.echo(page.as_posix())
    for path, render in ((markdown, render_markdown), (junit, render_junit)):
        if path is not None:
            write_atomic(path, render(stored.record))
            typer.echo(path.as_posix())
    if show:
        webbrowser.open(page.resolve().as_uri())


def _page(stored: Run) -> str:
    from harness.report.page.heads import prompt_heads
    from harness.report.page.render import render_html

    scenario = _scenario(stored)
    cases = _cases(stored, scenario) if scenario else ()
    heads = stored.record.get("prompts") or (prompt_heads(scenario, stored.record["arms"]) if scenario else None)
    return render_html(stored.record, stored.traces, stored.scores, cases, heads)


def _scenario(stored: Run) -> Scenario | None:
    """The run's scenario if it is still there; the page can do without it, and the reader is told."""
    from harness.scenario.load import load_scenario

    try:
        scenario = load_scenario(find_scenario(stored.record["scenario"]["dir"]))
    except HarnessError as error:
        _say(f"{error}; the page shows questions by their ids only")
        return None
    if scenario.hash != stored.record["scenario"]["hash"]:
        _say(f"{scenario.dir}: changed since this run; the page shows the questions as they are now")
    return scenario


def _cases(stored: Run, scenario: Scenario) -> tuple[Case, ...]:
    from harness.golden.load import load_cases

    if scenario.golden is None:
        return ()
    asked = {trace.case_id for trace in stored.traces if not trace.probe}
    return tuple(case for case in load_cases(scenario.golden) if case.id in asked)


def _say(message: str) -> None:
    print(message, file=sys.stderr)
