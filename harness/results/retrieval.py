"""The retriever alone, measured on the golden set: no generator, no training, a matter of seconds.

`measure` gives one configuration's figures; `harness.results.retrieval_grid` compares a grid of them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.documents.corpus import load_documents
from harness.engine.progress import Progress as StageProgress
from harness.engine.progress import silent
from harness.engine.store import Store
from harness.errors import InputError
from harness.evidence.carry import carries, cut_cases
from harness.files.read_files import note, read_settled
from harness.golden.clusters import case_clusters
from harness.golden.load import load_cases
from harness.metrics.retrieval import curves, scores
from harness.record.measurements import Quantiles, RerankerSection
from harness.record.sections import FileRemark, SkippedFile
from harness.results.retrieval_figures import (
    EvidencePlace,
    NamedReranker,
    QueryFigures,
    RetrievalFigures,
    RetrievedPassage,
    SliceFigures,
)
from harness.retrieval.pipeline import HybridRetriever, Index, open_index
from harness.scenario.settings import RetrievalSettings, Scenario
from harness.stages.rerank import ranking_on, reranker_of
from harness.stats import quantile
from harness.types import Case, Evidence, Hit, Passage, Reranker, Retrieval

if TYPE_CHECKING:
    from harness.retrieval.index import Progress

ONE_BY_ONE = 200  # questions asked singly, so that their seconds are latencies; the rest go in one batch
WARM = 3  # questions asked before the clock starts
SLICES = ("kind", "category", "split")  # fields of a case

Ranked = Sequence[Sequence[Passage]]  # what was retrieved for each question, best first


@dataclass(frozen=True, slots=True)
class Study:
    """The study of a retriever: the questions with evidence and what they are grouped by."""

    scenario: Scenario
    cases: tuple[Case, ...]
    clusters: tuple[str, ...]
    without_evidence: int  # cases left out: nothing is to be retrieved for them
    skipped: tuple[SkippedFile, ...] = ()  # files of the corpus that were not read
    remarks: tuple[FileRemark, ...] = ()


def open_study(scenario: Scenario, split: str | None) -> Study:
    """The cases of a split ('all' or None: every one) that have evidence. InputError when none has."""
    where = scenario.dir / "scenario.yaml"
    if scenario.corpus is None or scenario.golden is None:
        missing = "corpus" if scenario.corpus is None else "golden"
        raise InputError(f"{where}: no '{missing}'; retrieval is measured on a corpus with a golden set")
    corpus, pages = read_settled(scenario.corpus, load_documents)
    every, golden = read_settled(
        scenario.golden, lambda path: load_cases(path, corpus.documents, corpus.passages, False, corpus.skipped)
    )
    examples = () if scenario.examples is None else (note(scenario.examples),)
    scenario = replace(scenario, files=(pages, golden, *examples))
    picks = [c for c in every if split in (None, "all") or c.split == split]
    cases = [c for c in picks if c.evidence]
    if not cases:
        raise InputError(f"{scenario.golden}: no case with evidence in split '{split or 'all'}'; try --split all")
    labels = case_clusters(cases, [*corpus.documents, *corpus.passages])
    clusters, left_out = tuple(labels[c.id] for c in cases), len(picks) - len(cases)
    return Study(scenario, tuple(cases), clusters, left_out, corpus.skipped, corpus.remarks)


def measure(
    study: Study,
    ks: Sequence[int],
    index_dir: Path,
    store: Store,
    progress: Progress | None = None,
    training: StageProgress = silent,
    per_query: bool = False,
) -> RetrievalFigures:
    """Recall, precision, hit, MRR and nDCG at every k, by slice, with seconds by stage.

    Args:
        ks: depths.
        index_dir: where the index lives.
        store: where a tuned re-ranker is kept.
        progress: told (texts embedded, texts to embed).
        training: told (label, steps done, steps in all) while a re-ranker is tuned.
        per_query: add every question with what was retrieved for it.
    """
    start, scenario = time.perf_counter(), study.scenario
    index = open_for(scenario, scenario.retrieval, index_dir, progress)
    study = replace(study, cases=cut_cases(study.cases, index.passages))
    before = time.perf_counter()
    ranking = ranking_on(scenario, index, store, training)
    ready = time.perf_counter()
    retriever = retriever_of(index, ranking.settings, max(ks), ranking.reranker)
    retrievals, latency = _ask(retriever, [case.question for case in study.cases])
    order = ranked_passages(retrievals)
    return RetrievalFigures(
        scenario=scenario.id,
        embedder=str(index.manifest.identity),
        settings=ranking.settings,
        reranker=reranker_used(scenario, store),
        documents=index.manifest.documents,
        passages=index.manifest.passages,
        long_passages=index.manifest.long,
        skipped=index.skipped,
        remarks=index.remarks,
        queries=len(study.cases),
        without_evidence=study.without_evidence,
        k=curves(study.cases, order, ks, study.clusters),
        slices=_slices(study, order, ks),
        latency_ms=latency,
        seconds={
            "index": before - start,
            "rerank_tuning": ready - before,
            "retrieve": time.perf_counter() - ready,
            **index.report.seconds,
        },
        embedded=index.report.embedded,
        per_query=_per_query(study.cases, retrievals, ks) if per_query else None,
    )


def reranker_used(scenario: Scenario, store: Store) -> NamedReranker | RerankerSection | None:
    """The re-ranker at work; for a tuned one, how it came about and why it was kept or not. None without one."""
    stage, name = reranker_of(scenario), scenario.models.reranker
    if stage is not None:
        return store.result(stage)
    return None if name == "none" else NamedReranker(name)


def open_for(scenario: Scenario, settings: RetrievalSettings, index_dir: Path, progress: Progress | None) -> Index:
    """The index of the scenario's corpus by these settings, brought up to date."""
    assert scenario.corpus is not None  # open_study refuses a scenario without one
    return open_index(scenario.corpus, settings, scenario.models.embedder, index_dir, progress)


def retriever_of(index: Index, settings: RetrievalSettings, depth: int, reranker: Reranker | None) -> HybridRetriever:
    """The retriever whose figures are taken: as deep as they look, and without a cache."""
    return HybridRetriever(index, settings, reranker, depth=depth, cache_seconds=0)


def ranked_passages(retrievals: Sequence[Retrieval]) -> list[list[Passage]]:
    """The passages retrieved for each question, best first."""
    return [[hit.passage for hit in retrieval.hits] for retrieval in retrievals]


def _ask(retriever: HybridRetriever, questions: Sequence[str]) -> tuple[list[Retrieval], dict[str, Quantiles]]:
    """Every question answered; p50 and p95 in milliseconds by stage, of those asked one at a time and warm."""
    singly, rest = questions[:ONE_BY_ONE], questions[ONE_BY_ONE:]
    retriever.retrieve(singly[:WARM])
    retrievals = [retrieval for question in singly for retrieval in retriever.retrieve([question])]
    stages = {stage for retrieval in retrievals for stage in retrieval.seconds}
    by_stage = {stage: [1000 * r.seconds[stage] for r in retrievals] for stage in sorted(stages)}
    by_stage["total"] = [1000 * sum(r.seconds.values()) for r in retrievals]
    latency = {stage: Quantiles(quantile(values, 0.5), quantile(values, 0.95)) for stage, values in by_stage.items()}
    return [*retrievals, *retriever.retrieve(rest)], latency


def _slices(study: Study, ranking: Ranked, ks: Sequence[int]) -> dict[str, dict[str, SliceFigures]]:
    """The curves by kind, category and split, where a slice is not everything."""
    values = {name: sorted({str(getattr(case, name)) for case in study.cases}) for name in SLICES}
    return {
        name: {value: _slice(study, ranking, ks, name, value) for value in several}
        for name, several in values.items()
        if len(several) > 1
    }


def _slice(study: Study, ranking: Ranked, ks: Sequence[int], name: str, value: str) -> SliceFigures:
    rows = [i for i, case in enumerate(study.cases) if getattr(case, name) == value]
    cases, clusters = [study.cases[i] for i in rows], [study.clusters[i] for i in rows]
    return SliceFigures(len(rows), curves(cases, [ranking[i] for i in rows], ks, clusters))


def _per_query(cases: Sequence[Case], retrievals: Sequence[Retrieval], ks: Sequence[int]) -> tuple[QueryFigures, ...]:
    """Question by question, the worst first: each evidence item with its place, each passage with what it holds."""
    rows = [_query(case, retrieval.hits[: max(ks)], ks) for case, retrieval in zip(cases, retrievals, strict=True)]
    return tuple(sorted(rows, key=lambda row: ((row.scores or {}).get("ndcg", 0.0), row.id)))


def _query(case: Case, hits: Sequence[Hit], ks: Sequence[int]) -> QueryFigures:
    passages = [hit.passage for hit in hits]
    by_depth = {str(k): scores(case.evidence, passages, k) for k in ks}
    return QueryFigures(
        id=case.id,
        question=case.question,
        scores=by_depth[str(max(ks))],
        scores_at=by_depth,
        evidence=tuple(_place(item, passages) for item in case.evidence),
        retrieved=tuple(_retrieved(case, hit) for hit in hits),
    )


def _place(item: Evidence, passages: Sequence[Passage]) -> EvidencePlace:
    rank = next((rank for rank, passage in enumerate(passages, start=1) if carries(item, passage)), None)
    return EvidencePlace(item.doc, item.quote, item.id, rank)


def _retrieved(case: Case, hit: Hit) -> RetrievedPassage:
    passage = hit.passage
    return RetrievedPassage(
        id=passage.id,
        doc=passage.doc,
        title=passage.title,
        heading=passage.heading,
        text=passage.text,
        score=hit.score,
        found=any(carries(item, passage) for item in case.evidence),
    )
