"""Retrieval figures as terminal text: one configuration by depth, or a grid of them."""

from __future__ import annotations

from harness.metrics.retrieval import AT_K
from harness.record.measurements import RerankerSection
from harness.results.retrieval_figures import GridFigures, NamedReranker, RetrievalFigures
from harness.stats.numbers import show_count
from harness.types import Estimate


def retrieval_text(figures: RetrievalFigures | GridFigures) -> str:
    """A study as lines of text."""
    return _grid(figures) if isinstance(figures, GridFigures) else _depths(figures)


def _depths(figures: RetrievalFigures) -> str:
    """Every metric at every depth, with what a question takes."""
    lines = [
        f"{figures.scenario}: {show_count(figures.queries, 'question')}, "
        f"{show_count(figures.passages, 'passage')}, {figures.embedder}",
        f"{'k':>4}  " + "  ".join(f"{name:>22}" for name in AT_K),
    ]
    for depth, metrics in figures.k.items():
        lines.append(f"{depth:>4}  " + "  ".join(f"{_cell(metrics[name]):>22}" for name in AT_K))
    lines += _reranker_line(figures.reranker)
    total = figures.latency_ms["total"]
    lines.append(f"a question takes {_ms(total.p50)} (p50), {_ms(total.p95)} (p95)")
    if figures.without_evidence:
        lines.append(f"{figures.without_evidence} questions without evidence were not asked")
    return "\n".join(lines)


def _grid(figures: GridFigures) -> str:
    """Every variant, best first, with its difference to what is configured."""
    lines = [
        f"{figures.scenario}: {show_count(figures.queries, 'question')}, "
        f"{show_count(figures.tried, 'variant')}, k = {figures.k}",
        *_reranker_line(figures.reranker),
        f"{'variant':<28} {'nDCG':>22} {'recall':>22}   nDCG against '{figures.against}' (points)",
    ]
    for row in figures.variants:
        against = "-" if row.name == figures.against else _gap(row.difference["ndcg"])
        lines.append(f"{row.name:<28} {_cell(row.metrics['ndcg']):>22} {_cell(row.metrics['recall']):>22}   {against}")
    return "\n".join([*lines, figures.note])


def _reranker_line(reranker: NamedReranker | RerankerSection | None) -> list[str]:
    """The fate of a tuned re-ranker, with both dev figures where it got so far."""
    if not isinstance(reranker, RerankerSection):
        return []
    line = f"tuned re-ranker {'kept' if reranker.kept else 'not kept'}: {reranker.reason}"
    if (dev := reranker.dev) is not None:
        line += f"; dev nDCG@{dev.k} {_cell(dev.without_it)} without it, {_cell(dev.with_it)} with it"
    return [line]


def _gap(difference: Estimate) -> str:
    if difference.mean is None:
        return "not measured"
    if difference.low is None or difference.high is None:
        return f"{difference.mean:+.1f}"
    return f"{difference.mean:+.1f} ({difference.low:+.1f} to {difference.high:+.1f})"


def _cell(estimate: Estimate) -> str:
    if estimate.mean is None:
        return "not measured"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.mean:.3f}"
    return f"{estimate.mean:.3f} ({estimate.low:.3f}-{estimate.high:.3f})"


def _ms(estimate: Estimate) -> str:
    return "unknown" if estimate.mean is None else f"{estimate.mean:.1f} ms"
