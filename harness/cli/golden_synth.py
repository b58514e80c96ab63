"""`harness golden synth`: golden cases drafted from a scenario's documents, for people to review."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.characters import printable
from harness.cli.options import JsonOption, ScenarioArgument
from harness.errors import InputError

if TYPE_CHECKING:
    from harness.drafts.draft import Drafts
    from harness.from_documents import GoldenDrafts, Order
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


def synth_command(
    scenario: ScenarioArgument,
    count: CountOption = 60,
    kind: KindsOption = None,
    by: ByOption = None,
    base_url: UrlOption = None,
    api_key_env: KeyOption = None,
    seed: SeedOption = None,
    drops: DropsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draft golden cases from the documents; they count once people have read them (golden review)."""
    from harness.engine.progress import shown_progress
    from harness.from_documents import golden_drafts, write_drops
    from harness.paths import find_scenario
    from harness.record.codec import plain, to_json
    from harness.scenario.load import load_scenario

    settings = load_scenario(find_scenario(scenario))
    with shown_progress() as progress:
        draw = golden_drafts(settings, order_of(settings, count, kind, by, (base_url, api_key_env), seed), progress)
    if drops is not None:
        write_drops(drops, draw.drafts)
    if as_json:
        facts = {name: value for name, value in plain(draw).items() if name != "drafts"}
        typer.echo(to_json({**facts, **draft_facts(draw.drafts)}, indent=1))
        return
    typer.echo(printable(_says(draw, scenario)))


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


def draft_facts(drafts: Drafts) -> dict[str, object]:
    """The funnel and the reasons of a draw, for `--json`."""
    from harness.from_documents import commonest

    return {
        "funnels": drafts.funnels, "reasons": commonest(drafts.drops), "documents": drafts.documents,
        "replies": drafts.replies, "remembered": drafts.remembered,
    }  # fmt: skip


def _says(draw: GoldenDrafts, scenario: str) -> str:
    file = draw.file
    missing = {kind: count - draw.passed.get(kind, 0) for kind, count in draw.asked_for.items()}
    short = ", ".join(f"{kind} {count}" for kind, count in missing.items() if count > 0)
    lines = [
        f"{file.file}: {file.drafts} drafts: {file.new} new, {file.stayed} as before; {file.gone} taken out",
        *funnel_lines(draw.drafts, draw.seconds, draw.writer),
        *([f"  fewer than asked for: {short}"] if short else []),
        f"nobody has read them yet: harness golden review {scenario}",
    ]
    return "\n".join(lines)


def funnel_lines(drafts: Drafts, seconds: float, writer: str) -> list[str]:
    """A draw in lines: who wrote, and by kind how many came to each check and passed it."""
    from harness.from_documents import commonest

    head = f"  by {writer}, {drafts.documents} documents, {seconds / 60:.1f} min; {drafts.replies} replies"
    lines = [f"{head}, {drafts.remembered} of them known"]
    for kind, rows in drafts.funnels.items():
        steps = ", ".join(f"{row.check} {row.passed}" for row in rows)
        lines.append(f"  {kind}: {rows[0].entered if rows else 0} written; passed: {steps}")
    lines += [f"  dropped, {reason}: {count}" for reason, count in commonest(drafts.drops).items()]
    return lines
