"""`harness report`: a stored run rendered again, and what CI reads of it. No model."""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.arguments import LEFT_OUT
from harness.cli.options import RunArgument
from harness.files.input_file import real

if TYPE_CHECKING:
    from harness.runs.stored import OpenRun

_Open = Annotated[bool, typer.Option("--open", help="Open the page in the browser.")]
_Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write the page here (default: the run folder).")
]
_Markdown = Annotated[
    str | None,
    typer.Option(
        "--markdown",
        metavar="[FILE]",
        help="Write a Markdown summary; without FILE: to $GITHUB_STEP_SUMMARY.",
    ),
]
_Junit = Annotated[
    Path | None, typer.Option("--junit", metavar="FILE", help="Write gates and questions as a JUnit file.")
]
_Annotations = Annotated[
    bool, typer.Option("--annotations", help="Print GitHub annotations of golden lines that flipped, ten at most.")
]
_Against = Annotated[
    str | None, typer.Option(metavar="RUN", help="The run that --annotations compares with (default: the one before).")
]
_Comment = Annotated[
    Path | None, typer.Option("--comment", metavar="FILE", help="Write the summary as the body of a sticky comment.")
]


def report_command(
    run: RunArgument,
    show: _Open = False,
    html: _Html = None,
    markdown: _Markdown = None,
    junit: _Junit = None,
    comment: _Comment = None,
    annotations: _Annotations = False,
    against: _Against = None,
) -> None:
    """Render the page of a stored run again; with --markdown, --junit, --annotations also what CI reads."""
    from harness.record.codec import write_atomic
    from harness.report.text.junit import render_junit
    from harness.runs.stored import BEARS, open_stored

    _check_places(html, junit, (markdown, comment))
    archive = open_stored(run, BEARS["report"])
    page = html or archive.run.folder / "report.html"
    write_atomic(page, _page(archive))
    typer.echo(page.as_posix())
    if markdown is not None:
        typer.echo(_write_markdown(archive, markdown, page).as_posix())
    if junit is not None:
        write_atomic(junit, render_junit(archive.run.record, archive.run))
        typer.echo(junit.as_posix())
    if comment is not None:
        write_atomic(comment, _comment(archive, page))
        typer.echo(comment.as_posix())
    if annotations:
        _annotate(archive, against)
    if show:
        webbrowser.open(real(page).as_uri())


def _check_places(html: Path | None, junit: Path | None, texts: Sequence[str | Path | None]) -> None:
    """Refuse a place before anything is written: what stands there may be an input of the run."""
    from harness.files.output_path import check_report

    if html is not None:
        check_report(html, "page")
    if junit is not None:
        check_report(junit, "JUnit file")
    for text in texts:
        if text is not None and text != LEFT_OUT:
            check_report(Path(text), "Markdown file")


def _write_markdown(archive: OpenRun, target: str, page: Path) -> Path:
    from harness.record.codec import write_atomic
    from harness.report.text.github import append_summary
    from harness.report.text.markdown import render_markdown

    text = render_markdown(archive.run.record)
    if target == LEFT_OUT:
        return append_summary(text, page.as_posix())
    write_atomic(Path(target), text)
    return Path(target)


def _comment(archive: OpenRun, page: Path) -> str:
    """The body of a comment that the next job finds by its first line, which nobody sees, and replaces."""
    from harness.report.text.github import COMMENT_BYTES, shortened
    from harness.report.text.markdown import comment_mark, render_markdown

    mark = comment_mark(archive.run.record) + "\n"
    return mark + shortened(render_markdown(archive.run.record), COMMENT_BYTES - len(mark.encode()), page.as_posix())


def _annotate(archive: OpenRun, against: str | None) -> None:
    """The golden lines that flipped, as lines that GitHub reads from a job's output."""
    from harness.errors import InputError
    from harness.files.paths import reports_dir
    from harness.history.diff import diff_runs
    from harness.record.files import find_run, load_run
    from harness.report.text.github import annotation_lines

    record = archive.run.record
    name = against or (record.changed.run if record.changed else None)
    if name is None:
        print("no annotations: there is no run before this one; name one with --against", file=sys.stderr)
        return
    before, arm = load_run(find_run(name, reports_dir())), record.verdict.candidate
    flips = diff_runs(before, archive.run).flips.get(arm)
    if flips is None:
        raise InputError(f"{before.folder.name} has no arm '{arm}'; compare runs of one scenario")
    for line in annotation_lines(archive.cases, flips.lost, flips.gained, arm, before.folder.name):
        typer.echo(line)


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
