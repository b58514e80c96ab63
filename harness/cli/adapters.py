"""`harness adapters`: the adapters that runs have trained, and one of them merged or exported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import JsonOption
from harness.files.paths import adapters_dir, cache_dir
from harness.stats.numbers import show_count

AdapterArgument = Annotated[str, typer.Argument(help="An adapter's folder, or the beginning of its id.")]

adapters_app = typer.Typer(help="The adapters that runs have trained.", no_args_is_help=True, rich_markup_mode=None)


@adapters_app.command("list")
def list_command(as_json: JsonOption = False) -> None:
    """Every adapter in the cache: id, base, examples, when its held-out loss was lowest."""
    from harness.record.codec import plain, to_json
    from harness.tuning.adapters import find_adapters

    adapters = list(find_adapters(_roots()))
    if as_json:
        typer.echo(to_json([{**plain(record), "folder": str(path)} for path, record in adapters], indent=1))
        return
    if not adapters:
        typer.echo(f"no adapter in {cache_dir()}; train one with: harness tune SCENARIO")
    for path, record in adapters:
        checkpoint = "last step" if record.best_step is None else f"step {record.best_step}"
        flag = "  OVERFIT" if record.overfit else ""
        typer.echo(
            f"{record.id}  {record.base.name}  {show_count(record.examples, 'example')}, {checkpoint}{flag}  {path}"
        )


@adapters_app.command("show")
def show_command(adapter: AdapterArgument, as_json: JsonOption = False) -> None:
    """One adapter's model card."""
    from harness.record.codec import plain, to_json
    from harness.tuning.adapters import find_adapter, model_card

    path, record = find_adapter(adapter, _roots())
    typer.echo(to_json({**plain(record), "folder": str(path)}, indent=1) if as_json else model_card(record))


@adapters_app.command("merge")
def merge_command(
    adapter: AdapterArgument,
    out: Annotated[Path, typer.Argument(help="A new folder for the merged model.")],
    base: Annotated[str | None, typer.Option(help="The base model. Default: the one the record names.")] = None,
) -> None:
    """Write base and adapter as one model folder, and hold its logits and answers against theirs."""
    from harness.tuning.adapters import find_adapter, merge_adapter
    from harness.tuning.merge_check import check_merged

    path, record = find_adapter(adapter, _roots())
    name = base or record.base.name
    merged = merge_adapter(name, path, out)
    check = check_merged(name, path, merged)
    typer.echo(f"wrote {merged}; {check.says}; serve it with: vllm serve {out}")


@adapters_app.command("export")
def export_command(
    adapter: AdapterArgument,
    out: Annotated[Path, typer.Argument(help="A new folder, as Hugging Face's hub takes it.")],
) -> None:
    """Write an adapter as a Hugging Face folder: weights, settings, tokenizer, a card with its runs and gates."""
    from harness.exports.adapter import write_adapter
    from harness.files.paths import reports_dir
    from harness.tuning.adapters import find_adapter

    path, record = find_adapter(adapter, _roots())
    runs = sorted(file.parent for file in reports_dir().glob("*/record.json"))
    typer.echo(f"wrote {out}: {', '.join(write_adapter(path, record, out, runs))}")


def _roots() -> tuple[Path, ...]:
    return cache_dir() / "tune", cache_dir() / "light", adapters_dir()
