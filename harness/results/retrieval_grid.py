"""A grid of retrieval settings on the same questions: chunkers x fusions x re-ranking, ranked by nDCG.

Stages are shared: variants of one chunking use one index, each question is embedded once for it, and a re-ranker is
tuned once, on the scenario's own index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.engine.progress import Progress as StageProgress
from harness.engine.progress import silent
from harness.engine.store import Store
from harness.evidence.carry import cut_cases
from harness.metrics.retrieval import curves, per_case
from harness.results.retrieval import Ranked, Study, open_for, ranked_passages, reranker_used, retriever_of
from harness.results.retrieval_figures import GridFigures, VariantFigures
from harness.scenario.settings import RetrievalSettings, Scenario
from harness.stages.rerank import ranking_on
from harness.stats import paired
from harness.types import Estimate, Reranker

if TYPE_CHECKING:
    from harness.retrieval.index import Progress
    from harness.retrieval.index_search import Index

NOTE = "chosen on these very questions: confirm the winner on questions that were not used to choose it"


@dataclass(frozen=True, slots=True)
class Variant:
    """One cell of the grid."""

    name: str
    settings: RetrievalSettings
    rerank: bool


def grid(base: RetrievalSettings, reranker: bool) -> list[Variant]:
    """Chunkers x fusions x re-ranking, the scenario's own settings first."""
    variants = [Variant("as configured", base, reranker)]
    for chunking in ("recursive", "fixed", "semantic"):
        for fusion in ("rrf", "convex", "dense", "sparse"):
            settings = replace(base, chunking=chunking, fusion=fusion)
            reranks = (False, True) if reranker else (False,)
            cells = [Variant(_name(settings, rerank), settings, rerank) for rerank in reranks]
            variants += [cell for cell in cells if (cell.settings, cell.rerank) != (base, reranker)]
    return variants


def _name(settings: RetrievalSettings, rerank: bool) -> str:
    return f"{settings.chunking} + {settings.fusion}" + (" + rerank" if rerank else "")


def compare(
    study: Study,
    k: int,
    index_dirs: Callable[[RetrievalSettings], Path],
    store: Store,
    progress: Progress | None = None,
    training: StageProgress = silent,
) -> GridFigures:
    """The whole grid on the same questions, ranked by nDCG@k, each variant with its paired difference to the first.

    Args:
        k: the one depth of the grid.
        index_dirs: settings -> where their index lives.
        store: where a tuned re-ranker is kept.
        progress: told (texts embedded, texts to embed).
        training: told (label, steps done, steps in all) while a re-ranker is tuned.
    """
    base = study.scenario.retrieval
    indexes = {index_dirs(base): open_for(study.scenario, base, index_dirs(base), progress)}
    ranking = ranking_on(study.scenario, indexes[index_dirs(base)], store, training)
    variants = grid(ranking.settings, ranking.reranker is not None)
    shared = _SharedIndexes(study.scenario, index_dirs, indexes, progress)
    results = list(_each(study, variants, k, shared, ranking.reranker))
    first = per_case(results[0][1].cases, results[0][2], k)
    rows = [_row(own, variant, k, each, None if variant is variants[0] else first) for variant, own, each in results]
    return GridFigures(
        scenario=study.scenario.id,
        k=k,
        queries=len(study.cases),
        against=variants[0].name,
        tried=len(rows),
        reranker=reranker_used(study.scenario, store),
        note=NOTE,
        variants=tuple(sorted(rows, key=lambda row: (-(row.metrics["ndcg"].mean or 0.0), row.name))),
        skipped=study.skipped,
        remarks=study.remarks,
    )


@dataclass(frozen=True, slots=True)
class _SharedIndexes:
    """Indexes that variants share, opened when first needed."""

    scenario: Scenario
    place: Callable[[RetrievalSettings], Path]
    opened: dict[Path, Index]
    progress: Progress | None

    def index(self, settings: RetrievalSettings) -> Index:
        place = self.place(settings)
        if place not in self.opened:
            self.opened[place] = open_for(self.scenario, settings, place, self.progress)
        return self.opened[place]


def _each(
    study: Study, variants: Sequence[Variant], k: int, shared: _SharedIndexes, reranker: Reranker | None
) -> Iterator[tuple[Variant, Study, Ranked]]:
    """Every variant with the study on its own passages, which may cut a quote, and what it ranks."""
    questions = [case.question for case in study.cases]
    for variant in variants:
        index = shared.index(variant.settings)
        retriever = retriever_of(index, variant.settings, k, reranker if variant.rerank else None)
        own = replace(study, cases=cut_cases(study.cases, index.passages))
        yield variant, own, ranked_passages(retriever.retrieve(questions))


def _row(
    study: Study, variant: Variant, k: int, ranking: Ranked, first: Mapping[str, Sequence[float | None]] | None
) -> VariantFigures:
    """One variant; `first`: the values of the variant that it is compared with, None for that one itself."""
    values = per_case(study.cases, ranking, k)
    metrics = curves(study.cases, ranking, [k], study.clusters)[str(k)]
    return VariantFigures(
        name=variant.name,
        chunking=variant.settings.chunking,
        fusion=variant.settings.fusion,
        rerank=variant.rerank,
        metrics=metrics,
        difference={name: _gap(study, values[name], None if first is None else first[name]) for name in metrics},
    )


def _gap(study: Study, values: Sequence[float | None], first: Sequence[float | None] | None) -> Estimate:
    """The paired difference; what is compared with itself differs by nothing, and there is no doubt about it."""
    if first is None:
        return Estimate(0.0, 0.0, 0.0, len(values), unit="points", method="compared with itself")
    return paired(values, first, study.clusters, study.scenario.seed)
