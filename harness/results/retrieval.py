"""The retriever alone, measured on the golden set: no generator, no training, a matter of seconds.

`measure` gives one configuration's figures; `compare` ranks a grid of configurations on the same questions.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import InputError
from harness.golden.clusters import case_clusters
from harness.golden.load import load_cases
from harness.metrics.retrieval import curves, per_case, scores
from harness.record.codec import plain
from harness.record.measurements import RerankerSection
from harness.retrieval.documents import load_documents
from harness.retrieval.pipeline import HybridRetriever, Index, open_index
from harness.run.stage import Progress as StageProgress
from harness.run.stage import silent
from harness.run.store import Store
from harness.scenario.settings import RetrievalSettings, Scenario
from harness.stages.rerank import ranking_on, reranker_of
from harness.stats import paired, quantile
from harness.types import Case, Estimate, Evidence, Hit, Passage, Reranker, Retrieval

if TYPE_CHECKING:
    from harness.retrieval.index import Progress

_ONE_BY_ONE = 200  # questions asked singly, so that their seconds are latencies; the rest go in one batch
_WARM = 3


@dataclass(frozen=True, slots=True)
class Study:
    """What a measurement needs: the questions with evidence and what they are grouped by."""

    scenario: Scenario
    cases: tuple[Case, ...]
    clusters: tuple[str, ...]
    without_evidence: int  # cases left out: nothing is to be found for them


def open_study(scenario: Scenario, split: str | None) -> Study:
    """The cases of a split ('all' or None: every one) that have evidence. InputError when none has."""
    where = scenario.dir / "scenario.yaml"
    if scenario.corpus is None or scenario.golden is None:
        missing = "corpus" if scenario.corpus is None else "golden"
        raise InputError(f"{where}: no '{missing}'; retrieval is measured on a corpus with a golden set")
    corpus = load_documents(scenario.corpus)
    every = load_cases(scenario.golden, corpus.documents, corpus.passages, answers_required=False)
    chosen = [c for c in every if split in (None, "all") or c.split == split]
    cases = [c for c in chosen if c.evidence]
    if not cases:
        raise InputError(f"{scenario.golden}: no case with evidence in split '{split or 'all'}'; try --split all")
    labels = case_clusters(cases, [*corpus.documents, *corpus.passages])
    return Study(scenario, tuple(cases), tuple(labels[c.id] for c in cases), len(chosen) - len(cases))


def measure(
    study: Study,
    ks: Sequence[int],
    index_dir: Path,
    store: Store,
    progress: Progress | None = None,
    training: StageProgress = silent,
    per_query: bool = False,
) -> dict[str, Any]:
    """Recall, precision, hit, MRR and nDCG at every k, by slice, with seconds by stage.

    Args:
        ks: depths.
        index_dir: where the index lives.
        store: where a tuned re-ranker is kept.
        progress: told (texts embedded, texts to embed).
        training: told (label, steps done, steps in all) while a re-ranker is tuned.
        per_query: add every question with what was found for it.

    The result is the object that `harness retrieval --json` prints: rates as fractions of 1, Estimates as mappings.
    """
    start = time.perf_counter()
    scenario = study.scenario
    index = _index(scenario, scenario.retrieval, index_dir, progress)
    opened = time.perf_counter()
    ranking = ranking_on(scenario, index, store, training)
    ready = time.perf_counter()
    retriever = _retriever(index, ranking.settings, max(ks), ranking.reranker)
    found, latency = _ask(retriever, [case.question for case in study.cases])
    ranked = [[hit.passage for hit in retrieval.hits] for retrieval in found]
    result: dict[str, Any] = {
        "scenario": scenario.id,
        "embedder": str(index.manifest.identity),
        "settings": _plain(asdict(ranking.settings)),
        "reranker": _reranker(scenario, store),
        "documents": index.manifest.documents,
        "passages": index.manifest.passages,
        "long_passages": index.manifest.long,
        "skipped": [asdict(file) for file in index.skipped],
        "queries": len(study.cases),
        "without_evidence": study.without_evidence,
        "k": _plain_curves(curves(study.cases, ranked, ks, study.clusters)),
        "slices": _slices(study, ranked, ks),
        "latency_ms": latency,
        "seconds": {
            "index": opened - start,
            "rerank_tuning": ready - opened,
            "retrieve": time.perf_counter() - ready,
            **index.report.seconds,
        },
        "embedded": index.report.embedded,
    }
    return result | ({"per_query": _per_query(study.cases, found, ks)} if per_query else {})


def _reranker(scenario: Scenario, store: Store) -> dict[str, Any] | None:
    """Which re-ranker was at work; for a tuned one, how it came about and why it was kept or not. None without one."""
    stage, name = reranker_of(scenario), scenario.models.reranker
    if stage is not None:
        outcome: RerankerSection = store.result(stage)
        return {"setting": "tuned", **plain(outcome)}
    return None if name == "none" else {"setting": "named", "name": name}


def _index(scenario: Scenario, settings: RetrievalSettings, index_dir: Path, progress: Progress | None) -> Index:
    assert scenario.corpus is not None  # open_study refuses a scenario without one
    return open_index(scenario.corpus, settings, scenario.models.embedder, index_dir, progress)


def _retriever(index: Index, settings: RetrievalSettings, depth: int, reranker: Reranker | None) -> HybridRetriever:
    return HybridRetriever(index, settings, reranker, depth=depth, cache_seconds=0)


def _ask(retriever: HybridRetriever, questions: Sequence[str]) -> tuple[list[Retrieval], dict[str, Any]]:
    """Every question answered; p50 and p95 in milliseconds by stage, of those asked one at a time and warm."""
    singly, rest = questions[:_ONE_BY_ONE], questions[_ONE_BY_ONE:]
    retriever.retrieve(singly[:_WARM])
    found = [retrieval for question in singly for retrieval in retriever.retrieve([question])]
    stages = {stage for retrieval in found for stage in retrieval.seconds}
    by_stage = {stage: [1000 * r.seconds[stage] for r in found] for stage in sorted(stages)}
    by_stage["total"] = [1000 * sum(r.seconds.values()) for r in found]
    latency = {
        stage: {"p50": asdict(quantile(values, 0.5)), "p95": asdict(quantile(values, 0.95))}
        for stage, values in by_stage.items()
    }
    return [*found, *retriever.retrieve(rest)], latency


def _slices(study: Study, ranked: Sequence[Sequence[Passage]], ks: Sequence[int]) -> dict[str, Any]:
    """The curves by kind, category and split, where a slice is not everything."""
    slices: dict[str, Any] = {}
    for name in ("kind", "category", "split"):
        values = sorted({str(getattr(case, name)) for case in study.cases})
        if len(values) > 1:
            slices[name] = {value: _slice(study, ranked, ks, name, value) for value in values}
    return slices


def _slice(
    study: Study, ranked: Sequence[Sequence[Passage]], ks: Sequence[int], name: str, value: str
) -> dict[str, Any]:
    rows = [i for i, case in enumerate(study.cases) if getattr(case, name) == value]
    picked = curves([study.cases[i] for i in rows], [ranked[i] for i in rows], ks, [study.clusters[i] for i in rows])
    return {"queries": len(rows), "k": _plain_curves(picked)}


def _per_query(cases: Sequence[Case], found: Sequence[Retrieval], ks: Sequence[int]) -> list[dict[str, Any]]:
    """Question by question, the worst first: each evidence item with its place, each passage with what it holds."""
    rows = []
    for case, retrieval in zip(cases, found, strict=True):
        hits = retrieval.hits[: max(ks)]
        passages = [hit.passage for hit in hits]
        by_depth = {str(k): scores(case.evidence, passages, k) for k in ks}
        rows.append(
            {
                "id": case.id,
                "question": case.question,
                "scores": by_depth[str(max(ks))],
                "scores_at": by_depth,
                "evidence": [{**asdict(item), "found_at": _place(item, passages)} for item in case.evidence],
                "retrieved": [_shown(case, hit) for hit in hits],
            }
        )
    return sorted(rows, key=lambda row: ((row["scores"] or {}).get("ndcg", 0.0), row["id"]))


def _place(item: Evidence, passages: Sequence[Passage]) -> int | None:
    """The rank, from 1, of the first passage that carries an evidence item; None where none does."""
    return next((rank for rank, passage in enumerate(passages, start=1) if item.matches(passage)), None)


def _shown(case: Case, hit: Hit) -> dict[str, Any]:
    passage = hit.passage
    return {
        "id": passage.id,
        "doc": passage.doc,
        "title": passage.title,
        "heading": passage.heading,
        "text": passage.text,
        "score": hit.score,
        "found": any(item.matches(passage) for item in case.evidence),
    }


def _plain_curves(found: Mapping[str, Mapping[str, Estimate]]) -> dict[str, dict[str, Any]]:
    return {k: {name: asdict(estimate) for name, estimate in metrics.items()} for k, metrics in found.items()}


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in settings.items()}


# --- the grid ----------------------------------------------------------------------------------------------------


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
) -> dict[str, Any]:
    """The whole grid on the same questions, ranked by nDCG@k, each variant with its paired difference to the first.

    Stages are shared: variants of one chunking use one index, each question is embedded once for it, and a re-ranker
    is tuned once, on the scenario's own index.
    """
    base = study.scenario.retrieval
    opened = {index_dirs(base): _index(study.scenario, base, index_dirs(base), progress)}
    ranking = ranking_on(study.scenario, opened[index_dirs(base)], store, training)
    variants = grid(ranking.settings, ranking.reranker is not None)
    rows: list[dict[str, Any]] = []
    baseline: dict[str, list[float | None]] | None = None
    for variant, found in _each(study, variants, k, _Shared(index_dirs, opened, progress), ranking.reranker):
        ranked = [[hit.passage for hit in retrieval.hits] for retrieval in found]
        values = per_case(study.cases, ranked, k)
        baseline = values if baseline is None else baseline
        rows.append(_row(study, variant, values, baseline, curves(study.cases, ranked, [k], study.clusters)[str(k)]))
    ordered = sorted(rows, key=lambda row: (-row["metrics"]["ndcg"]["mean"], row["name"]))
    return {
        "scenario": study.scenario.id,
        "k": k,
        "queries": len(study.cases),
        "against": variants[0].name,
        "tried": len(rows),
        "reranker": _reranker(study.scenario, store),
        "note": "chosen on these very questions: confirm the winner on questions that were not used to choose it",
        "variants": ordered,
    }


@dataclass(frozen=True, slots=True)
class _Shared:
    """Indexes that variants share, opened when first wanted."""

    place: Callable[[RetrievalSettings], Path]
    opened: dict[Path, Index]
    progress: Progress | None

    def index(self, scenario: Scenario, settings: RetrievalSettings) -> Index:
        place = self.place(settings)
        if place not in self.opened:
            self.opened[place] = _index(scenario, settings, place, self.progress)
        return self.opened[place]


def _each(
    study: Study, variants: Sequence[Variant], k: int, shared: _Shared, reranker: Reranker | None
) -> Iterable[tuple[Variant, list[Retrieval]]]:
    questions = [case.question for case in study.cases]
    for variant in variants:
        index = shared.index(study.scenario, variant.settings)
        retriever = _retriever(index, variant.settings, k, reranker if variant.rerank else None)
        yield variant, retriever.retrieve(questions)


def _gap(study: Study, values: Sequence[float | None], baseline: Sequence[float | None]) -> Estimate:
    """The paired difference; what is compared with itself differs by nothing, and there is no doubt about it."""
    if values is baseline:
        return Estimate(0.0, 0.0, 0.0, len(values), unit="points", method="compared with itself")
    return paired(values, baseline, study.clusters, study.scenario.seed)


def _row(
    study: Study,
    variant: Variant,
    values: Mapping[str, Sequence[float | None]],
    baseline: Mapping[str, Sequence[float | None]],
    metrics: Mapping[str, Estimate],
) -> dict[str, Any]:
    differences = {name: asdict(_gap(study, values[name], baseline[name])) for name in metrics}
    return {
        "name": variant.name,
        "chunking": variant.settings.chunking,
        "fusion": variant.settings.fusion,
        "rerank": variant.rerank,
        "metrics": {name: asdict(estimate) for name, estimate in metrics.items()},
        "difference": differences,
    }
