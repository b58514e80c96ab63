"""The questionnaire of `harness advise`: sources of its answers, what a run adds, the files it writes."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import typer

from harness.advice.answers_file import read_answers, save_answers, write_scenario, write_text
from harness.advice.content import AdviceContent
from harness.advice.page import to_html
from harness.advice.parse import Questionnaire, parse_advice
from harness.advice.profile import ProfileTexts
from harness.advice.questions import QUESTIONS
from harness.advice.recommend import Advice
from harness.advice.run_profile import profile_texts
from harness.cli.console import console
from harness.cli.dialogue import STATE, ask_questions
from harness.errors import InputError
from harness.files.input_file import is_there, real
from harness.files.paths import find_scenario, reports_dir
from harness.record.files import finished_runs, load_record
from harness.scenario.load import load_scenario


def questionnaire_from(
    answers: Path | None, scenario: str | None, save: Path | None, as_json: bool, again: bool = False
) -> tuple[str, Questionnaire] | None:
    """(title, questionnaire) from a file, a scenario or the terminal; None where the person at the terminal quit."""
    if answers is not None and scenario is not None:
        raise InputError("advise: found both --answers and --scenario; expected one of them")
    if answers is not None:
        return read_answers(answers)
    if scenario is not None:
        return _from_scenario(scenario)
    before = None if again else _all_answered(save or STATE)
    if before is not None:
        typer.echo(f"the nine answers are those in {save or STATE}; change one with: harness advise --again", err=True)
        return before
    if not sys.stdin.isatty():
        raise InputError(
            "advise: found standard input that is not a terminal, and neither --answers FILE nor --scenario ID; "
            "expected one of them in a pipe or a script, or a terminal to ask the nine questions at"
        )
    finished = ask_questions(save or STATE, console(stderr=as_json or not sys.stdout.isatty()), again)
    return None if finished is None else ("", finished)


def _all_answered(file: Path) -> tuple[str, Questionnaire] | None:
    """The answers that were given before, where all nine were: nobody is asked twice."""
    if not is_there(file):
        return None
    title, questionnaire = read_answers(file)
    return (title, questionnaire) if len(questionnaire.answers) == len(QUESTIONS) else None


def _from_scenario(argument: str) -> tuple[str, Questionnaire]:
    folder = find_scenario(argument)
    scenario = load_scenario(folder)
    questionnaire = parse_advice(scenario.advice, f"{folder / 'scenario.yaml'}: advice")
    price, facts = scenario.prices.gpu_hour, questionnaire.facts
    if facts.gpu_hour_price is None and price > 0:
        questionnaire = replace(questionnaire, facts=replace(facts, gpu_hour_price=price))
    return scenario.title, questionnaire


def run_texts(scenario: str | None) -> tuple[str | None, ProfileTexts]:
    """(run id, profile cells) of the newest finished run of this scenario; (None, {}) where there is none to read."""
    if scenario is None:
        return None, {}
    name = real(find_scenario(scenario)).name
    newest = list(reversed(finished_runs(reports_dir())))
    for path in newest:
        try:
            record = load_record(path.parent)
        except InputError:  # a broken or older run: the advice does not need it, `harness report` says what is wrong
            continue
        if record.scenario.id == name:
            return path.parent.name, profile_texts(record)
    return None, {}


def write_files(
    questionnaire: Questionnaire, advice_content: AdviceContent, html: Path | None, save: Path | None, init: Path | None
) -> None:
    if html is not None:
        write_text(html, to_html(advice_content))
        typer.echo(f"page written: {html}", err=True)
    if save is not None:
        save_answers(save, questionnaire)
        typer.echo(f"answers kept: {save}", err=True)
    if init is not None:
        file = write_scenario(init, questionnaire)
        typer.echo(
            f"scenario written: {file}; next: put documents beside it (corpus/, and 'corpus: corpus/' in it), then "
            f"harness golden import csv QUESTIONS.csv {init}",
            err=True,
        )


def compare_expected(advice: Advice, questionnaire: Questionnaire) -> None:
    if questionnaire.expect is not None and questionnaire.expect != advice.recommendation:
        typer.echo(
            f"note: the scenario expects {questionnaire.expect}; the advice is {advice.recommendation}", err=True
        )
