"""`harness advise`: the nine questions at a terminal, or answers from a file; the advice as text, JSON or a page."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.advice.answers_file import read_answers, save_answers, write_scenario, write_text
from harness.advice.content import AdviceContent, content
from harness.advice.dialogue import Dialogue, facts_of, keys_line, prompt_lines, react, resume, so_far
from harness.advice.facts import known
from harness.advice.page import to_html
from harness.advice.parse import Questionnaire, parse_advice
from harness.advice.profile import ProfileTexts
from harness.advice.recommend import Advice, advise
from harness.advice.recommendations import row_of
from harness.advice.run_profile import profile_texts
from harness.advice.terminal import to_terminal
from harness.errors import InputError
from harness.paths import find_scenario, reports_dir
from harness.record.codec import to_json
from harness.record.files import load_record
from harness.record.sections import Record
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
    source = _questionnaire(answers, scenario, save, as_json)
    if source is None:
        return
    title, questionnaire = source
    advice = advise(questionnaire.answers, questionnaire.facts)
    run, texts = _run_texts(scenario)
    shown = content(advice, title, texts, run)
    if as_json:
        typer.echo(to_json(shown, indent=2))
    else:
        to_terminal(shown, _console(stderr=False))
    _write_files(questionnaire, shown, html, save, init)
    _compare_expected(advice, questionnaire)


def _questionnaire(
    answers: Path | None, scenario: str | None, save: Path | None, as_json: bool
) -> tuple[str, Questionnaire] | None:
    """(title, questionnaire) from a file, a scenario or the terminal; None where the person at the terminal quit."""
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


def _from_scenario(argument: str) -> tuple[str, Questionnaire]:
    folder = find_scenario(argument)
    scenario = load_scenario(folder)
    questionnaire = parse_advice(scenario.advice, f"{folder / 'scenario.yaml'}: advice")
    price, facts = scenario.prices.gpu_hour, questionnaire.facts
    if facts.gpu_hour_price is None and price > 0:
        questionnaire = replace(questionnaire, facts=replace(facts, gpu_hour_price=price))
    return scenario.title, questionnaire


def _run_texts(scenario: str | None) -> tuple[str | None, ProfileTexts]:
    """(run id, profile cells) of the newest finished run of this scenario; (None, {}) where there is none to read."""
    if scenario is None:
        return None, {}
    name = find_scenario(scenario).resolve().name
    newest = sorted(reports_dir().glob("*/record.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in newest:
        try:
            record = load_record(path.parent)
        except InputError:  # a broken or older run: the advice does not need it, `harness report` says what is wrong
            continue
        if record.scenario.id == name:
            return path.parent.name, profile_texts(record)
    return None, {}


# --- advice against measurement -----------------------------------------------------------------------------------


def _check(folder: Path, as_json: bool) -> None:
    """A row a run: advised, measured winner, agreed or not, and the named reason."""
    from harness.history.advice_check import check_advice

    check = check_advice(_records(folder))
    if as_json:
        typer.echo(to_json({"check": check, "says": check.says}, indent=1))
        return
    console = _console(stderr=False)
    console.print(_table(check))
    for row in check.rows:
        if row.miss:
            console.print(f"{row.scenario} ({row.run}): {row.reason}", markup=False, highlight=False)
    console.print(check.says, markup=False, highlight=False)


def _table(check: Check) -> Table:
    from rich.table import Table

    table = Table("scenario", "advised", "measured winner", "verdict", "agreed", "reason", box=None, pad_edge=False)
    for row in check.rows:
        winner = "none" if row.winner is None else row.winner if row.ships else f"{row.winner}, not to be shipped"
        mark = {"agrees": "✓ yes", "disagrees": "✗ no"}.get(row.agreement, "– open")
        advised = row_of(row.advised)
        name = advised.name if advised else row.advised or "nothing"
        table.add_row(row.scenario, name, winner, row.word, mark, row.miss or "")
    return table


def _records(folder: Path) -> list[Record]:
    """Every record in a folder of runs; what cannot be read is named and left out. InputError where there is none."""
    paths = sorted(folder.glob("*/record.json"))
    if not paths:
        raise InputError(f"{folder}: no finished run there (no */record.json); make one with: harness run SCENARIO")
    records: list[Record] = []
    for path in paths:
        try:
            records.append(load_record(path.parent))
        except InputError as error:
            typer.echo(f"left out: {error}", err=True)
    return records


# --- the dialogue -------------------------------------------------------------------------------------------------


def _ask(file: Path, console: Console) -> Questionnaire | None:
    """Ask at the terminal, keeping every answer in `file` at once; None where the person quit."""
    dialogue = _opened(file, console)
    while not dialogue.done:
        _show_step(dialogue, console)
        try:
            following = _one_step(dialogue, console, _line)
        except KeyboardInterrupt:
            console.print()
            _say_saved(file, dialogue, console)
            raise typer.Exit(130) from None
        if following is None:
            _say_saved(file, dialogue, console)
            return None
        if following.answers != dialogue.answers or following.facts != dialogue.facts:
            _save_dialogue(file, following)
        dialogue = following
        console.print(so_far(dialogue), style="cyan", markup=False, highlight=False)
        console.print()
    return _answers(dialogue)


def _show_step(dialogue: Dialogue, console: Console) -> None:
    for number, line in enumerate(prompt_lines(dialogue)):
        console.print(line, style="bold" if number == 0 else "", markup=False, highlight=False)
    console.print(keys_line(dialogue), style="dim", markup=False, highlight=False)


def _opened(file: Path, console: Console) -> Dialogue:
    if not file.exists():
        console.print(f"Nine questions, then a few optional facts. Answers are kept in {file}.", highlight=False)
        console.print()
        return resume({}, {})
    _, before = read_answers(file)
    dialogue = resume(before.answers, known(before.facts))
    console.print(
        f"Going on with {len(before.answers)} answers from {file} (b goes back; delete the file to start again).",
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


def _say_saved(file: Path, dialogue: Dialogue, console: Console) -> None:
    _save_dialogue(file, dialogue)
    option = "" if file == STATE else f" --save {file}"
    state = f"{len(dialogue.answers)} of 9 answers are kept in {file}. Go on with: harness advise{option}"
    console.print(
        state if dialogue.answers else "Nothing was answered, nothing is kept.", markup=False, highlight=False
    )


def _save_dialogue(file: Path, dialogue: Dialogue) -> None:
    if dialogue.answers:
        save_answers(file, _answers(dialogue))


def _answers(dialogue: Dialogue) -> Questionnaire:
    return Questionnaire(answers=dialogue.answers, facts=facts_of(dialogue))


# --- what is written ----------------------------------------------------------------------------------------------


def _write_files(
    questionnaire: Questionnaire, shown: AdviceContent, html: Path | None, save: Path | None, init: Path | None
) -> None:
    if html is not None:
        write_text(html, to_html(shown))
        typer.echo(f"page written: {html}", err=True)
    if save is not None:
        save_answers(save, questionnaire)
        typer.echo(f"answers kept: {save}", err=True)
    if init is not None:
        file = write_scenario(init, questionnaire)
        typer.echo(f"scenario written: {file}; next: put documents and golden questions beside it", err=True)


def _compare_expected(advice: Advice, questionnaire: Questionnaire) -> None:
    if questionnaire.expect is not None and questionnaire.expect != advice.recommendation:
        typer.echo(
            f"note: the scenario expects {questionnaire.expect}; the advice is {advice.recommendation}", err=True
        )


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else 80)
