"""`harness forgetting`: a tuned model beside its base on the same items, asked here or by lm-eval before."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import JsonOption

EXIT_CODES = {"pass": 0, "fail": 1}


def forgetting_command(
    base: Annotated[str, typer.Argument(help="lm-eval's output of the base (with --log_samples); with --tasks: it.")],
    tuned: Annotated[str, typer.Argument(help="lm-eval's output of the tuned model; with --tasks: it, or an adapter.")],
    margin: Annotated[float, typer.Option(min=0, max=100, help="Points that it may be below the base.")] = 5.0,
    metric: Annotated[
        str | None, typer.Option(help="A metric of rights and wrongs (default: acc, exact_match; acc_norm of words).")
    ] = None,
    tasks: Annotated[
        str | None, typer.Option(help="Ask both here: a folder of MMLU csv files, general, or a task file.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="With --tasks: items in all, spread over the subjects.")] = 400,
    seed: Annotated[int, typer.Option(min=0, help="With --tasks: of the draw.")] = 7,
    as_json: JsonOption = False,
) -> int:
    """Prove that tuning forgot at most so much, asked here or read of lm-eval: exit 0 proven, 1 disproven, 3 not."""
    from harness.exports.lm_eval import TUNED, compare_folders, forgetting_gate
    from harness.record.codec import to_json
    from harness.report.text.forgetting import forgetting_text
    from harness.scenario.settings import ForgettingSettings

    if tasks is None:
        section = compare_folders(Path(base), Path(tuned), metric)
    else:
        from harness.forgetting.models import compare_models

        section = compare_models(base, {TUNED: tuned}, ForgettingSettings(tasks, limit), seed)
    gate = forgetting_gate(section, margin)
    if as_json:
        typer.echo(to_json({"gate": gate, "forgetting": section}, indent=1))
    else:
        typer.echo(forgetting_text(gate, section), nl=False)
    return EXIT_CODES.get(gate.status, 3)
