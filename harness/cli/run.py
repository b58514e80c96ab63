"""`harness run`: build the arms, ask them the golden set, measure, decide, report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from harness.characters import printable
from harness.cli.console import show_verdict, tell, window
from harness.cli.corpus import CorpusReading
from harness.cli.options import AllowCodeOption, JsonOption, ScenarioArgument, WorkersOption

if TYPE_CHECKING:
    from pathlib import Path

    from harness.record.sections import Record
    from harness.runs.start import Ready


def run_command(
    scenario: ScenarioArgument,
    arms: Annotated[
        str | None, typer.Option(help="Run only these arms, separated by commas (a part, never GO).")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most this many cases a split (a part, never GO).")
    ] = None,
    case: Annotated[list[str] | None, typer.Option(help="Only this case; may be repeated (a part, never GO).")] = None,
    only: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="WHICH RUN", help="Only the cases that are 'failing' or 'unanswered' in RUN (a part)."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted run (a run always does).")
    ] = False,
    drills: Annotated[
        bool, typer.Option("--drills", help="Also ask under distractors, in other order or words, after changed facts.")
    ] = False,
    try_fix: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Also run this failure mode's fix as one more arm."),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Ask a server again: its model may have been replaced.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, how large and how long.")] = False,
    workers: WorkersOption = None,
    allow_code: AllowCodeOption = False,
    as_json: JsonOption = False,
) -> None:
    """Build the arms, ask them the golden set, measure, decide and write the report."""
    from harness.engine.part import RunPart
    from harness.runs.unchanged import find_unchanged

    cases = (*(case or ()), *(_cases_of(*only) if only else ()))
    part = RunPart(tuple(name.strip() for name in arms.split(",")) if arms else None, limit, cases)
    if not dry_run and not fresh and (before := find_unchanged(scenario, part, drills, try_fix)) is not None:
        tell(before.notices)
        _show_again(before.folder, before.record, as_json)
        return
    from harness.runs.start import make_ready

    ready = make_ready(scenario, part, drills=drills, allow_code=allow_code, fix=try_fix, fresh=fresh)
    if dry_run:
        tell(ready.preliminaries())
        _print_plan(ready, as_json)
    else:
        _run(ready, workers, as_json)


def _cases_of(which: str, run: str) -> tuple[str, ...]:
    """The cases that another run has not got right."""
    from harness.files.paths import reports_dir
    from harness.record.files import find_run, load_run
    from harness.results.open_cases import open_cases

    return open_cases(load_run(find_run(run, reports_dir())), which)


def _run(ready: Ready, workers: int | None, as_json: bool) -> None:
    """A run that is not known to be unchanged."""
    from harness.engine.progress import shown_progress
    from harness.report.text.forecast import plan_lines
    from harness.report.text.reuse import reused_answers
    from harness.runs.start import mark_finished, perform

    if workers is not None and workers > ready.inputs.workers(workers):
        tell([f"--workers {workers} is not used: one process asks a server; see models.concurrency"])
    tell(ready.notices())
    if (record := ready.finished()) is not None:
        mark_finished(ready)
        _show_again(ready.folder, record, as_json)
        return
    plan = ready.steps(workers)
    tell(plan_lines(plan))
    with shown_progress(plan.expected, plan.seconds) as progress:
        record = perform(ready, progress, workers).record
    tell(reused_answers(record, everything=False))
    print_outcome(ready.folder, record, as_json)


def _show_again(folder: Path, record: Record, as_json: bool) -> None:
    """The outcome of a run that was finished before."""
    from harness.report.text.reuse import reused_answers

    tell([f"nothing changed since {folder}; showing its outcome", *reused_answers(record, everything=True)])
    print_outcome(folder, record, as_json)


def _print_plan(ready: Ready, as_json: bool) -> None:
    from harness.record.codec import plain, to_json
    from harness.report.text.forecast import forecast_text

    forecast = ready.forecast()
    corpus = ready.inputs.corpus
    facts = {**plain(forecast), **plain(CorpusReading(corpus.skipped, corpus.remarks))}
    print(to_json(facts, indent=1) if as_json else printable(forecast_text(forecast, window())))


def print_outcome(folder: Path, record: Record, as_json: bool) -> None:
    """The verdict of a run, and where its page is."""
    from harness.record.codec import plain, to_json
    from harness.report.text.terminal import outcome

    if as_json:
        reading = plain(CorpusReading(record.corpus.skipped, record.corpus.remarks))
        print(to_json({"run": folder.as_posix(), "verdict": record.verdict, **reading}, indent=1))
        return
    show_verdict(printable(outcome(record, window())), record.verdict.word)
    print(f"report: {folder / 'report.html'}")
