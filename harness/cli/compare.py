"""`harness compare` and `harness bless`: candidates before a release, and the baseline that they are held against."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.characters import printable
from harness.cli.options import AllowCodeOption, HtmlOption, JsonOption, RunArgument, WorkersOption
from harness.errors import InputError

if TYPE_CHECKING:
    from harness.runs.comparison import Compared

FAIL_ON = {"worse": ("worse",), "not-proven": ("worse", "not proven", "not measured"), "never": ()}
_Names = Annotated[
    list[str],
    typer.Argument(
        metavar="A B [C ...]",
        help="Folders or ids of adapters, arms, files of answers, runs (RUN or RUN:ARM), or 'blessed'.",
    ),
]


def compare_command(
    names: _Names,
    scenario: Annotated[
        str | None, typer.Option(help="The scenario on which adapters, arms and files of answers are measured.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="What they may replace. Default: the base of all of them, or else A.")
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="The arm whose prompts adapters are asked with. Default: rag, or else baseline.")
    ] = None,
    fail_on: Annotated[str, typer.Option(help="Exit 1 for what is worse, 3 also for what is not proven; never.")] = (
        "worse"
    ),
    html: HtmlOption = None,
    markdown: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write Markdown for a CI job.")] = None,
    workers: WorkersOption = None,
    allow_code: AllowCodeOption = False,
    as_json: JsonOption = False,
) -> int:
    """Compare adapters, arms or runs before a release: better, not worse, worse or not proven, and which to release."""
    from harness.engine.progress import shown_progress
    from harness.files.output_path import check_report
    from harness.record.codec import to_json, write_atomic
    from harness.report.text.compare import compare_markdown, compare_text
    from harness.runs.comparison import Terms, compare_names

    if fail_on not in FAIL_ON:
        raise InputError(f"--fail-on {fail_on}: expected one of: {', '.join(FAIL_ON)}")
    if html is not None:
        check_report(html, "page")  # before minutes of work, not behind them
    if markdown is not None:
        check_report(markdown, "Markdown file")
    with shown_progress() as progress:
        outcome = compare_names(names, Terms(scenario, base, against, allow_code, workers, progress))
    comparison = outcome.comparison
    if html is not None:
        write_atomic(html, _page(outcome))
    if markdown is not None:
        write_atomic(markdown, compare_markdown(comparison))
    for file in (html, markdown):
        if file is not None:
            typer.echo(f"written: {file}", err=True)
    code = exit_code([row.word for row in comparison.judgements], fail_on)
    result = {"exit_code": code, "comparison": comparison}
    typer.echo(to_json(result, indent=1) if as_json else printable(compare_text(comparison)))
    return code


def exit_code(words: list[str], fail_on: str) -> int:
    """1 where a candidate is worse, 3 where one is open and that is to fail, else 0."""
    bad = [word for word in words if word in FAIL_ON[fail_on]]
    return 1 if "worse" in bad else 3 if bad else 0


def _page(outcome: Compared) -> str:
    """The page, with the questions where the golden set is still the one that was asked."""
    from harness.report.page.compare import render_compare
    from harness.runs.stored import questions_of

    return render_compare(outcome.comparison, questions_of(outcome.runs[0]))


def bless_command(
    run: RunArgument,
    arm: Annotated[str | None, typer.Option(help="The arm to pin. Default: the one to ship, or the candidate.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Pin a run as the baseline of its scenario, for `compare --against blessed` and `gate --against blessed`."""
    from harness.record.codec import to_json
    from harness.runs.blessed import FOLDER, bless
    from harness.runs.stored import BEARS, open_stored

    archive = open_stored(run, BEARS["gate"])
    baseline = bless(archive, arm)
    folder = archive.needed_scenario().dir / FOLDER
    if as_json:
        typer.echo(to_json({"folder": folder.as_posix(), "pin": baseline.pin}, indent=1))
        return
    typer.echo(f"{folder}: {baseline.pin.arm} of {baseline.pin.run}, {baseline.pin.pinned}; commit the folder")
