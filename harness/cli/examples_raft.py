"""`harness examples raft`: tuning examples among passages that answer and passages that only look so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import JsonOption, ScenarioArgument
from harness.errors import InputError

if TYPE_CHECKING:
    from harness.tuning.raft import RaftCounts


def raft_command(
    scenario: ScenarioArgument,
    out: Annotated[Path, typer.Argument(help="The .jsonl file of examples to write; it must not exist yet.")],
    distractors: Annotated[int, typer.Option(min=1, max=20, help="Passages that do not answer, in each row.")] = 3,
    oracle_share: Annotated[float, typer.Option(min=0, max=1, help="Share of rows that keep what answers.")] = 0.8,
    without: Annotated[str, typer.Option(help="What the other rows answer: refusal or closed_book.")] = "refusal",
    quotes: Annotated[bool, typer.Option(help="Quote the evidence before the answer.")] = True,
    seed: Annotated[int | None, typer.Option(help="Seed of what is drawn. Default: the scenario's.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Put a scenario's open-book examples among distractors that its own retriever finds (RAFT)."""
    from harness.engine.progress import shown_progress
    from harness.files.output_path import new_file
    from harness.files.paths import find_scenario
    from harness.golden.load import load_examples
    from harness.record.codec import to_json
    from harness.scenario.load import load_scenario
    from harness.stages.corpus_search import open_search
    from harness.tuning.example_file import example_row, write_new
    from harness.tuning.raft import WITHOUT, RaftSettings, raft_examples

    choice = next((word for word in WITHOUT if word == without), None)
    if choice is None:
        raise InputError(f"--without {without}: expected one of: {', '.join(WITHOUT)}")
    new_file(out)
    settings = load_scenario(find_scenario(scenario))
    if settings.examples is None:
        raise InputError(f"{settings.dir / 'scenario.yaml'}: no 'examples'; make some: harness examples make")
    examples = load_examples(settings.examples, settings.answer.system)
    with shown_progress() as progress:
        search = open_search(settings, progress, depth=4 * distractors + 10)
        form = RaftSettings(distractors, oracle_share, choice, quotes)
        seed = settings.seed if seed is None else seed
        rows = raft_examples(examples, search.index.passages, search.retriever, settings.answer, form, seed)
    write_new(out, map(example_row, rows.examples))
    typer.echo(to_json({"file": str(out), "counts": rows.counts}, indent=1) if as_json else _says(out, rows.counts))


def _says(out: Path, counts: RaftCounts) -> str:
    without = f"{counts.refusals} without it refuse, {counts.closed_book} answer from memory"
    more = f"{counts.unanswerable} refused before; {counts.short} have fewer distractors than asked for"
    lines = [f"{out}: {counts.rows} rows: {counts.oracle} keep what answers, {without}; {more}"]
    return "\n".join([*lines, *(f"  left out, {why}: {count}" for why, count in counts.left_out.items())])
