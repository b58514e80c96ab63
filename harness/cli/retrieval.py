"""`harness retrieval`: the search measured alone."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.index import embedding, tell, tell_skipped, with_corpus
from harness.cli.options import JsonOption, ScenarioArgument
from harness.errors import InputError
from harness.hashing import content_hash
from harness.paths import index_home
from harness.record.sections import SkippedFile

if TYPE_CHECKING:
    from harness.scenario.settings import RetrievalSettings, Scenario


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
    from harness.results import retrieval as study
    from harness.run.store import default_store

    depths, loaded = _depths(k), with_corpus(scenario)
    assert loaded.corpus is not None  # with_corpus refuses a scenario without one
    opened = study.open_study(loaded, _compare_split(loaded, split) if compare else split or "test")
    measured: dict[str, Any] = {}
    result: dict[str, Any] = {}
    if html is not None or not compare:
        home = index_home(loaded.corpus)
        listed = per_query or html is not None
        measured = result = study.measure(opened, depths, home, default_store(), embedding, _training, listed)
        tell_skipped(tuple(SkippedFile(**file) for file in measured["skipped"]), measured["long_passages"])
    if compare:
        homes = lambda settings: _variant_home(loaded, settings)  # noqa: E731
        # a grid has one depth: the one that was asked for, or of the default ones that nearest to what a prompt shows
        depth = min(depths, key=lambda k: (abs(k - loaded.retrieval.top_k), k))
        result = study.compare(opened, depth, homes, default_store(), embedding, _training)
    if html is not None:
        _write_page(html, loaded, measured, result if compare else None)
        if not (per_query or compare):
            result = {name: value for name, value in result.items() if name != "per_query"}
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
    else:
        typer.echo(_compare_table(result) if compare else _table(result))


def _write_page(file: Path, loaded: Scenario, measured: dict[str, Any], compared: dict[str, Any] | None) -> None:
    """InputError where the page cannot be written."""
    import datetime
    import shlex

    from harness.report.page.retrieval import render_retrieval

    created = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    command = shlex.join(["harness", *sys.argv[1:]])
    page = render_retrieval(measured, compared, title=loaded.title, created=created, command=command)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise InputError(f"--html {file}: cannot be written ({error.strerror}); name another file") from None
    print(f"written: {file}", file=sys.stderr)


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


def _training(label: str, done: int, total: int) -> None:
    tell("training the re-ranker", done, total, 1)


def _table(result: dict[str, Any]) -> str:
    lines = [
        f"{result['scenario']}: {result['queries']} questions, {result['passages']} passages, {result['embedder']}",
        f"{'k':>4}  " + "  ".join(f"{name:>22}" for name in ("recall", "precision", "hit", "mrr", "ndcg")),
    ]
    for depth, metrics in result["k"].items():
        cells = "  ".join(f"{_cell(metrics[name]):>22}" for name in ("recall", "precision", "hit", "mrr", "ndcg"))
        lines.append(f"{depth:>4}  {cells}")
    lines += _reranker_line(result["reranker"])
    total = result["latency_ms"]["total"]
    lines.append(f"a question takes {_ms(total['p50'])} (p50), {_ms(total['p95'])} (p95)")
    if result["without_evidence"]:
        lines.append(f"{result['without_evidence']} questions without evidence were not asked")
    return "\n".join(lines)


def _compare_table(result: dict[str, Any]) -> str:
    depth = result["k"]
    lines = [
        f"{result['scenario']}: {result['queries']} questions, {result['tried']} variants, k = {depth}",
        *_reranker_line(result["reranker"]),
        f"{'variant':<28} {'nDCG':>22} {'recall':>22}   nDCG against '{result['against']}' (points)",
    ]
    for row in result["variants"]:
        metrics, gap = row["metrics"], row["difference"]["ndcg"]
        bounds = "" if gap["low"] is None else f" ({gap['low']:+.1f} to {gap['high']:+.1f})"
        against = "-" if row["name"] == result["against"] else f"{gap['mean']:+.1f}{bounds}"
        lines.append(f"{row['name']:<28} {_cell(metrics['ndcg']):>22} {_cell(metrics['recall']):>22}   {against}")
    return "\n".join([*lines, result["note"]])


def _reranker_line(told: dict[str, Any] | None) -> list[str]:
    """What became of a tuned re-ranker, with both dev figures where it got so far."""
    if told is None or told["setting"] != "tuned":
        return []
    line = f"tuned re-ranker {'kept' if told['kept'] else 'not kept'}: {told['reason']}"
    if (dev := told.get("dev")) is not None:
        line += f"; dev nDCG@{dev['k']} {_cell(dev['without'])} without it, {_cell(dev['with'])} with it"
    return [line]


def _cell(estimate: dict[str, Any]) -> str:
    if estimate["mean"] is None:
        return "not measured"
    if estimate["low"] is None:
        return f"{estimate['mean']:.3f}"
    return f"{estimate['mean']:.3f} ({estimate['low']:.3f}-{estimate['high']:.3f})"


def _ms(estimate: dict[str, Any]) -> str:
    return "unknown" if estimate["mean"] is None else f"{estimate['mean']:.1f} ms"
