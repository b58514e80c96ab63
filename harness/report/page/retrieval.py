"""The retriever's own page: what `harness retrieval` measured in, one self-contained HTML file out. No script at all.

Same style sheet, charts and number formats as the report of a run; details elements open and close without code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from harness.record.measurements import RerankerSection
from harness.report.charts.chart import NARROW, Chart, ends
from harness.report.charts.curves import recall_spec
from harness.report.charts.vega import to_svg
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
from harness.stats.numbers import show, show_estimate, show_interval
from harness.types import Estimate

METRICS = (("recall", "recall"), ("precision", "precision"), ("hit", "hit"), ("mrr", "MRR"), ("ndcg", "nDCG"))
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
        metrics=_metric_rows(figures),
        slices=_slice_rows(figures, depth),
        worst=worst(figures, depth),
        grid=None if grid is None else _grid_chart(grid),
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
    at = figures.k[depth]
    return [(f"{label}@{depth}", at[name]) for name, label in METRICS if name in ("recall", "ndcg", "mrr")]


# --- charts and tables --------------------------------------------------------------------------------------------


def _charts(figures: RetrievalFigures) -> list[tuple[str, Chart]]:
    """recall@k of all questions, then by each slice beside all."""
    series = {"all questions": figures.k}
    charts = [("recall@k", _recall("recall-all", series))]
    for group, parts in figures.slices.items():
        largest = sorted(parts, key=lambda name: -parts[name].queries)[:SLICES_A_CHART]
        beside = {f"{name} ({parts[name].queries})": parts[name].k for name in largest}
        charts.append((GROUPS.get(group, f"By {group}"), _recall(f"recall-{group}", {**series, **beside})))
    return [(name, chart) for name, chart in charts if chart is not None]


@dataclass(frozen=True, slots=True)
class _Point:
    """recall@k of one slice, in per cent."""

    slice: str
    k: int
    low: float
    recall: float
    high: float
    text: str

    def row(self) -> dict[str, str | int | float]:
        return {"slice": self.slice, "k": self.k, "low": self.low, "recall": self.recall, "high": self.high}


def _recall(slug: str, series: Mapping[str, Curves]) -> Chart | None:
    points = []
    for name, by_k in series.items():
        for k, at in _by_depth(by_k):
            if (bar := ends(at["recall"], 100)) is not None:
                points.append(_Point(name, int(k), *bar, show_estimate(at["recall"])))
    if not points:
        return None
    says = "How much of the evidence is among the first k passages; band and lines are 95 % intervals."
    spec = recall_spec([point.row() for point in points], sorted({point.k for point in points}))
    rows = tuple((point.slice, str(point.k), point.text) for point in points)
    return Chart(to_svg(spec, slug, f"recall@k. {says}"), says, ("questions", "k", "recall@k"), rows)


def _by_depth(curves: Curves) -> list[tuple[str, Mapping[str, Estimate]]]:
    return sorted(curves.items(), key=lambda item: int(item[0]))


def _metric_rows(figures: RetrievalFigures) -> list[Cells]:
    return [(f"k = {k}", *(_brief(at[name]) for name, _ in METRICS)) for k, at in _by_depth(figures.k)]


def _slice_rows(figures: RetrievalFigures, depth: str) -> list[Cells]:
    return [
        (name, group, str(part.queries), *(show_estimate(part.k[depth][m]) for m in ("recall", "ndcg", "mrr")))
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


def _grid_chart(grid: GridFigures) -> Chart | None:
    """Difference of each variant to what is configured, with its paired interval, best first."""
    others = [row for row in grid.variants if row.name != grid.against]
    bars = [(row.name, bar) for row in others if (bar := ends(row.difference["ndcg"])) is not None]
    if not bars:
        return None
    values = [{"variant": name, "low": low, "d": middle, "high": high} for name, (low, middle, high) in bars]
    x = {"field": "d", "type": "quantitative", "title": f"nDCG@{grid.k}, points against what is configured"}
    y = {"field": "variant", "type": "nominal", "sort": [name for name, _ in bars], "title": None,
         "axis": {"ticks": False, "domain": False}}  # fmt: skip
    zero = {"data": {"values": [{"zero": 0}]}, "mark": {"type": "rule", "strokeDash": [3, 3], "aria": False},
            "encoding": {"x": {"field": "zero", "type": "quantitative"}}}  # fmt: skip
    line = {"mark": {"type": "rule", "strokeWidth": 2, "color": "var(--accent)", "opacity": 0.55},
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y}}  # fmt: skip
    dot = {"mark": {"type": "point", "filled": True, "size": 70, "color": "var(--accent)", "opacity": 1},
           "encoding": {"x": x, "y": y}}  # fmt: skip
    spec = {"width": NARROW, "height": {"step": 24}, "data": {"values": values}, "layer": [zero, line, dot]}
    says = "Right of zero is better on the same questions; an interval that crosses zero shows no difference."
    rows = tuple((row.name, show_estimate(row.difference["ndcg"], signed=True)) for row in others)
    svg = to_svg(spec, "grid", f"Variants against what is configured. {says}")
    return Chart(svg, says, ("variant", "difference"), rows)


def _variant_rows(grid: GridFigures) -> list[Cells]:
    rows = []
    for row in grid.variants:
        cells = (_brief(row.metrics[name]) for name in ("ndcg", "recall", "mrr"))
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
        rows.append((f"nDCG@{dev.k} on dev without it", show_estimate(dev.without_it)))
        rows.append((f"nDCG@{dev.k} on dev with it", show_estimate(dev.with_it)))
        rows.append(("paired difference", show_estimate(dev.difference, signed=True)))
        rows.append(("trained on", f"{reranker.pairs} pairs in {reranker.steps} steps, from {reranker.start}"))
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
