"""`harness ask`: one question to one arm of a scenario, answered from the live index."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.characters import printable
from harness.cli.corpus import CorpusReading, tell_corpus
from harness.cli.options import AllowCodeOption, JsonOption, ScenarioArgument


def ask_command(
    scenario: ScenarioArgument,
    question: Annotated[str, typer.Argument(help="The question.")],
    arm: Annotated[str, typer.Option(help="The arm that answers.")] = "rag",
    allow_code: AllowCodeOption = False,
    as_json: JsonOption = False,
) -> None:
    """Ask one arm of a scenario one question (a tuned arm must have been trained by a run)."""
    from harness.errors import EnvironmentFailure
    from harness.record.codec import plain, to_json
    from harness.runs.start import make_ready
    from harness.stages.ask import live_arm
    from harness.types import Failure

    ready = make_ready(scenario, allow_code=allow_code)
    corpus = ready.inputs.corpus
    tell_corpus(corpus.skipped, corpus.remarks)
    answer = live_arm(ready.inputs, ready.planned, ready.store, arm).ask([question])[0]
    if isinstance(answer, Failure):
        raise EnvironmentFailure(f"arm '{arm}': no answer: {answer.reason}")
    if as_json:
        print(to_json({**plain(answer), **plain(CorpusReading(corpus.skipped, corpus.remarks))}, indent=1))
        return
    print(printable(answer.text))
    for label, passage in zip(answer.cited, answer.cited_passages, strict=True):
        print(printable(f"  [{label}] {passage.title if passage else 'not among the passages shown'}"))
