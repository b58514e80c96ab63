"""`harness advise`: the nine questions at a terminal, or answers from a file; the advice as text, JSON or a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import JsonOption

_Answers = Annotated[Path | None, typer.Option("--answers", metavar="FILE", help="YAML or JSON file with the answers.")]
_Scenario = Annotated[str | None, typer.Option("--scenario", metavar="ID", help="A scenario: its folder or its id.")]
_Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write one self-contained page.")]
_Save = Annotated[
    Path | None, typer.Option("--save", metavar="FILE", help="Keep answers here (default .harness-advise.yaml).")
]
_Init = Annotated[Path | None, typer.Option("--init", metavar="DIR", help="Write the scenario file to start from.")]
_Long = Annotated[bool, typer.Option("--long", help="Also everything that the answer rests on.")]
_Again = Annotated[bool, typer.Option("--again", help="Ask once more what was answered before; Enter keeps it.")]
_Check = Annotated[
    Path | None, typer.Option("--check", metavar="DIR", help="Hold the advice of every run in DIR against its verdict.")
]


def advise_command(
    answers: _Answers = None,
    scenario: _Scenario = None,
    as_json: JsonOption = False,
    html: _Html = None,
    save: _Save = None,
    init: _Init = None,
    check: _Check = None,
    long: _Long = False,
    again: _Again = False,
) -> None:
    """RAG, fine-tuning, or both? Nine questions, the recommendation, and which answers would flip it."""
    from harness.advice.content import content
    from harness.advice.recommend import advise
    from harness.advice.terminal import to_terminal
    from harness.cli.advice_check import check_runs
    from harness.cli.console import console
    from harness.cli.questionnaire import compare_expected, questionnaire_from, run_texts, write_files
    from harness.files.output_path import check_report
    from harness.record.codec import to_json

    if html is not None:
        check_report(html, "page")
    if check is not None:
        check_runs(check, as_json)
        return
    source = questionnaire_from(answers, scenario, save, as_json, again)
    if source is None:
        return
    title, questionnaire = source
    advice = advise(questionnaire.answers, questionnaire.facts)
    run, texts = run_texts(scenario)
    advice_content = content(advice, title, texts, run)
    if as_json:
        typer.echo(to_json(advice_content, indent=2))
    else:
        to_terminal(advice_content, console(stderr=False), long)
    write_files(questionnaire, advice_content, html, save, init)
    compare_expected(advice, questionnaire)
