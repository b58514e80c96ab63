"""`harness parity`: is what is served what was measured?"""

from __future__ import annotations

from typing import Annotated

import typer

from harness.characters import printable
from harness.cli.options import JsonOption


def parity_command(
    adapter: Annotated[
        str, typer.Argument(metavar="ADAPTER", help="An adapter's folder, or RUN:ARM, whose stored answers count.")
    ],
    served: Annotated[
        str,
        typer.Option(
            help="An endpoint (http://HOST:PORT/v1), unmerged, nf4, or a folder: of an adapter, of a merged model."
        ),
    ],
    scenario: Annotated[str | None, typer.Option(help="Whose golden questions are asked. Default: the run's.")] = None,
    model: Annotated[str | None, typer.Option(help="The name under which the endpoint serves it.")] = None,
    api_key_env: Annotated[str | None, typer.Option(help="The variable that holds the endpoint's key.")] = None,
    base: Annotated[
        str | None, typer.Option(help="The arm whose prompts are asked. Default: rag, or else baseline.")
    ] = None,
    questions: Annotated[int, typer.Option(min=1, help="Golden questions, drawn by the scenario's seed.")] = 40,
    floor: Annotated[
        float, typer.Option(min=0, max=1, help="Share of identical answers that is enough: number formats round.")
    ] = 0.9,
    as_json: JsonOption = False,
) -> int:
    """Is what is served what was measured? Exit 0 it is, 1 it answers as the base or otherwise, 3 nothing tells."""
    from harness.engine.progress import shown_progress
    from harness.record.codec import to_json
    from harness.report.text.parity import parity_text
    from harness.runs.as_served import ParityTerms, parity

    with shown_progress() as progress:
        terms = ParityTerms(adapter, scenario, served, model, api_key_env, base, questions, floor, progress)
        outcome = parity(terms)
    if isinstance(outcome, str):
        typer.echo(to_json({"exit_code": 1, "says": outcome}, indent=1) if as_json else printable(outcome))
        return 1
    summary = {"exit_code": outcome.exit_code, "parity": outcome}
    typer.echo(to_json(summary, indent=1) if as_json else printable(parity_text(outcome)))
    return outcome.exit_code
