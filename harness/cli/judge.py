"""`harness judge`: blinded rating sheets of a run's answers, out to people and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.characters import printable
from harness.cli.options import JsonOption, RunArgument
from harness.stats.numbers import show_count

judge_app = typer.Typer(
    no_args_is_help=True,
    help="Have people rate answers; correct what judges and detectors say by it.",
    rich_markup_mode=None,
)
RaterOption = Annotated[str | None, typer.Option(help="Who filled in a sheet whose column 'rater' is empty.")]


@judge_app.command("sheet")
def sheet_command(
    run: RunArgument = "latest",
    answers: Annotated[
        int, typer.Option(min=1, max=10_000, help="Answers of each arm, or all where it has fewer.")
    ] = 60,
    audit: Annotated[int, typer.Option(min=0, max=10_000, help="Golden labels to look at again, at most.")] = 20,
    arm: Annotated[
        list[str] | None, typer.Option(help="Rate this arm; more than one. Default: every arm that could be shipped.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of what is drawn.")] = 7,
    out: Annotated[Path | None, typer.Option(help="Folder of the sheet. Default: labels/ beside the scenario.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a blinded rating sheet of a run's answers: one page that works offline, the same as CSV, and the key."""
    from harness.ratings.answer_sheet import SheetRequest, answer_sheet
    from harness.ratings.labels import FOLDER, NO_LABELS, load_labels
    from harness.record.codec import to_json
    from harness.report.sheet import write_sheet
    from harness.runs.stored import BEARS, open_stored

    archive = open_stored(run, BEARS["score"])
    request = SheetRequest(answers, audit, seed, tuple(arm or ()))
    labels = NO_LABELS if archive.scenario is None else load_labels(archive.scenario.dir)
    sheet, key = answer_sheet(archive.run, archive.cases, request, labels)
    folder = out or archive.needed_scenario().dir / FOLDER
    files = write_sheet(sheet, folder, archive.run.folder.name, key)
    if as_json:
        typer.echo(to_json({"sheet": sheet.id, "items": len(sheet.items), "files": files}, indent=1))
        return
    typer.echo(
        f"{show_count(len(sheet.items), 'item')}: {show_count(len(key.answers), 'answer')}, "
        f"{show_count(len(key.golden), 'golden label')}"
    )
    typer.echo(f"for people: {files.page.as_posix()}, or {files.table.as_posix()}")
    typer.echo(f"not for people (it says which arm gave which answer): {files.key.as_posix()}")
    typer.echo(f"back again: harness judge read FILLED.csv ... --key {files.key.as_posix()}")


@judge_app.command("read")
def read_command(
    sheets: Annotated[
        list[Path],
        typer.Argument(metavar="SHEET...", help="Filled sheets of one or more people, or marks saved from a page."),
    ],
    key: Annotated[Path | None, typer.Option(help="The key of the sheet. Default: the one beside it.")] = None,
    rater: RaterOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read filled sheets: agreement of people, errors of judges and detectors by arm; labels for the next verdict."""
    from harness.files.paths import find_scenario
    from harness.metrics.table import METRICS, in_force
    from harness.ratings.labels import load_labels
    from harness.ratings.page_marks import page_key, run_of_page
    from harness.ratings.read_back import find_key, keep_labels, read_ratings, sheet_id
    from harness.record.codec import to_json
    from harness.record.score_table import tabulate
    from harness.report.text.calibration import calibration_lines
    from harness.results.calibration import calibration
    from harness.results.scores import compared_pairs
    from harness.runs.stored import BEARS, open_stored

    page = run_of_page(sheet_id(sheets))
    archive = None if page is None else open_stored(page, BEARS["score"])
    sheet_key = find_key(sheets, key) if archive is None else page_key(archive.run, archive.cases)
    more = read_ratings(sheets, sheet_key, rater)
    scenario = find_scenario(sheet_key.scenario)
    file = keep_labels(scenario, more)
    archive = archive or open_stored(sheet_key.run, BEARS["score"])
    run = archive.run
    tested = [case for case in archive.cases if case.split == "test"]
    arms = [row.name for row in run.record.arms if row.tried is None]
    pairs = compared_pairs(arms, run.record.candidate)
    clusters = run.record.golden.cluster_of
    metrics = in_force(METRICS, run.record.models.judge)
    section = calibration(load_labels(scenario), tested, run.traces, tabulate(run.scores), clusters, pairs, metrics)
    if as_json:
        typer.echo(to_json({"labels": file, "calibration": section}, indent=1))
        return
    lines = [f"{file.as_posix()}: {show_count(len(more.ratings), 'rating')}, {len(more.golden)} of golden labels"]
    if not sheet_key.drawn:
        lines.append("marks of a reader correct no figure: he chose what to mark, and saw which arm it was")
        lines.append(f"they are shown by: harness golden review {scenario.as_posix()}, harness judge sheet")
    else:
        lines += calibration_lines(section, run.record) if section is not None else []
        lines.append(f"for the verdict: harness score {run.folder.as_posix()}")
    typer.echo(printable("\n".join(lines)))
