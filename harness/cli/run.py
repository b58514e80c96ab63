"""Commands around a run: `run`, `score`, `ask`, `init`, `schema`."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.errors import InputError
from harness.hashing import content_hash
from harness.paths import find_scenario, reports_dir

if TYPE_CHECKING:
    from harness.record.files import Run
    from harness.run.inputs import Inputs, Part
    from harness.run.store import Store
    from harness.stages.plan import Plan

ScenarioArgument = Annotated[str, typer.Argument(help="A folder with a scenario.yaml, or its id under scenarios/.")]
RunArgument = Annotated[str, typer.Argument(help="A run folder, its id under reports/, or 'latest'.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


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
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, how large and how long.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes side by side. Default: one a core.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Build the arms, ask them the golden set, measure, decide and write the report."""
    from harness.run.inputs import Part

    chosen = tuple(name.strip() for name in arms.split(",")) if arms else None
    prepared = _prepare(scenario, Part(chosen, limit, tuple(case or ())), drills)
    if try_fix is not None:
        _check_fix(try_fix, prepared[0])
    if dry_run:
        _print_plan(*prepared, as_json)
        return
    key = prepared[1].key if try_fix is None else content_hash([prepared[1].key, try_fix])
    folder = reports_dir() / f"{prepared[0].scenario.id}-{key[:8]}"
    run = _finished(folder) or _do(folder, *prepared, workers, try_fix)
    _print_outcome(run, as_json)


def _prepare(scenario: str, part: Part, drills: bool = False) -> tuple[Inputs, Plan, Store]:
    from harness.run.inputs import load_inputs
    from harness.scenario.load import load_scenario
    from harness.stages.engine import default_store
    from harness.stages.plan import make_plan
    from harness.verdict import read_thresholds

    read = load_scenario(find_scenario(scenario))
    read_thresholds(read.gates, f"{read.dir / 'scenario.yaml'}: gates")  # a wrong gate is told before minutes are spent
    inputs = replace(load_inputs(read, part), drills=drills)
    return inputs, make_plan(inputs), default_store()


def _finished(folder: Path) -> Run | None:
    from harness.record.files import load_run

    if not (folder / "record.json").is_file():
        return None
    print(f"nothing changed since {folder}; showing its outcome", file=sys.stderr)
    return load_run(folder)


def _check_fix(name: str, inputs: Inputs) -> None:
    """A wrong name, or a mode that no setting mends, is told before minutes are spent."""
    from harness.diagnosis.modes import fix_of

    change = fix_of(name, inputs.scenario).change
    print(f"one more arm, with {', '.join(f'{key} = {value}' for key, value in change.items())}", file=sys.stderr)


def _do(folder: Path, inputs: Inputs, plan: Plan, store: Store, workers: int | None, fix: str | None) -> Run:
    from harness.diagnosis.beside import Measured
    from harness.diagnosis.try_fix import try_fix
    from harness.results.measure import measure_run
    from harness.run.progress import shown_progress
    from harness.write_run import conclude

    with shown_progress() as progress:
        given = inputs, plan, store, progress, workers
        measured: Measured = measure_run(*given) if fix is None else try_fix(fix, *given)
    figures, traces, scores = measured
    figures = {**figures, "command": _command(inputs) + (f" --try-fix {fix}" if fix else "")}
    kept = store.folder(plan.stage("measure")) if fix is None else None
    return conclude(folder, figures, traces, scores, inputs.cases, inputs.scenario, kept)[0]


def _command(inputs: Inputs) -> str:
    """The line that reproduces the run from the checkout."""
    part = f"  # in part: {inputs.partial}" if inputs.partial else ""
    drills = " --drills" if inputs.drills else ""
    return f"harness run {inputs.scenario.dir.as_posix()}{drills}{part}"


def _print_plan(inputs: Inputs, plan: Plan, store: Store, as_json: bool) -> None:
    from harness.stages.estimate import dry_run
    from harness.verdict import read_thresholds

    rows = dry_run(inputs, plan, store, read_thresholds(inputs.scenario.gates).values)
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    for row in rows["stages"]:
        state = "in the cache" if row["cached"] else f"about {row['seconds']:.0f} s"
        print(f"{row['label']:<22} {row['size']:<44} {state}")
    print(f"about {rows['seconds']:.0f} s with {rows['workers']} workers; nothing was done")
    print(rows["power"])


def _print_outcome(run: Run, as_json: bool) -> None:
    from harness.report.text.terminal import outcome

    if as_json:
        print(json.dumps({"run": run.folder.as_posix(), "verdict": run.record["verdict"]}, indent=1))
        return
    print(outcome(run.record))
    print(f"report: {run.folder / 'report.html'}")


def score_command(run: RunArgument, as_json: JsonOption = False) -> None:
    """Score a stored run again, decide again and render again: no model is loaded."""
    from harness.golden.load import load_cases
    from harness.record.files import find_run, load_run
    from harness.results.measure import rescore
    from harness.scenario.load import load_scenario
    from harness.write_run import conclude

    stored = load_run(find_run(run, reports_dir()))
    scenario = load_scenario(find_scenario(stored.record["scenario"]["dir"]))
    if scenario.golden is None:
        raise InputError(f"{scenario.dir / 'scenario.yaml'}: no 'golden'; the run's golden set is needed to score it")
    asked = {trace.case_id for trace in stored.traces}
    cases = [case for case in load_cases(scenario.golden) if case.id in asked]
    figures, scores = rescore(stored, cases, scenario)
    again, _ = conclude(stored.folder, figures, stored.traces, scores, cases, scenario)
    _print_outcome(again, as_json)


def ask_command(
    scenario: ScenarioArgument,
    question: Annotated[str, typer.Argument(help="The question.")],
    arm: Annotated[str, typer.Option(help="The arm that answers.")] = "rag",
    as_json: JsonOption = False,
) -> None:
    """Ask one arm of a scenario one question (a tuned arm must have been trained by a run)."""
    from harness.record.files import to_json
    from harness.run.inputs import Part
    from harness.stages.engine import live_arm

    inputs, plan, store = _prepare(scenario, Part())
    answer = live_arm(inputs, plan, store, arm).ask([question])[0]
    if as_json:
        print(to_json(answer, indent=1))
        return
    print(answer.text)
    for label, passage in zip(answer.cited, answer.cited_passages, strict=True):
        print(f"  [{label}] {passage.title if passage else 'not among the passages shown'}")


def init_command(
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
    source: Annotated[str, typer.Option("--from", help="The packaged scenario to start from.")] = "helpdesk",
) -> None:
    """Write a starter scenario that runs as it is: change its files to your own."""
    from harness.scenario.starters import copy_starter

    copy_starter(source, folder)
    print(f"wrote {folder}; next: harness advise --scenario {folder}; harness run {folder}")


def schema_command(
    name: Annotated[str, typer.Argument(help="Which format; without it, their names.")] = "",
) -> None:
    """Print a file format as JSON Schema."""
    from harness.golden.schemas import SCHEMAS

    if not name:
        print("\n".join(sorted(SCHEMAS)))
        return
    if name not in SCHEMAS:
        raise InputError(f"schema {name}: no such format; known: {', '.join(sorted(SCHEMAS))}")
    print(json.dumps(SCHEMAS[name], indent=2))
