"""The figures of `harness retrieval`, as values; `to_object` makes the JSON object of them that it prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.record.codec import plain
from harness.record.measurements import Quantiles, RerankerSection
from harness.record.sections import FileRemark, SkippedFile
from harness.scenario.settings import RetrievalSettings
from harness.types import Estimate

Curves = Mapping[str, Mapping[str, Estimate]]  # depth, as text -> recall, precision, hit, mrr, ndcg


@dataclass(frozen=True, slots=True)
class NamedReranker:
    """A re-ranker that the scenario names."""

    name: str


@dataclass(frozen=True, slots=True)
class SliceFigures:
    """The questions of one kind, category or split."""

    queries: int
    k: Curves


@dataclass(frozen=True, slots=True)
class EvidencePlace:
    """One evidence item, and where it was retrieved."""

    doc: str | None
    quote: str | None
    id: str | None
    found_at: int | None  # rank of the first passage that carries it, from 1; None where none does


@dataclass(frozen=True, slots=True)
class RetrievedPassage:
    id: str
    doc: str
    title: str
    heading: str
    text: str
    score: float  # of the last stage that ordered it
    found: bool  # it carries evidence of the question


@dataclass(frozen=True, slots=True)
class QueryFigures:
    """One question with what was retrieved for it."""

    id: str
    question: str
    scores: Mapping[str, float] | None  # recall, precision, hit, mrr, ndcg at the greatest depth
    scores_at: Mapping[str, Mapping[str, float] | None]  # the same by depth
    evidence: tuple[EvidencePlace, ...]
    retrieved: tuple[RetrievedPassage, ...]


@dataclass(frozen=True, slots=True)
class RetrievalFigures:
    """The figures of one configuration; rates as fractions of 1."""

    scenario: str
    embedder: str
    settings: RetrievalSettings
    reranker: NamedReranker | RerankerSection | None  # None: nothing re-ranks
    documents: int
    passages: int
    long_passages: int  # embedded as several windows
    skipped: tuple[SkippedFile, ...]
    queries: int
    without_evidence: int  # questions left out: nothing is to be retrieved for them
    k: Curves
    slices: Mapping[str, Mapping[str, SliceFigures]]  # kind, category, split -> value; none where all are of one
    latency_ms: Mapping[str, Quantiles]  # stage, or total -> of questions asked one at a time and warm
    seconds: Mapping[str, float]  # wall time by step
    embedded: int  # passages embedded when the index was opened
    remarks: tuple[FileRemark, ...] = ()  # files that were read otherwise than they are written
    per_query: tuple[QueryFigures, ...] | None = None  # the worst first; None where it was not asked for


@dataclass(frozen=True, slots=True)
class VariantFigures:
    """The figures of one variant, and its paired difference to what is configured."""

    name: str
    chunking: str
    fusion: str
    rerank: bool
    metrics: Mapping[str, Estimate]  # at the grid's depth, fractions of 1
    difference: Mapping[str, Estimate]  # points


@dataclass(frozen=True, slots=True)
class GridFigures:
    """A whole grid on the same questions."""

    scenario: str
    k: int
    queries: int
    against: str  # name of the variant that the others are compared with
    tried: int
    reranker: NamedReranker | RerankerSection | None
    note: str
    variants: tuple[VariantFigures, ...]  # best nDCG first
    skipped: tuple[SkippedFile, ...] = ()  # files of the corpus that were not read
    remarks: tuple[FileRemark, ...] = ()


def to_object(figures: RetrievalFigures | GridFigures) -> dict[str, Any]:
    """The JSON object of a study: its fields, with the kind of its re-ranker; no `per_query` where none was asked."""
    fields = {name: value for name, value in plain(figures).items() if name != "per_query" or value is not None}
    setting = "tuned" if isinstance(figures.reranker, RerankerSection) else "named"
    return fields | ({"reranker": {"setting": setting, **fields["reranker"]}} if figures.reranker else {})
