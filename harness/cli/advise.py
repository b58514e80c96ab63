"""`harness advise`: the nine questions at a terminal, or answers from a file; the advice as text, JSON or a page."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.advice.content import Measured, content
from harness.advice.dialogue import Dialogue, facts_of, keys_line, prompt_lines, react, resume, so_far
from harness.advice.facts import known
from harness.advice.files import read_answers, save_answers, write_scenario, write_text
from harness.advice.labels import SHORT
from harness.advice.measured import measured_profile
from harness.advice.parse import AdviceInput, parse_advice
from harness.advice.recommend import Advice, advise
from harness.advice.render import to_html, to_json, to_terminal
from harness.errors import InputError
from harness.paths import find_scenario, reports_dir
from harness.record.files import load_record
from harness.record.files import to_json as to_text
from harness.scenario.load import load_scenario

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from harness.history.advice_check import Check

STATE = Path(".harness-advise.yaml")

_Answers = Annotated[Path | None, typer.Option("--answers", metavar="FILE", help="YAML or JSON file with the answers.")]
_Scenario = Annotated[str | None, typer.Option("--scenario", metavar="ID", help="A scenario: its folder or its id.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
_Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write one self-contained page.")]
_Save = Annotated[Path | None, typer.Option("--save", metavar="FILE", help=f"Keep answers here (default {STATE}).")]
_Init = Annotated[Path | None, typer.Option("--init", metavar="DIR", help="Write the scenario file to start from.")]

_Check = Annotated[
    Path | None, typer.Option("--check", metavar="DIR", help="Hold the advice of every run in DIR against its verdict.")
]


def advise_command(
    answers: _Answers = None,
    scenario: _Scenario = None,
    as_json: _Json = False,
    html: _Html = None,
    save: _Save = None,
    init: _Init = None,
    check: _Check = None,
) -> None:
    """RAG, fine-tuning, or both? Nine questions, the recommendation, and which answers would flip it."""
    if check is not None:
        _check(check, as_json)
        return
    given = _given(answers, scenario, save, as_json)
    if given is None:
        return
    title, advice_input = given
    advice = advise(advice_input.answers, advice_input.facts)
    run, measured = _measured(scenario)
    found = content(advice, title, measured, run)
    if as_json:
        typer.echo(to_json(found))
    else:
        to_terminal(found, _console(stderr=False))
    _write_files(advice_input, found, html, save, init)
    _compare_expected(advice, advice_input)


def _given(
    answers: Path | None, scenario: str | None, save: Path | None, as_json: bool
) -> tuple[str, AdviceInput] | None:
    """(title, input) from a file, a scenario or the terminal; None where the person at the terminal quit."""
    if answers is not None and scenario is not None:
        raise InputError("advise: found both --answers and --scenario; expected one of them")
    if answers is not None:
        return read_answers(answers)
    if scenario is not None:
        return _from_scenario(scenario)
    if not sys.stdin.isatty():
        raise InputError(
            "advise: found standard input that is not a terminal, and neither --answers FILE nor --scenario ID; "
            "expected one of them in a pipe or a script, or a terminal to ask the nine questions at"
        )
    finished = _ask(save or STATE, _console(stderr=as_json or not sys.stdout.isatty()))
    return None if finished is None else ("", finished)


def _from_scenario(argument: str) -> tuple[str, AdviceInput]:
    folder = find_scenario(argument)
    scenario = load_scenario(folder)
    given = parse_advice(scenario.advice, f"{folder / 'scenario.yaml'}: advice")
    price = scenario.prices.gpu_hour
    if given.facts.gpu_hour_price is None and price > 0:
        given = replace(given, facts=replace(given.facts, gpu_hour_price=price))
    return scenario.title, given


def _measured(scenario: str | None) -> tuple[str | None, Measured]:
    """(run id, profile) of the newest finished run of this scenario; (None, {}) where there is none to read."""
    if scenario is None:
        return None, {}
    wanted = find_scenario(scenario).resolve().name
    newest = sorted(reports_dir().glob("*/record.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in newest:
        try:
            record = load_record(path.parent)
        except InputError:  # a broken or older run: the advice does not need it, `harness report` says what is wrong
            continue
        if (record.get("scenario") or {}).get("id") == wanted:
            return path.parent.name, measured_profile(record)
    return None, {}


# --- advice against measurement -----------------------------------------------------------------------------------


def _check(folder: Path, as_json: bool) -> None:
    """A row a run: advised, measured winner, agreed or not, and the named reason."""
    from harness.history.advice_check import check_advice

    found = check_advice(_records(folder))
    if as_json:
        typer.echo(to_text({"check": found, "says": found.says}, indent=1))
        return
    console = _console(stderr=False)
    console.print(_table(found))
    for row in found.rows:
        if row.miss:
            console.print(f"{row.scenario} ({row.run}): {row.reason}", markup=False, highlight=False)
    console.print(found.says, markup=False, highlight=False)


def _table(found: Check) -> Table:
    from rich.table import Table

    table = Table("scenario", "advised", "measured winner", "verdict", "agreed", "reason", box=None, pad_edge=False)
    for row in found.rows:
        winner = "none" if row.winner is None else row.winner if row.ships else f"{row.winner}, not to be shipped"
        mark = {"agrees": "✓ yes", "disagrees": "✗ no"}.get(row.agreement, "– open")
        said = SHORT.get(row.advised or "", row.advised or "nothing")
        table.add_row(row.scenario, said, winner, row.word, mark, row.miss or "")
    return table


def _records(folder: Path) -> list[dict[str, object]]:
    """Every record in a folder of runs; what cannot be read is told and left out. InputError where there is none."""
    paths = sorted(folder.glob("*/record.json"))
    if not paths:
        raise InputError(f"{folder}: no finished run there (no */record.json); make one with: harness run SCENARIO")
    found: list[dict[str, object]] = []
    for path in paths:
        try:
            found.append(load_record(path.parent))
        except InputError as error:
            typer.echo(f"left out: {error}", err=True)
    return found


# --- the dialogue -------------------------------------------------------------------------------------------------


def _ask(file: Path, console: Console) -> AdviceInput | None:
    """Ask at the terminal, keeping every answer in `file` at once; None where the person quit."""
    dialogue = _opened(file, console)
    while not dialogue.done:
        _show_step(dialogue, console)
        try:
            following = _one_step(dialogue, console, _line)
        except KeyboardInterrupt:
            console.print()
            _say_kept(file, dialogue, console)
            raise typer.Exit(130) from None
        if following is None:
            _say_kept(file, dialogue, console)
            return None
        if following.answers != dialogue.answers or following.facts != dialogue.facts:
            _keep(file, following)
        dialogue = following
        console.print(so_far(dialogue), style="cyan", markup=False, highlight=False)
        console.print()
    return _input(dialogue)


def _show_step(dialogue: Dialogue, console: Console) -> None:
    for number, line in enumerate(prompt_lines(dialogue)):
        console.print(line, style="bold" if number == 0 else "", markup=False, highlight=False)
    console.print(keys_line(dialogue), style="dim", markup=False, highlight=False)


def _opened(file: Path, console: Console) -> Dialogue:
    if not file.exists():
        console.print(f"Nine questions, then a few optional facts. Answers are kept in {file}.", highlight=False)
        console.print()
        return resume({}, {})
    _, kept = read_answers(file)
    dialogue = resume(kept.answers, known(kept.facts))
    console.print(
        f"Going on with {len(kept.answers)} answers from {file} (b goes back; delete the file to start again).",
        highlight=False,
    )
    console.print(so_far(dialogue), style="cyan", highlight=False)
    console.print()
    return dialogue


def _one_step(dialogue: Dialogue, console: Console, read: Callable[[Console], str | None]) -> Dialogue | None:
    """Read lines until one moves the dialogue on; None for quit or the end of input."""
    while True:
        line = read(console)
        if line is None:
            return None
        reaction = react(dialogue, line)
        if reaction.message:
            console.print(reaction.message, style="yellow", markup=False, highlight=False)
        if reaction.kind == "quit":
            return None
        if reaction.kind == "next":
            return reaction.dialogue


def _line(console: Console) -> str | None:
    console.print("> ", end="")
    line = sys.stdin.readline()
    return line if line else None


def _say_kept(file: Path, dialogue: Dialogue, console: Console) -> None:
    _keep(file, dialogue)
    option = "" if file == STATE else f" --save {file}"
    kept = f"{len(dialogue.answers)} of 9 answers are kept in {file}. Go on with: harness advise{option}"
    console.print(kept if dialogue.answers else "Nothing was answered, nothing is kept.", markup=False, highlight=False)


def _keep(file: Path, dialogue: Dialogue) -> None:
    if dialogue.answers:
        save_answers(file, _input(dialogue))


def _input(dialogue: Dialogue) -> AdviceInput:
    return AdviceInput(answers=dialogue.answers, facts=facts_of(dialogue))


# --- what is written ----------------------------------------------------------------------------------------------


def _write_files(
    given: AdviceInput, found: dict[str, object], html: Path | None, save: Path | None, init: Path | None
) -> None:
    if html is not None:
        write_text(html, to_html(found))
        typer.echo(f"page written: {html}", err=True)
    if save is not None:
        save_answers(save, given)
        typer.echo(f"answers kept: {save}", err=True)
    if init is not None:
        file = write_scenario(init, given)
        typer.echo(f"scenario written: {file}; next: put documents and golden questions beside it", err=True)


def _compare_expected(advice: Advice, given: AdviceInput) -> None:
    if given.expect is not None and given.expect != advice.recommendation:
        typer.echo(f"note: the scenario expects {given.expect}; the advice is {advice.recommendation}", err=True)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else 80)
