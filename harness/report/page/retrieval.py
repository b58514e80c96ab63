"""The retriever's own page: what `harness retrieval` measured in, one self-contained HTML file out. No script at all.

Same style sheet, charts and number formats as the report of a run; details elements open and close without code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from harness.metrics.retrieval import AT_K
from harness.record.measurements import RerankerSection
from harness.report.charts.chart import Chart
from harness.report.charts.curves import recall_chart
from harness.report.charts.grid import grid_chart
from harness.report.page.environment import asset, environment, policy
from harness.results.retrieval_figures import (
    Curves,
    EvidencePlace,
    GridFigures,
    NamedReranker,
    QueryFigures,
    RetrievalFigures,
    RetrievedPassage,
)
from harness.stats.numbers import show, show_count, show_estimate, show_interval
from harness.types import Estimate

KEYS = ("recall", "mrr", "ndcg")  # figures of the first screen
SLICED = ("recall", "ndcg", "mrr")  # columns of the table of slices
COMPARED = ("ndcg", "recall", "mrr")  # columns of the table of variants
GROUPS = {"kind": "By kind of question", "category": "By category", "split": "By split"}
MOST_WORST = 20  # questions listed
SLICES_A_CHART = 6  # lines that can still be told apart

Cells = tuple[str, ...]  # of one row of a table


def render_retrieval(
    figures: RetrievalFigures, grid: GridFigures | None, *, title: str, created: str, command: str
) -> str:
    """The page.

    Args:
        figures: of the scenario's own configuration, with its questions (`per_query`).
        grid: of other settings; None where no grid was run.
        title: of the scenario.
        created: ISO date and time.
        command: the line that makes the page again.
    """
    style = asset("report.css")
    depth = shown_depth(figures)
    page = environment().get_template("retrieval.html.jinja")
    return page.render(
        figures=figures,
        compared=grid,
        title=title,
        created=created,
        command=command,
        depth=depth,
        keys=_keys(figures, depth),
        missed=len(_lacking(figures, depth)),
        charts=_charts(figures),
        columns=("depth", *(metric.title for metric in AT_K.values())),
        metrics=_metric_rows(figures),
        slice_columns=("slice", "of", "questions", *(_at(name, depth) for name in SLICED)),
        slices=_slice_rows(figures, depth),
        worst=worst(figures, depth),
        grid=None if grid is None else grid_chart(grid),
        variant_columns=() if grid is None else ("variant", *(_at(name, grid.k) for name in COMPARED)),
        variants=[] if grid is None else _variant_rows(grid),
        stages=_stage_rows(figures),
        reranker=_reranker_rows(figures.reranker),
        settings=_setting_rows(figures),
        style=Markup(style),
        policy=policy(style, ""),
    )


def shown_depth(figures: RetrievalFigures) -> str:
    """The depth that the page speaks of: the passages that reach a prompt, or the nearest depth that was measured."""
    top_k = figures.settings.top_k
    return min(figures.k, key=lambda k: (abs(int(k) - top_k), int(k)))


def _keys(figures: RetrievalFigures, depth: str) -> list[tuple[str, Estimate]]:
    return [(_at(name, depth), figures.k[depth][name]) for name in KEYS]


def _at(metric: str, depth: str | int) -> str:
    """`nDCG@4`."""
    return f"{AT_K[metric].title}@{depth}"


# --- charts and tables --------------------------------------------------------------------------------------------


def _charts(figures: RetrievalFigures) -> list[tuple[str, Chart]]:
    """recall@k of all questions, then by each slice beside all."""
    says = "How much of the evidence is among the first k passages; band and lines are 95 % intervals."
    series = {"all questions": figures.k}
    charts = [("recall@k", recall_chart("recall-all", series, says, f"recall@k. {says}"))]
    for group, parts in figures.slices.items():
        largest = sorted(parts, key=lambda name: -parts[name].queries)[:SLICES_A_CHART]
        beside = {f"{name} ({parts[name].queries})": parts[name].k for name in largest}
        chart = recall_chart(f"recall-{group}", {**series, **beside}, says, f"recall@k. {says}")
        charts.append((GROUPS.get(group, f"By {group}"), chart))
    return [(name, chart) for name, chart in charts if chart is not None]


def _by_depth(curves: Curves) -> list[tuple[str, Mapping[str, Estimate]]]:
    return sorted(curves.items(), key=lambda item: int(item[0]))


def _metric_rows(figures: RetrievalFigures) -> list[Cells]:
    return [(f"k = {k}", *(_brief(at[name]) for name in AT_K)) for k, at in _by_depth(figures.k)]


def _slice_rows(figures: RetrievalFigures, depth: str) -> list[Cells]:
    return [
        (name, group, str(part.queries), *(show_estimate(part.k[depth][m]) for m in SLICED))
        for group, parts in figures.slices.items()
        for name, part in parts.items()
    ]


def _brief(estimate: Estimate, *, signed: bool = False) -> str:
    """Mean and interval without n, for a table whose rows all have the same."""
    mean = show(estimate.mean, estimate.unit, signed=signed)
    return f"{mean} ({show_interval(estimate, signed=signed)})"


def _stage_rows(figures: RetrievalFigures) -> list[Cells]:
    return [
        (stage, show_estimate(latency.p50), show_estimate(latency.p95)) for stage, latency in figures.latency_ms.items()
    ]


# --- the worst questions ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WorstQuestion:
    """A question that lacks evidence at the page's depth."""

    id: str
    question: str
    recall: float
    ndcg: float
    evidence: tuple[EvidencePlace, ...]
    shown: tuple[RetrievedPassage, ...]  # what stands there instead
    searched: int  # passages looked at for its evidence


def worst(figures: RetrievalFigures, depth: str) -> list[WorstQuestion]:
    """The questions that lack evidence at the depth, worst first, with what stands there instead."""
    rows = [_worst(query, scores, depth) for query, scores in _lacking(figures, depth)]
    return sorted(rows, key=lambda row: (row.recall, row.ndcg, row.id))[:MOST_WORST]


def _lacking(figures: RetrievalFigures, depth: str) -> list[tuple[QueryFigures, Mapping[str, float]]]:
    rows = [(query, query.scores_at[depth]) for query in figures.per_query or ()]
    return [(query, scores) for query, scores in rows if scores is not None and scores["recall"] < 1]


def _worst(query: QueryFigures, scores: Mapping[str, float], depth: str) -> WorstQuestion:
    return WorstQuestion(
        id=query.id,
        question=query.question,
        recall=scores["recall"],
        ndcg=scores["ndcg"],
        evidence=query.evidence,
        shown=query.retrieved[: int(depth)],
        searched=len(query.retrieved),
    )


# --- other settings -----------------------------------------------------------------------------------------------


def _variant_rows(grid: GridFigures) -> list[Cells]:
    rows = []
    for row in grid.variants:
        cells = (_brief(row.metrics[name]) for name in COMPARED)
        own = row.name == grid.against
        gap = "the one compared with" if own else _brief(row.difference["ndcg"], signed=True)
        rows.append((row.name, *cells, gap))
    return rows


def _reranker_rows(reranker: NamedReranker | RerankerSection | None) -> list[tuple[str, str]]:
    """A tuned re-ranker's story in pairs of words; empty where none was asked for."""
    if not isinstance(reranker, RerankerSection):
        return []
    rows = [("outcome", f"{'kept' if reranker.kept else 'not kept'}: {reranker.reason}")]
    if (dev := reranker.dev) is not None:
        metric = f"{_at(dev.metric, dev.k)} on dev"
        rows.append((f"{metric} without it", show_estimate(dev.without_it)))
        rows.append((f"{metric} with it", show_estimate(dev.with_it)))
        rows.append(("paired difference", show_estimate(dev.difference, signed=True)))
        rows.append(
            (
                "trained on",
                f"{show_count(reranker.pairs, 'pair')} in {show_count(reranker.steps, 'step')}, from {reranker.start}",
            )
        )
        weight = f"{reranker.weight}, chosen on {reranker.held_out} held-out questions"
        rows.append(("weight against fusion", weight))
    left_out = ", ".join(f"{count} {reason}" for reason, count in reranker.left_out.items() if count)
    used = f"{reranker.questions} used" + (f"; left out: {left_out}" if left_out else "")
    return [*rows, ("training questions", used)]


def _setting_rows(figures: RetrievalFigures) -> list[tuple[str, str]]:
    names = sorted(figures.settings.__dataclass_fields__)
    return [(name, _text(getattr(figures.settings, name))) for name in names]


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{k}: {v}" for k, v in value.items()) or "none"
    return "none" if value is None else str(value)
