"""`harness tune --curve`: one arm trained on growing parts of its examples, and what each training answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from harness.characters import printable
from harness.cli.console import tell
from harness.errors import InputError

if TYPE_CHECKING:
    from harness.engine.stage import Stage
    from harness.runs.start import Ready


def draw_curve(
    scenario: str, arm: str | None, numbers: str, workers: int | None, allow_code: bool, as_json: bool
) -> None:
    """Train, ask the golden questions, and print success, form and forgetting against the number of examples."""
    from harness.engine.execute import execute
    from harness.engine.part import RunPart
    from harness.engine.progress import shown_progress
    from harness.record.codec import to_json
    from harness.report.text.learning import learning_text
    from harness.results.variants import learning_section
    from harness.runs.start import make_ready

    part = RunPart(arms=None if arm is None else (arm,), curve=sizes_of(numbers))
    ready = make_ready(scenario, part, allow_code=allow_code)
    tell(ready.preliminaries())
    with shown_progress() as progress:
        execute(_stages(ready), ready.store, progress, ready.inputs.workers(workers), ready.inputs.preload)
    learning = learning_section(ready.inputs, ready.planned, ready.store)
    if learning is None:
        raise InputError(f"{scenario}: none of its arms is trained on examples; add 'tune' or 'hybrid' to 'arms'")
    typer.echo(to_json(learning, indent=1) if as_json else printable(learning_text(learning)))


def sizes_of(numbers: str) -> tuple[int, ...]:
    """The numbers of examples in `50,100,250`. InputError where one is none."""
    words = [word.strip() for word in numbers.split(",")]
    if not all(word.isascii() and word.isdecimal() and 0 < int(word) <= 10_000_000 for word in words):
        raise InputError(f"--curve {numbers!r}: expected numbers of examples from 1 on, as in 50,100,250")
    return tuple(sorted({int(word) for word in words}))


def _stages(ready: Ready) -> list[Stage[Any]]:
    """The steps that a curve stands on: no other arm is asked, and no latency measured."""
    from harness.stages.answer import Generate
    from harness.stages.detect import DetectClaims
    from harness.stages.forget import AskItems
    from harness.stages.index import IndexCorpus
    from harness.stages.rerank import TuneReranker
    from harness.stages.retrieve import LookUp
    from harness.stages.teach import AskTeacher
    from harness.stages.tune import TuneAdapter
    from harness.stages.variants import AskVariant, curve_arm

    arm = curve_arm(ready.inputs)
    kinds = (IndexCorpus, TuneReranker, LookUp, AskTeacher, TuneAdapter, AskItems, AskVariant)
    steps = ready.planned.only(*kinds)
    names = {None if arm is None else arm.name, *(stage.arm for stage in steps.all(AskVariant))}
    own = [stage for kind in (Generate, DetectClaims) for stage in ready.planned.all(kind) if stage.arm in names]
    return [*steps, *own]
