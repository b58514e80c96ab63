"""`harness index`: the corpus made searchable, brought up to date, copied, put back."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.corpus import tell_corpus
from harness.cli.options import JsonOption, ScenarioArgument
from harness.errors import InputError
from harness.files.paths import find_scenario, index_home
from harness.stats.numbers import show_count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.record.sections import FileRemark, SkippedFile
    from harness.retrieval.upkeep import Staleness
    from harness.scenario.settings import Scenario


@dataclass(frozen=True, slots=True)
class IndexSummary:
    """The summary that `--json` gives of an index that was brought up to date."""

    scenario: str
    index: str  # its key
    embedder: str
    documents: int
    passages: int
    long_passages: int  # longer than the embedder's window: embedded as overlapping windows
    embedded: int
    reused: int
    rebuilt: bool
    skipped: tuple[SkippedFile, ...]
    remarks: tuple[FileRemark, ...]  # in other encodings, pages without text and the like
    seconds: Mapping[str, float]  # by step


def index_command(
    scenario: ScenarioArgument,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse a corpus in which a file would be skipped.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Only say how far the index is behind its corpus.")] = False,
    snapshot: Annotated[Path | None, typer.Option(help="Copy the index in use to this new folder.")] = None,
    restore: Annotated[Path | None, typer.Option(help="Put a snapshot back in place of the index in use.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Build the index of a scenario's corpus, or bring it up to date: only what changed is embedded again."""
    from harness.record.codec import to_json
    from harness.retrieval import upkeep

    settings = with_corpus(scenario)
    assert settings.corpus is not None  # with_corpus refuses a scenario without one
    home = index_home(settings.corpus)
    if status:
        staleness = upkeep.staleness(settings.corpus, home)
        tell_corpus(staleness.skipped, staleness.remarks)
        state = {**asdict(staleness), "current": staleness.current}
        typer.echo(to_json(state) if as_json else _status_text(staleness))
    elif snapshot is not None or restore is not None:
        folder = upkeep.snapshot(home, snapshot) if snapshot else upkeep.restore(restore or Path(), home)
        typer.echo(to_json({"folder": str(folder)}) if as_json else f"written: {folder}")
    else:
        summary = _build(settings, home, strict)
        tell_corpus(summary.skipped, summary.remarks)
        tell_long(summary.long_passages)
        typer.echo(to_json(summary) if as_json else _text(summary))


def _build(settings: Scenario, home: Path, strict: bool) -> IndexSummary:
    from harness.retrieval.pipeline import open_index

    assert settings.corpus is not None
    index = open_index(settings.corpus, settings.retrieval, settings.models.embedder, home, embedding, strict)
    manifest, report = index.manifest, index.report
    return IndexSummary(
        scenario=settings.id,
        index=manifest.key,
        embedder=str(manifest.identity),
        documents=manifest.documents,
        passages=manifest.passages,
        long_passages=manifest.long,
        embedded=report.embedded,
        reused=report.reused,
        rebuilt=report.rebuilt,
        skipped=tuple(index.skipped),
        remarks=tuple(index.remarks),
        seconds=dict(report.seconds),
    )


def _text(summary: IndexSummary) -> str:
    state = "brought up to date" if summary.rebuilt else "already current"
    return (
        f"{show_count(summary.documents, 'document')}, {show_count(summary.passages, 'passage')}: {state}\n"
        f"embedded {summary.embedded}, taken over {summary.reused}, skipped {show_count(len(summary.skipped), 'file')}"
    )


def _status_text(staleness: Staleness) -> str:
    lines = [
        f"{word}: {', '.join(names)}"
        for word, names in (("new", staleness.new), ("changed", staleness.changed), ("deleted", staleness.deleted))
        if names
    ]
    days = f"up to {staleness.oldest_days} days old (median {staleness.median_days})"
    return "\n".join([*(lines or ["the index is current"]), f"vectors are {days}, by {staleness.embedder}"])


def with_corpus(argument: str) -> Scenario:
    """The scenario. InputError where it has no corpus to search."""
    from harness.scenario.load import load_scenario

    settings = load_scenario(find_scenario(argument))
    if settings.corpus is None:
        raise InputError(f"{settings.dir / 'scenario.yaml'}: no 'corpus'; name a folder of documents or a .jsonl")
    return settings


def embedding(done: int, total: int) -> None:
    """Progress of embedding, a batch a call."""
    tell("embedding", done, total, 1024)


def tell(work: str, done: int, total: int, stride: int) -> None:
    """On a terminal one line that is written over; elsewhere a line at every tenth (a call advances by `stride`)."""
    if sys.stderr.isatty():
        print(f"\r{work} {done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)
    elif done == total or done * 10 // total > (done - stride) * 10 // total:
        print(f"{work} {done}/{total}", file=sys.stderr)


def tell_long(long_passages: int) -> None:
    """The count of passages that are embedded in pieces, on standard error."""
    if long_passages:
        print(
            f"{long_passages} passages are longer than the embedder's window: embedded as overlapping windows",
            file=sys.stderr,
        )
