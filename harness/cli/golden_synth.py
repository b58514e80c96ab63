"""`harness golden synth`: golden cases drafted from a scenario's documents, for people to review."""

from __future__ import annotations

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
    from harness.files.paths import find_scenario
    from harness.from_documents import golden_drafts, write_drops
    from harness.record.codec import plain, to_json
    from harness.report.text.drafts import draft_facts, golden_drafts_text
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
    typer.echo(printable(golden_drafts_text(draw, scenario)))
