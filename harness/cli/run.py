"""`harness run`: build the arms, ask them the golden set, measure, decide, report."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from harness.characters import printable
from harness.cli.corpus import CorpusReading, tell_corpus
from harness.cli.options import AllowCodeOption, JsonOption, ScenarioArgument, WorkersOption

if TYPE_CHECKING:
    from pathlib import Path

    from harness.record.sections import Record
    from harness.start_run import Ready


def run_command(
    scenario: ScenarioArgument,
    arms: Annotated[
        str | None, typer.Option(help="Run only these arms, separated by commas (a part, never GO).")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most this many cases a split (a part, never GO).")
    ] = None,
    case: Annotated[list[str] | None, typer.Option(help="Only this case; may be repeated (a part, never GO).")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted run (a run always does).")
    ] = False,
    drills: Annotated[
        bool, typer.Option("--drills", help="Also ask under distractors, other order or words, changed facts, ...")
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
    from harness.engine.inputs import Part
    from harness.engine.progress import shown_progress
    from harness.report.text.reuse import reused_answers
    from harness.start_run import make_ready, perform

    names = tuple(name.strip() for name in arms.split(",")) if arms else None
    ready = make_ready(
        scenario, Part(names, limit, tuple(case or ())), drills=drills, allow_code=allow_code, fix=try_fix, fresh=fresh
    )
    tell_corpus(ready.inputs.corpus.skipped, ready.inputs.corpus.remarks)
    if try_fix is not None:
        print(f"one more arm, with {_change(ready, try_fix)}", file=sys.stderr)
    if dry_run:
        _print_plan(ready, as_json)
        return
    _say_remarks(ready, workers)
    for line in ready.inputs.languages:
        print(line, file=sys.stderr)
    record = ready.finished()
    unchanged = record is not None
    if record is not None:
        print(f"nothing changed since {ready.folder}; showing its outcome", file=sys.stderr)
    else:
        with shown_progress() as progress:
            record = perform(ready, progress, workers).record
    for line in reused_answers(record, everything=unchanged):
        print(line, file=sys.stderr)
    print_outcome(ready.folder, record, as_json)


def _say_remarks(ready: Ready, workers: int | None) -> None:
    if workers is not None and workers > ready.inputs.workers(workers):
        print(f"--workers {workers} is not used: one process asks a server; see models.concurrency", file=sys.stderr)
    for line in ready.remarks():
        print(line, file=sys.stderr)


def _change(ready: Ready, fix: str) -> str:
    """The settings that the fix changes, in words."""
    from harness.diagnosis.modes import fix_of

    change = fix_of(fix, ready.scenario, ready.tables.modes).change
    return ", ".join(f"{key} = {value}" for key, value in change.items())


def _print_plan(ready: Ready, as_json: bool) -> None:
    from harness.record.codec import plain, to_json
    from harness.report.text.forecast import forecast_text

    forecast = ready.forecast()
    corpus = ready.inputs.corpus
    facts = {**plain(forecast), **plain(CorpusReading(corpus.skipped, corpus.remarks))}
    print(to_json(facts, indent=1) if as_json else printable(forecast_text(forecast)))


def print_outcome(folder: Path, record: Record, as_json: bool) -> None:
    """The verdict of a run, and where its page is."""
    from harness.record.codec import plain, to_json
    from harness.report.text.terminal import outcome

    if as_json:
        reading = plain(CorpusReading(record.corpus.skipped, record.corpus.remarks))
        print(to_json({"run": folder.as_posix(), "verdict": record.verdict, **reading}, indent=1))
        return
    print(printable(outcome(record)))
    print(f"report: {folder / 'report.html'}")
