"""The nine questions asked at a terminal, every answer kept in a file at once (`harness advise` without a source)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from harness.advice.answers_file import read_answers, save_answers
from harness.advice.dialogue import Dialogue, facts_of, keys_line, prompt_lines, react, resume, so_far
from harness.advice.facts import as_mapping
from harness.advice.parse import Questionnaire
from harness.files.input_file import is_there
from harness.stats.numbers import show_count

if TYPE_CHECKING:
    from rich.console import Console

STATE = Path(".harness-advise.yaml")


def ask_questions(file: Path, console: Console, again: bool = False) -> Questionnaire | None:
    """Ask at the terminal, keeping every answer in `file` at once; None where the person quit.

    Args:
        again: from the first question, whatever was answered before; Enter keeps it.
    """
    dialogue = _open_dialogue(file, console)
    dialogue = replace(dialogue, at=0) if again else dialogue
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


def _open_dialogue(file: Path, console: Console) -> Dialogue:
    if not is_there(file):
        console.print(f"Nine questions, then a few optional facts. Answers are kept in {file}.", highlight=False)
        console.print()
        return resume({}, {})
    _, before = read_answers(file)
    dialogue = resume(before.answers, as_mapping(before.facts))
    console.print(
        f"Going on with {show_count(len(before.answers), 'answer')} from {file} "
        "(b goes back; delete the file to start again).",
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
        dialogue = reaction.dialogue


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
