"""The retriever's own page: what `harness retrieval` measured in, one self-contained HTML file out. No script at all.

Same style sheet, charts and number formats as the report of a run; details elements open and close without code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from harness.report.charts.chart import NARROW, Chart, ends
from harness.report.charts.curves import recall_spec
from harness.report.charts.vega import to_svg
from harness.report.page.environment import asset, environment, policy
from harness.stats.numbers import show, show_estimate, show_interval

METRICS = (("recall", "recall"), ("precision", "precision"), ("hit", "hit"), ("mrr", "MRR"), ("ndcg", "nDCG"))
GROUPS = {"kind": "By kind of question", "category": "By category", "split": "By split"}
MOST_WORST = 20  # questions listed
SLICES_A_CHART = 6  # lines that can still be told apart


def render_retrieval(
    measured: Mapping[str, Any], compared: Mapping[str, Any] | None, *, title: str, created: str, command: str
) -> str:
    """The page.

    Args:
        measured: what `retrieval_study.measure` returned, with its questions (`per_query`).
        compared: what `retrieval_study.compare` returned; None where no grid was run.
        title: of the scenario.
        created: ISO date and time.
        command: the line that makes the page again.
    """
    style = asset("report.css")
    depth = shown_depth(measured)
    page = environment().get_template("retrieval.html.jinja")
    return page.render(
        found=measured,
        compared=compared,
        title=title,
        created=created,
        command=command,
        depth=depth,
        keys=_keys(measured, depth),
        missed=_missed(measured, depth),
        charts=_charts(measured),
        metrics=_metric_rows(measured),
        slices=_slice_rows(measured, depth),
        worst=worst(measured, depth),
        grid=None if compared is None else _grid_chart(compared),
        variants=[] if compared is None else _variant_rows(compared),
        stages=_stage_rows(measured),
        reranker=_reranker_rows(measured.get("reranker")),
        settings=sorted((name, _said(value)) for name, value in measured["settings"].items()),
        style=Markup(style),
        policy=policy(style, ""),
    )


def shown_depth(measured: Mapping[str, Any]) -> str:
    """The depth that the page speaks of: the passages that reach a prompt, or the nearest depth that was measured."""
    wanted = int(measured["settings"]["top_k"])
    depths: list[str] = list(measured["k"])
    return min(depths, key=lambda k: (abs(int(k) - wanted), int(k)))


def _keys(measured: Mapping[str, Any], depth: str) -> list[tuple[str, Mapping[str, Any]]]:
    at = measured["k"][depth]
    return [(f"{label}@{depth}", at[name]) for name, label in METRICS if name in ("recall", "ndcg", "mrr")]


def _missed(measured: Mapping[str, Any], depth: str) -> int:
    return sum((row["scores_at"][depth] or {}).get("recall", 0.0) < 1 for row in measured["per_query"])


def _charts(measured: Mapping[str, Any]) -> list[tuple[str, Chart]]:
    """recall@k of all questions, then by each slice beside all."""
    series = {"all questions": measured["k"]}
    drawn = [("recall@k", _recall("recall-all", series))]
    for group, parts in measured["slices"].items():
        names = sorted(parts, key=lambda name: -parts[name]["queries"])[:SLICES_A_CHART]
        chosen = {f"{name} ({parts[name]['queries']})": parts[name]["k"] for name in names}
        drawn.append((GROUPS.get(group, f"By {group}"), _recall(f"recall-{group}", {**series, **chosen})))
    return [(name, chart) for name, chart in drawn if chart is not None]


def _recall(slug: str, series: Mapping[str, Mapping[str, Any]]) -> Chart | None:
    values: list[dict[str, Any]] = []
    for name, by_k in series.items():
        for k, at in sorted(by_k.items(), key=lambda item: int(item[0])):
            if has(at["recall"]):
                low, middle, high = ends(at["recall"], 100)
                point = {"slice": name, "k": int(k), "low": low, "recall": middle, "high": high}
                values.append({**point, "text": show_estimate(at["recall"])})
    if not values:
        return None
    says = "How much of the evidence is among the first k passages; band and lines are 95 % intervals."
    rows = tuple((v["slice"], str(v["k"]), v["text"]) for v in values)
    svg = to_svg(recall_spec(values, sorted({v["k"] for v in values})), slug, f"recall@k. {says}")
    return Chart(svg, says, ("questions", "k", "recall@k"), rows)


def _metric_rows(measured: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (f"k = {k}", *(_brief(at[name]) for name, _ in METRICS))
        for k, at in sorted(measured["k"].items(), key=lambda item: int(item[0]))
    ]


def _slice_rows(measured: Mapping[str, Any], depth: str) -> list[tuple[str, ...]]:
    return [
        (name, group, str(part["queries"]), *(show_estimate(part["k"][depth][m]) for m in ("recall", "ndcg", "mrr")))
        for group, parts in measured["slices"].items()
        for name, part in parts.items()
    ]


def worst(measured: Mapping[str, Any], depth: str) -> list[Mapping[str, Any]]:
    """The questions that lack evidence at the depth, worst first, with what stands there instead."""
    rows: list[Mapping[str, Any]] = []
    for row in measured["per_query"]:
        values = row["scores_at"][depth]
        if values is None or values["recall"] >= 1:
            continue
        retrieved = row["retrieved"]
        rank = next((place for place, hit in enumerate(retrieved, start=1) if hit["found"]), None)
        rows.append(
            {**row, "values": values, "rank": rank, "shown": retrieved[: int(depth)], "searched": len(retrieved)}
        )
    return sorted(rows, key=lambda row: (row["values"]["recall"], row["values"]["ndcg"], row["id"]))[:MOST_WORST]


def _grid_chart(compared: Mapping[str, Any]) -> Chart | None:
    """Difference of each variant to what is configured, with its paired interval, best first."""
    values = []
    for row in compared["variants"]:
        gap = row["difference"]["ndcg"]
        if row["name"] != compared["against"] and has(gap):
            low, middle, high = ends(gap)
            values.append({"variant": row["name"], "low": low, "d": middle, "high": high})
    if not values:
        return None
    depth = compared["k"]
    x = {"field": "d", "type": "quantitative", "title": f"nDCG@{depth}, points against what is configured"}
    y = {"field": "variant", "type": "nominal", "sort": [v["variant"] for v in values], "title": None,
         "axis": {"ticks": False, "domain": False}}  # fmt: skip
    zero = {"data": {"values": [{"zero": 0}]}, "mark": {"type": "rule", "strokeDash": [3, 3], "aria": False},
            "encoding": {"x": {"field": "zero", "type": "quantitative"}}}  # fmt: skip
    line = {"mark": {"type": "rule", "strokeWidth": 2, "color": "var(--accent)", "opacity": 0.55},
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y}}  # fmt: skip
    dot = {"mark": {"type": "point", "filled": True, "size": 70, "color": "var(--accent)", "opacity": 1},
           "encoding": {"x": x, "y": y}}  # fmt: skip
    spec = {"width": NARROW, "height": {"step": 24}, "data": {"values": values}, "layer": [zero, line, dot]}
    says = "Right of zero is better on the same questions; an interval that crosses zero shows no difference."
    rows = tuple(
        (r["name"], show_estimate(r["difference"]["ndcg"], signed=True))
        for r in compared["variants"]
        if r["name"] != compared["against"]
    )
    return Chart(
        to_svg(spec, "grid", f"Variants against what is configured. {says}"), says, ("variant", "difference"), rows
    )


def _variant_rows(compared: Mapping[str, Any]) -> list[tuple[str, ...]]:
    rows = []
    for row in compared["variants"]:
        figures = (_brief(row["metrics"][name]) for name in ("ndcg", "recall", "mrr"))
        own = row["name"] == compared["against"]
        gap = "the one compared with" if own else _brief(row["difference"]["ndcg"], signed=True)
        rows.append((row["name"], *figures, gap))
    return rows


def _brief(estimate: Mapping[str, Any], *, signed: bool = False) -> str:
    """Mean and interval without n, for a table whose rows all have the same."""
    mean = show(estimate["mean"], estimate["unit"], signed=signed)
    return f"{mean} ({show_interval(estimate, signed=signed)})"


def _stage_rows(measured: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (stage, show_estimate(found["p50"]), show_estimate(found["p95"]))
        for stage, found in measured["latency_ms"].items()
    ]


def _reranker_rows(facts: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """A tuned re-ranker's story in pairs of words; empty where none was asked for."""
    if facts is None or facts["setting"] != "tuned":
        return []
    rows = [("outcome", f"{'kept' if facts['kept'] else 'not kept'}: {facts['reason']}")]
    if (dev := facts.get("dev")) is not None:
        rows.append((f"nDCG@{dev['k']} on dev without it", show_estimate(dev["without"])))
        rows.append((f"nDCG@{dev['k']} on dev with it", show_estimate(dev["with"])))
        rows.append(("paired difference", show_estimate(dev["difference"], signed=True)))
        rows.append(("trained on", f"{facts['pairs']} pairs in {facts['steps']} steps, from {facts['start']}"))
        rows.append(("weight against fusion", f"{facts['weight']}, chosen on {facts['held_out']} held-out questions"))
    left_out = ", ".join(f"{count} {reason}" for reason, count in facts["left_out"].items() if count)
    rows.append(("training questions", f"{facts['questions']} used" + (f"; left out: {left_out}" if left_out else "")))
    return rows


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{k}: {v}" for k, v in value.items()) or "none"
    return "none" if value is None else str(value)


__all__: Sequence[str] = ("render_retrieval", "shown_depth", "worst")
