"""`harness tune`: train the adapters of a scenario, without asking its arms anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from harness.characters import printable
from harness.cli.corpus import CorpusReading, tell_corpus
from harness.cli.options import AllowCodeOption, JsonOption, ScenarioArgument, WorkersOption
from harness.errors import InputError

if TYPE_CHECKING:
    from harness.stages.tune import TuneAdapter


def tune_command(
    scenario: ScenarioArgument,
    arm: Annotated[str | None, typer.Option(help="Train this arm's adapter only. Default: every tuned arm.")] = None,
    curve: Annotated[
        str | None,
        typer.Option(metavar="NUMBERS", help="Draw a learning curve instead: 50,100,250 examples, and all of them."),
    ] = None,
    workers: WorkersOption = None,
    allow_code: AllowCodeOption = False,
    as_json: JsonOption = False,
) -> None:
    """Train the adapters of a scenario; a run of it finds them trained.

    With --curve one arm is also trained on parts of its examples, each part in the next, and asked the golden
    questions: where further examples stop to help. `tuning.curve` has a run do the same, and its page draws it.
    """
    if curve is not None:
        from harness.cli.learning import draw_curve

        draw_curve(scenario, arm, curve, workers, allow_code, as_json)
        return
    from harness.engine.execute import execute
    from harness.engine.progress import shown_progress
    from harness.record.codec import plain, to_json
    from harness.report.text.training import training_text
    from harness.runs.start import make_ready
    from harness.stages.index import IndexCorpus
    from harness.stages.rerank import TuneReranker
    from harness.stages.retrieve import RetrieveExamples
    from harness.stages.teach import AskTeacher
    from harness.stages.tune import TuneAdapter

    ready = make_ready(scenario, allow_code=allow_code)
    corpus = ready.inputs.corpus
    tell_corpus(corpus.skipped, corpus.remarks)
    every = [stage for stage in ready.planned.all(TuneAdapter) if stage.variant is None]
    tunes = _trainings_of(every, arm, scenario)
    before = ready.planned.only(IndexCorpus, TuneReranker, RetrieveExamples, AskTeacher)
    starts = [stage.start for stage in tunes if stage.start is not None and stage.start not in tunes]
    with shown_progress() as progress:
        count = ready.inputs.workers(workers)
        run = execute((*before, *starts, *tunes), ready.store, progress, count, ready.inputs.preload)
    adapters = {str(stage.arm): run.result(stage) for stage in tunes}
    if as_json:
        reading = plain(CorpusReading(corpus.skipped, corpus.remarks))
        typer.echo(to_json({"adapters": adapters, **reading}, indent=1))
        return
    for stage in tunes:
        folder = ready.store.folder(stage) / "adapter"
        typer.echo(printable(training_text(str(stage.arm), adapters[str(stage.arm)], folder)))


def _trainings_of(tunes: Sequence[TuneAdapter], arm: str | None, scenario: str) -> Sequence[TuneAdapter]:
    """The stages that train: of one arm, or all of them."""
    if not tunes:
        raise InputError(f"{scenario}: none of its arms is tuned; add 'tune' or 'hybrid' to 'arms'")
    if arm is None:
        return tunes
    trainings = [stage for stage in tunes if stage.arm == arm]
    if not trainings:
        arms = ", ".join(str(stage.arm) for stage in tunes)
        raise InputError(f"arm '{arm}': not a tuned arm of {scenario}; its tuned arms: {arms}")
    return trainings
