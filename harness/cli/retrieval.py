"""`harness retrieval`: the search measured alone."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.characters import printable
from harness.cli.corpus import tell_corpus
from harness.cli.index import embedding, tell, tell_long, with_corpus
from harness.cli.options import JsonOption, ScenarioArgument
from harness.errors import InputError
from harness.files.hashing import content_hash
from harness.files.paths import index_home
from harness.record.codec import write_atomic

if TYPE_CHECKING:
    from harness.results.retrieval_figures import GridFigures, RetrievalFigures
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
    from harness.engine.store import default_store
    from harness.files.output_path import check_report
    from harness.record.codec import to_json
    from harness.report.text.retrieval import retrieval_text
    from harness.results.retrieval import measure, open_study
    from harness.results.retrieval_figures import to_object
    from harness.results.retrieval_grid import compare as compare_grid

    if html is not None:
        check_report(html, "page")
    depths, project = _depths(k), with_corpus(scenario)
    assert project.corpus is not None  # with_corpus refuses a scenario without one
    study = open_study(project, _compare_split(project, split) if compare else split or "test")
    tell_corpus(study.skipped, study.remarks)
    figures, grid = None, None
    if html is not None or not compare:
        home, per_case = index_home(project.corpus), per_query or html is not None
        figures = measure(study, depths, home, default_store(), embedding, _training, per_case)
        tell_long(figures.long_passages)
    if compare:
        homes = lambda settings: _variant_home(project, settings)  # noqa: E731
        # a grid has one depth: the one that was asked for, or of the default ones that nearest to what a prompt shows
        depth = min(depths, key=lambda k: (abs(k - project.retrieval.top_k), k))
        grid = compare_grid(study, depth, homes, default_store(), embedding, _training)
    if html is not None and figures is not None:
        _write_page(html, project, figures, grid)
    if figures is not None and not per_query:
        figures = replace(figures, per_query=None)  # they were measured for the page alone
    result = grid or figures
    assert result is not None  # without a grid the one configuration was measured
    typer.echo(to_json(to_object(result)) if as_json else printable(retrieval_text(result)))


def _write_page(file: Path, project: Scenario, figures: RetrievalFigures, grid: GridFigures | None) -> None:
    """InputError where the page cannot be written."""
    import shlex

    from harness.process.clock import now
    from harness.report.page.retrieval import render_retrieval

    command = shlex.join(["harness", *sys.argv[1:]])
    page = render_retrieval(figures, grid, title=project.title, created=now(), command=command)
    write_atomic(file, page)
    print(f"written: {file}", file=sys.stderr)


def _depths(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() and 1 <= int(part) <= 1000 for part in parts):
        raise InputError(f"--k {text}: expected whole numbers from 1 to 1000 separated by commas, such as 1,3,5")
    return list(dict.fromkeys(int(part) for part in parts))


def _compare_split(project: Scenario, split: str | None) -> str:
    """Settings are chosen on dev where there is one, so that test stays unseen."""
    from harness.golden.load import load_cases

    if split is not None or project.golden is None:
        return split or "all"
    splits = {case.split for case in load_cases(project.golden, answers_required=False) if case.evidence}
    return "dev" if "dev" in splits else "all"


def _variant_home(project: Scenario, settings: RetrievalSettings) -> Path:
    """One index a chunking: the scenario's own stays where it is."""
    assert project.corpus is not None
    made_by = ("chunking", "chunk_tokens", "overlap_tokens", "contextual")
    if all(getattr(settings, name) == getattr(project.retrieval, name) for name in made_by):
        return index_home(project.corpus)
    home = index_home(project.corpus)
    return home.with_name(f"{home.name}-{content_hash([getattr(settings, name) for name in made_by])}")


def _training(label: str, done: int, total: int) -> None:
    tell("training the re-ranker", done, total, 1)
