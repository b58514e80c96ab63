"""`harness examples make`: training examples drafted from a scenario's documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.characters import printable
from harness.cli.draft_options import (
    ByOption,
    CountOption,
    DropsOption,
    KeyOption,
    KindsOption,
    SeedOption,
    UrlOption,
    order_of,
)
from harness.cli.options import JsonOption, ScenarioArgument
from harness.errors import InputError


def make_command(
    scenario: ScenarioArgument,
    out: Annotated[Path, typer.Argument(help="The .jsonl file of examples to write; it must not exist yet.")],
    count: CountOption = 100,
    kind: KindsOption = None,
    use: Annotated[str, typer.Option(help="Which arms learn from it: open_book, closed_book or both.")] = "open_book",
    refusals: Annotated[float, typer.Option(min=0, max=0.9, help="Share of examples that nothing answers.")] = 0.2,
    by: ByOption = None,
    base_url: UrlOption = None,
    api_key_env: KeyOption = None,
    seed: SeedOption = None,
    drops: DropsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draft training examples from the documents, apart from the golden set, refusals and paraphrases among them."""
    from harness.drafts.training import USES
    from harness.engine.progress import shown_progress
    from harness.files.output_path import new_file
    from harness.files.paths import find_scenario
    from harness.from_documents import training_drafts, write_drops
    from harness.record.codec import to_json
    from harness.report.text.drafts import draft_facts, training_drafts_text
    from harness.scenario.load import load_scenario
    from harness.tuning.example_file import example_row, write_new

    book = next((word for word in USES if word == use), None)
    if book is None:
        raise InputError(f"--use {use}: expected one of: {', '.join(USES)}")
    new_file(out)
    settings = load_scenario(find_scenario(scenario))
    order = order_of(settings, count, kind, by, (base_url, api_key_env), seed)
    with shown_progress() as progress:
        draw = training_drafts(settings, order, book, refusals, progress)
    write_new(out, map(example_row, draw.examples.examples))
    if drops is not None:
        write_drops(drops, draw.drafts, draw.paraphrases)
    if as_json:
        facts = {"file": str(out), "kinds": draw.examples.kinds, "left_out": draw.examples.left_out}
        summary = {"asked_for": draw.asked_for, "writer": draw.writer, "seconds": draw.seconds}
        typer.echo(to_json({**facts, **summary, **draft_facts(draw.drafts)}, indent=1))
        return
    typer.echo(printable(training_drafts_text(draw, out)))
