"""`harness tune` and `harness adapters`: train the adapters of a scenario, look at them, merge one for a server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from harness.errors import InputError
from harness.paths import cache_dir, find_scenario

ScenarioArgument = Annotated[str, typer.Argument(help="A folder with a scenario.yaml, or its id under scenarios/.")]
AdapterArgument = Annotated[str, typer.Argument(help="An adapter's folder, or the beginning of its id.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]

adapters_app = typer.Typer(help="The adapters that runs have trained.", no_args_is_help=True, rich_markup_mode=None)


def tune_command(
    scenario: ScenarioArgument,
    arm: Annotated[str | None, typer.Option(help="Train this arm's adapter only. Default: every tuned arm.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes side by side. Default: one a core.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Train the adapters of a scenario; a run of it finds them trained."""
    from harness.run.inputs import load_inputs
    from harness.run.progress import shown_progress
    from harness.scenario.load import load_scenario
    from harness.stages.engine import default_store, execute
    from harness.stages.plan import make_plan

    inputs = load_inputs(load_scenario(find_scenario(scenario)))
    plan = make_plan(inputs)
    wanted = _tuned_arms([stage.arm for stage in plan.stages.values() if stage.name == "tune"], arm, scenario)
    before = ("index", "retrieve")
    kept = {k: s for k, s in plan.stages.items() if s.name in before or (s.name == "tune" and s.arm in wanted)}
    with shown_progress() as progress:
        done = execute(inputs, replace(plan, stages=kept), default_store(), progress, workers)
    trained = {name: done.facts[f"tune {name}"] for name in wanted}
    if as_json:
        typer.echo(json.dumps(trained, indent=1))
        return
    for name, facts in trained.items():
        _print_training(name, facts, default_store().folder(plan.stage("tune", name)) / "adapter")


def _tuned_arms(found: list[str | None], wanted: str | None, scenario: str) -> list[str]:
    tuned = [name for name in found if name is not None]
    if not tuned:
        raise InputError(f"{scenario}: none of its arms is tuned; add 'tune' or 'hybrid' to 'arms'")
    if wanted is None:
        return tuned
    if wanted not in tuned:
        raise InputError(f"arm '{wanted}': not a tuned arm of {scenario}; its tuned arms: {', '.join(tuned)}")
    return [wanted]


def _print_training(arm: str, facts: Mapping[str, Any], folder: Path) -> None:
    typer.echo(f"{arm}: adapter {facts['adapter']} on {facts['base']['name']}")
    typer.echo(
        f"  trained {facts['trainable']:,} of {facts['parameters']:,} weights ({100 * facts['share']:.2f} %), "
        f"{facts['examples']} examples, {facts['epochs']:.1f} epochs, {facts['training_seconds']:.0f} s"
    )
    typer.echo("  step    train loss   held-out loss")
    for point in facts["curve"]:
        mark = "  kept" if point["step"] == facts["best_step"] else ""
        typer.echo(f"  {point['step']:>4} {_loss(point['train_loss'])} {_loss(point['eval_loss'])}{mark}")
    typer.echo(f"  {'OVERFIT: ' if facts['overfit'] else ''}{facts['overfit_reason']}")
    typer.echo(f"  {folder}")


def _loss(value: float | None) -> str:
    return f"{'-':>13}" if value is None else f"{value:>13.3f}"


@adapters_app.command("list")
def list_command(as_json: JsonOption = False) -> None:
    """Every adapter in the cache: id, base, examples, when its held-out loss was lowest."""
    from harness.tuning.adapters import facts, find_adapters

    found = list(find_adapters(_roots()))
    if as_json:
        typer.echo(json.dumps([{**facts(record), "folder": str(path)} for path, record in found], indent=1))
        return
    if not found:
        typer.echo(f"no adapter in {cache_dir()}; train one with: harness tune SCENARIO")
    for path, record in found:
        kept = "last step" if record.best_step is None else f"step {record.best_step}"
        flag = "  OVERFIT" if record.overfit else ""
        typer.echo(f"{record.id}  {record.base['name']}  {record.examples} examples, {kept}{flag}  {path}")


@adapters_app.command("show")
def show_command(adapter: AdapterArgument, as_json: JsonOption = False) -> None:
    """One adapter's model card."""
    from harness.tuning.adapters import facts, find_adapter, model_card

    path, record = find_adapter(adapter, _roots())
    typer.echo(json.dumps({**facts(record), "folder": str(path)}, indent=1) if as_json else model_card(record))


@adapters_app.command("merge")
def merge_command(
    adapter: AdapterArgument,
    out: Annotated[Path, typer.Argument(help="A new folder for the merged model.")],
    base: Annotated[str | None, typer.Option(help="The base model. Default: the one the record names.")] = None,
) -> None:
    """Write base and adapter as one model folder, which any server loads like any other model."""
    from harness.tuning.adapters import find_adapter, merge_adapter

    path, record = find_adapter(adapter, _roots())
    typer.echo(f"wrote {merge_adapter(base or record.base['name'], path, out)}; serve it with: vllm serve {out}")


def _roots() -> tuple[Path, ...]:
    return (cache_dir() / "tune",)
