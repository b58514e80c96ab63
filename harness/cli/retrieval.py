"""`harness index` and `harness retrieval`: the corpus made searchable, and the search measured alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.errors import InputError
from harness.hashing import content_hash
from harness.paths import find_scenario, index_home

if TYPE_CHECKING:
    from harness.results.retrieval_figures import GridFigures, RetrievalFigures
    from harness.retrieval.upkeep import Staleness
    from harness.scenario.settings import RetrievalSettings, Scenario

ScenarioArgument = Annotated[str, typer.Argument(help="A folder with a scenario.yaml, or its id under scenarios/.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def index_command(
    scenario: ScenarioArgument,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse a corpus in which a file would be skipped.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Only say how far the index is behind its corpus.")] = False,
    snapshot: Annotated[Path | None, typer.Option(help="Copy the index in use to this new folder.")] = None,
    restore: Annotated[Path | None, typer.Option(help="Put a snapshot back in place of the index in use.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Build the index of a scenario's corpus, or bring it up to date: only what changed is embedded again."""
    from harness.retrieval import upkeep
    from harness.retrieval.pipeline import open_index

    loaded = _load(scenario)
    assert loaded.corpus is not None
    home = index_home(loaded.corpus)
    if status:
        found = upkeep.staleness(loaded.corpus, home)
        typer.echo(json.dumps({**asdict(found), "current": found.current}) if as_json else _status(found))
        return
    if snapshot is not None or restore is not None:
        folder = upkeep.snapshot(home, snapshot) if snapshot else upkeep.restore(restore or Path(), home)
        typer.echo(json.dumps({"folder": str(folder)}) if as_json else f"written: {folder}")
        return
    index = open_index(loaded.corpus, loaded.retrieval, loaded.models.embedder, home, _progress, strict)
    manifest, report = index.manifest, index.report
    facts = {
        "scenario": loaded.id,
        "index": manifest.key,
        "embedder": str(manifest.identity),
        "documents": manifest.documents,
        "passages": manifest.passages,
        "long_passages": manifest.long,
        "embedded": report.embedded,
        "reused": report.reused,
        "rebuilt": report.rebuilt,
        "skipped": [dict(entry) for entry in index.skipped],
        "seconds": dict(report.seconds),
    }
    _warn([(entry["file"], entry["reason"]) for entry in index.skipped], manifest.long)
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    state = "brought up to date" if report.rebuilt else "already current"
    typer.echo(f"{manifest.documents} documents, {manifest.passages} passages: {state}")
    typer.echo(f"embedded {report.embedded}, taken over {report.reused}, skipped {len(index.skipped)} files")


def retrieval_command(
    scenario: ScenarioArgument,
    k: Annotated[str, typer.Option(help="Depths to measure at, separated by commas.")] = "1,3,5,10,20",
    split: Annotated[str | None, typer.Option(help="train, dev, test or all. Default: test; dev to compare.")] = None,
    per_query: Annotated[bool, typer.Option("--per-query", help="Every question with what was found.")] = False,
    compare: Annotated[bool, typer.Option("--compare", help="A grid: chunkers x fusion x re-ranking.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write a page of it: curves, slices, worst questions.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the retriever alone: recall, precision, hit, MRR and nDCG with intervals. No generator is needed."""
    from harness.report.text.retrieval import grid_table, retrieval_table
    from harness.results.retrieval import measure, open_study
    from harness.results.retrieval_figures import RetrievalFigures, to_object
    from harness.results.retrieval_grid import compare as compare_grid
    from harness.run.store import default_store

    depths, loaded = _depths(k), _load(scenario)
    assert loaded.corpus is not None  # _load refuses a scenario without one
    study = open_study(loaded, _compare_split(loaded, split) if compare else split or "test")
    figures, grid = None, None
    if html is not None or not compare:
        home, listed = index_home(loaded.corpus), per_query or html is not None
        figures = measure(study, depths, home, default_store(), _progress, _training, listed)
        _warn([(skipped.file, skipped.reason) for skipped in figures.skipped], figures.long_passages)
    if compare:
        homes = lambda settings: _variant_home(loaded, settings)  # noqa: E731
        # a grid has one depth: the one that was asked for, or of the default ones that nearest to what a prompt shows
        depth = min(depths, key=lambda k: (abs(k - loaded.retrieval.top_k), k))
        grid = compare_grid(study, depth, homes, default_store(), _progress, _training)
    if html is not None and figures is not None:
        _write_page(html, loaded, figures, grid)
    if figures is not None and not per_query:
        figures = replace(figures, per_query=None)
    shown = figures if grid is None else grid
    assert shown is not None  # without a grid the one configuration was measured
    if as_json:
        typer.echo(json.dumps(to_object(shown), ensure_ascii=False))
    else:
        typer.echo(retrieval_table(shown) if isinstance(shown, RetrievalFigures) else grid_table(shown))


def _write_page(file: Path, loaded: Scenario, figures: RetrievalFigures, grid: GridFigures | None) -> None:
    """InputError where the page cannot be written."""
    import datetime
    import shlex

    from harness.report.page.retrieval import render_retrieval

    created = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    command = shlex.join(["harness", *sys.argv[1:]])
    page = render_retrieval(figures, grid, title=loaded.title, created=created, command=command)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise InputError(f"--html {file}: cannot be written ({error.strerror}); name another file") from None
    print(f"written: {file}", file=sys.stderr)


def _status(found: Staleness) -> str:
    lines = [
        f"{word}: {', '.join(names)}"
        for word, names in (("new", found.new), ("changed", found.changed), ("deleted", found.deleted))
        if names
    ]
    age = f"vectors are up to {found.oldest_days} days old (median {found.median_days}), by {found.embedder}"
    return "\n".join([*(lines or ["the index is current"]), age])


def _load(argument: str) -> Scenario:
    from harness.scenario.load import load_scenario

    loaded = load_scenario(find_scenario(argument))
    if loaded.corpus is None:
        raise InputError(f"{loaded.dir / 'scenario.yaml'}: no 'corpus'; name a folder of documents or a .jsonl")
    return loaded


def _depths(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() and 1 <= int(part) <= 1000 for part in parts):
        raise InputError(f"--k {text}: expected whole numbers from 1 to 1000 separated by commas, such as 1,3,5")
    return list(dict.fromkeys(int(part) for part in parts))


def _compare_split(loaded: Scenario, split: str | None) -> str:
    """Settings are chosen on dev where there is one, so that test stays unseen."""
    from harness.golden.load import load_cases

    if split is not None or loaded.golden is None:
        return split or "all"
    splits = {case.split for case in load_cases(loaded.golden, answers_required=False) if case.evidence}
    return "dev" if "dev" in splits else "all"


def _variant_home(loaded: Scenario, settings: RetrievalSettings) -> Path:
    """One index a chunking: the scenario's own stays where it is."""
    assert loaded.corpus is not None
    made_by = ("chunking", "chunk_tokens", "overlap_tokens", "contextual")
    if all(getattr(settings, name) == getattr(loaded.retrieval, name) for name in made_by):
        return index_home(loaded.corpus)
    home = index_home(loaded.corpus)
    return home.with_name(f"{home.name}-{content_hash([getattr(settings, name) for name in made_by])}")


def _progress(done: int, total: int) -> None:
    _tell("embedding", done, total, 1024)


def _training(label: str, done: int, total: int) -> None:
    _tell("training the re-ranker", done, total, 1)


def _tell(what: str, done: int, total: int, stride: int) -> None:
    """On a terminal one line that is written over; elsewhere a line at every tenth (a call advances by `stride`)."""
    if sys.stderr.isatty():
        print(f"\r{what} {done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)
    elif done == total or done * 10 // total > (done - stride) * 10 // total:
        print(f"{what} {done}/{total}", file=sys.stderr)


def _warn(skipped: Sequence[tuple[str, str]], long_passages: int) -> None:
    for file, reason in skipped:
        print(f"skipped {file}: {reason}", file=sys.stderr)
    if long_passages:
        why = "longer than the embedder's window: embedded as overlapping windows"
        print(f"{long_passages} passages are {why}", file=sys.stderr)
