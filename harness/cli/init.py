"""`harness init`: a new scenario from people's own documents and questions, or a packaged one; CI files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.characters import printable
from harness.errors import InputError

if TYPE_CHECKING:
    from harness.new_scenario.material import Sources
    from harness.scenario.settings import Models


def init_command(
    folder: Annotated[Path, typer.Argument(help="A new folder; with --ci also a scenario that is there.")],
    docs: Annotated[Path | None, typer.Option(help="Your documents: a folder or one file.")] = None,
    questions: Annotated[
        Path | None, typer.Option(help="Your questions with answers: CSV, Excel, JSON, JSONL, Parquet.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="A built-in model, a folder, a hub id, or a server's name.")] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="An OpenAI-compatible server, like http://HOST:8000/v1.")
    ] = None,
    api_key_env: Annotated[
        str | None, typer.Option(metavar="NAME", help="The environment variable that holds its key.")
    ] = None,
    column: Annotated[list[str] | None, typer.Option(help="A column by hand: question=Frage. Repeatable.")] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook.")] = None,
    title: Annotated[str | None, typer.Option(help="Title of the scenario.")] = None,
    advice: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The answers of harness advise, taken over.")
    ] = None,
    source: Annotated[str | None, typer.Option("--from", help="A packaged scenario instead. Default: wiki.")] = None,
    ci: Annotated[
        list[str] | None,
        typer.Option(metavar="SYSTEM", help="Also CI files: github, gitlab, pre-commit. Repeatable."),
    ] = None,
) -> None:
    """Write a scenario that runs as it is: from your documents and questions, or a packaged one to look at."""
    from harness.files.input_file import is_file
    from harness.scenario.ci_files import repository_of, write_ci

    own: dict[str, object] = {
        "--docs": docs,
        "--model": model,
        "--base-url": base_url,
        "--api-key-env": api_key_env,
        "--column": column,
    }
    own |= {"--sheet": sheet, "--title": title, "--advice": advice}
    options = [name for name, value in own.items() if value]
    if questions is None and options:
        raise InputError(f"init: {options[0]} needs --questions FILE, questions with answers to measure by")
    if questions is not None and source is not None:
        raise InputError("init: --from starts from a packaged scenario, --questions from your own; take one of them")
    if questions is not None:
        from harness.golden.importers.columns import named_columns
        from harness.new_scenario.material import Sources
        from harness.new_scenario.model_choice import models_of

        sources = Sources(questions, docs, named_columns(column or []), sheet)
        _from_material(folder, sources, models_of(model, base_url, api_key_env), title, advice)
    elif not ci or not is_file(folder / "scenario.yaml"):
        _from_starter(source or "wiki", folder)
    for system in ci or ():
        for line in write_ci(system, folder, repository_of(folder)):
            print(printable(line))


def _from_material(folder: Path, sources: Sources, models: Models, title: str | None, advice: Path | None) -> None:
    from harness.advice.answers_file import advice_block, read_answers
    from harness.cli.console import window
    from harness.cli.corpus import tell_corpus
    from harness.files.output_path import check_new_folder
    from harness.new_scenario.material import gather
    from harness.new_scenario.summary import lines_of
    from harness.new_scenario.write import write_new
    from harness.report.text.layout import paragraph

    check_new_folder(folder)
    block = advice_block(read_answers(advice)[1]) if advice is not None else ""
    material = gather(sources, models)
    tell_corpus(material.corpus.skipped, material.corpus.remarks)
    about = sources.docs or sources.questions
    write_new(material, folder, title or f"Questions about {about.stem or about.name}", _schema(), block)
    for text in lines_of(material, folder):
        for line in paragraph(text.strip(), window(), text[: len(text) - len(text.lstrip())], "    "):
            print(printable(line))


def _from_starter(name: str, folder: Path) -> None:
    from harness.new_scenario.readme import write_readme
    from harness.scenario.starters import copy_starter

    copy_starter(name, folder, _schema())
    write_readme(folder)
    print(f"wrote {folder}; next: harness run {folder}")


def _schema() -> str:
    from harness.formats import schema_of
    from harness.record.codec import to_json

    return to_json(schema_of("scenario"), indent=1) + "\n"
