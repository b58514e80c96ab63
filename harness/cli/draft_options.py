"""Options of the commands that draft: how many, of which kinds, and who writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.errors import InputError

if TYPE_CHECKING:
    from harness.from_documents import Order
    from harness.scenario.settings import Models, Scenario
    from harness.types import Kind

CountOption = Annotated[int, typer.Option("--count", min=1, max=100_000, help="How many.")]
KindsOption = Annotated[
    list[str] | None,
    typer.Option("--kind", help="Only lookup, multi_hop, unanswerable or style. More than one."),
]
ByOption = Annotated[
    str | None,
    typer.Option("--by", metavar="MODEL", help="Who writes: a built-in model, a folder, a server's name."),
]
UrlOption = Annotated[str | None, typer.Option("--base-url", help="The OpenAI-compatible server of --by.")]
KeyOption = Annotated[str | None, typer.Option("--api-key-env", help="The environment variable with the server's key.")]
SeedOption = Annotated[int | None, typer.Option("--seed", help="Seed of what is drawn. Default: the scenario's.")]
DropsOption = Annotated[Path | None, typer.Option("--drops", metavar="FILE", help="Also write what did not pass.")]


def order_of(
    scenario: Scenario,
    count: int,
    kinds: list[str] | None,
    by: str | None,
    server: tuple[str | None, str | None],
    seed: int | None,
) -> Order:
    """What the options ask for. InputError: an unknown kind, a server without a model."""
    from harness.from_documents import Order
    from harness.types import KINDS

    unknown = [kind for kind in kinds or () if kind not in KINDS]
    if unknown:
        raise InputError(f"--kind {unknown[0]}: expected one of: {', '.join(KINDS)}")
    if server[0] is not None and by is None:
        raise InputError("--base-url without --by: name the model that the server is asked for")
    choice: list[Kind] = [kind for kind in KINDS if kind in (kinds or ())]
    return Order(count, tuple(choice), None if by is None else _models(scenario, by, server), seed)


def _models(scenario: Scenario, by: str, server: tuple[str | None, str | None]) -> Models:
    from dataclasses import replace

    return replace(scenario.models, generator=by, base_url=server[0], api_key_env=server[1])
