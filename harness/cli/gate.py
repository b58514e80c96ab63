"""Commands on stored runs: `gate` judges one again, for CI (exit 0 GO, 1 NO-GO, 3 NOT PROVEN); `diff` compares two."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.errors import InputError
from harness.paths import find_scenario, reports_dir

if TYPE_CHECKING:
    from harness.history.diff import Changes
    from harness.record.files import Run
    from harness.scenario.settings import Scenario
    from harness.types import Case, Difference, Gate, Verdict

EXIT_CODES = {"GO": 0, "NO-GO": 1, "NOT PROVEN": 3}
MARKS = {"pass": "✓", "fail": "✗", "not proven": "?", "not measured": "–", "not applicable": "·"}


def gate_command(
    run: Annotated[str, typer.Argument(help="A run folder, its id under reports/, or 'latest'.")] = "latest",
    arm: Annotated[str | None, typer.Option(help="Judge this arm instead of the scenario's candidate.")] = None,
    policy: Annotated[
        str | None, typer.Option(help="interval (the default) or point: gate on estimates without their intervals.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> int:
    """Judge a stored run by its scenario's gates: exit 0 GO, 1 NO-GO, 3 NOT PROVEN. No model is loaded."""
    from harness.record.files import find_run, load_run, to_json
    from harness.verdict import decide

    stored = load_run(find_run(run, reports_dir()))
    scenario, cases = _judged_by(stored)
    gates = {**scenario.gates, **({"policy": policy} if policy else {})}
    verdict = decide(stored.record, stored.scores, cases, gates, arm or scenario.candidate)
    typer.echo(to_json(_summary(stored, verdict), indent=1) if as_json else _text(verdict))
    return EXIT_CODES[verdict.word]


def _judged_by(stored: Run) -> tuple[Scenario, list[Case]]:
    """The run's scenario, with its gates as they stand now, and the golden cases that the run asked."""
    from harness.golden.load import load_cases
    from harness.hashing import file_hash
    from harness.scenario.load import load_scenario

    scenario = load_scenario(find_scenario(stored.record["scenario"]["dir"]))
    if scenario.golden is None:
        raise InputError(f"{scenario.dir / 'scenario.yaml'}: no 'golden'; the run's golden set is needed to judge it")
    expected = stored.record.get("hashes", {}).get("golden")
    if expected and file_hash(scenario.golden) != expected:
        raise InputError(f"{scenario.golden}: changed since {stored.folder.name} was run; run the scenario again")
    asked = {trace.case_id for trace in stored.traces}
    return scenario, [case for case in load_cases(scenario.golden) if case.id in asked]


def _summary(stored: Run, verdict: Verdict) -> dict[str, Any]:
    return {"run": stored.folder.as_posix(), "exit_code": EXIT_CODES[verdict.word], "verdict": verdict}


def _text(verdict: Verdict) -> str:
    """The verdict as lines: word and sentence, a line a gate, the advice, what to keep in mind."""
    width = max(len(gate.title) for gate in verdict.gates)
    lines = [f"{verdict.word}: {verdict.sentence}", ""]
    lines += [_line(gate, width) for gate in verdict.gates]
    lines += ["", f"advice: {verdict.agreement}: {verdict.agreement_reason}"]
    return "\n".join([*lines, *(f"note: {note}" for note in verdict.notes)])


def _line(gate: Gate, width: int) -> str:
    needed = f" (settled by about {gate.n_needed:,} in all)" if gate.n_needed else ""
    return f"{MARKS[gate.status]} {gate.status:<14} {gate.title:<{width}}  {gate.reason}{needed}"


def diff_command(
    before: Annotated[str, typer.Argument(help="The older run: a folder, or its id under reports/.")],
    after: Annotated[str, typer.Argument(help="The newer run.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also write one self-contained page.")
    ] = None,
) -> None:
    """What changed between two runs: answers that flipped, metrics with paired intervals, settings."""
    from harness.history.diff import diff_runs
    from harness.record.files import find_run, load_run, to_json

    old, new = (load_run(find_run(name, reports_dir())) for name in (before, after))
    changes = diff_runs(old, new)
    if html is not None:
        from harness.record.files import write_atomic
        from harness.report.page.diff import render_diff

        write_atomic(html, render_diff(old, new, changes, _questions(new)))
        typer.echo(f"page written: {html}", err=True)
    typer.echo(to_json(changes, indent=1) if as_json else _changes_text(changes))


def _questions(stored: Run) -> dict[str, str]:
    """Question by case id, where the run's golden set is still there; the page shows ids without it."""
    from harness.golden.load import load_cases
    from harness.scenario.load import load_scenario

    try:
        scenario = load_scenario(find_scenario(stored.record["scenario"]["dir"]))
        return {case.id: case.question for case in load_cases(scenario.golden)} if scenario.golden else {}
    except (InputError, KeyError) as error:
        typer.echo(f"{error}; the page shows questions by their ids only", err=True)
        return {}


def _changes_text(changes: Changes) -> str:
    """Settings first, for they are the cause; then answers by arm, then every metric that moved."""
    lines = [f"{changes.shared_cases} cases in both runs", "", "settings that changed:"]
    lines += [f"  {name}: {was} -> {now}" for name, (was, now) in changes.settings.items()] or ["  none"]
    lines += ["", "answers that flipped:"]
    for arm, flips in changes.flips.items():
        counts = f"{len(flips.gained)} gained, {len(flips.lost)} lost, {len(flips.reworded)} only reworded"
        lines += [f"  {arm}: {counts}", *_named("gained", flips.gained), *_named("lost", flips.lost)]
    moved = [difference for difference in changes.differences if difference.estimate.mean]
    lines += ["", "metrics, newer minus older:", *([_difference(d) for d in moved] or ["  none moved"])]
    return "\n".join(lines)


def _named(what: str, cases: tuple[str, ...]) -> list[str]:
    return [f"    {what}: {', '.join(cases)}"] if cases else []


def _difference(difference: Difference) -> str:
    from harness.stats.numbers import interval, number

    estimate = difference.estimate
    p = "" if difference.p_holm is None else f", p = {difference.p_holm:.2f} after Holm"
    shown = f"{number(estimate.mean, estimate.unit)} ({interval(estimate)}{p})"
    return f"  {difference.arm} {difference.metric}: {shown}"
