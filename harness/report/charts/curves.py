"""Curves and intervals of retrieval, tuning and forgetting, drawn like the charts of the arms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.record.measurements import AdapterItems, AdapterSection, RetrievalSection, Subject
from harness.report.charts.chart import NARROW, Chart, ends
from harness.report.charts.vega import Row, Spec, to_svg
from harness.stats.numbers import show, show_count, show_estimate, show_n
from harness.types import Estimate

Curve = Mapping[str, Mapping[str, Estimate]]  # passages looked at, as text -> metric ->


def recall_curve(retrieval: RetrievalSection | None) -> Chart | None:
    """recall@k over k, with intervals."""
    says = "How often the evidence is among the first k passages; the band is the 95 % interval."
    series = {"all questions": retrieval.k} if retrieval else {}
    return recall_chart("recall", series, says, f"recall@k by slice. {says}")


def recall_chart(slug: str, series: Mapping[str, Curve], says: str, description: str) -> Chart | None:
    """recall@k over k, one line a series; None where none has a value."""
    values: list[Row] = []
    for name, curve in series.items():
        for k, at in sorted(curve.items(), key=lambda item: int(item[0])):
            if (span := ends(at.get("recall"), 100)) is not None:
                low, middle, high = span
                point = {"slice": name, "k": int(k), "low": low, "recall": middle, "high": high}
                values.append({**point, "text": show_estimate(at["recall"])})
    if not values:
        return None
    spec = recall_spec(values, sorted({v["k"] for v in values}))
    rows = tuple((v["slice"], str(v["k"]), v["text"]) for v in values)
    return Chart(to_svg(spec, slug, description), says, ("questions", "k", "recall@k"), rows)


def recall_spec(values: Sequence[Row], ks: Sequence[int]) -> Spec:
    """recall over k: one line a slice, the first with a band, the others with the ends of their intervals."""
    order = list(dict.fromkeys(v["slice"] for v in values))
    palette = ["var(--ink)", *(f"var(--arm-{i})" for i in (2, 4, 5, 6, 7, 8))]
    colour = {
        "field": "slice",
        "type": "nominal",
        "scale": {"domain": order, "range": palette[: len(order)] or palette},
    }
    dash = {
        "field": "slice",
        "type": "nominal",
        "scale": {"domain": order, "range": [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3]]},
    }
    x = {"field": "k", "type": "ordinal", "title": "k (passages)", "axis": {"labelAngle": 0, "values": ks}}
    y = {"field": "recall", "type": "quantitative", "title": "recall@k, %", "scale": {"domain": [0, 100]}}
    return {
        "width": NARROW,
        "height": 260,
        "data": {"values": values},
        "layer": [
            {
                "transform": [{"filter": {"field": "slice", "equal": order[0]}}],
                "mark": {"type": "area", "opacity": 0.12},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": colour},
            },
            {
                "transform": [{"filter": {"not": {"field": "slice", "equal": order[0]}}}],
                "mark": {"type": "rule", "opacity": 0.5, "aria": False},  # empty without slices: nothing to name
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": colour},
            },
            {
                "mark": {"type": "line", "strokeWidth": 2},
                "encoding": {"x": x, "y": y, "color": colour, "strokeDash": dash},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 45, "opacity": 1},
                "encoding": {"x": x, "y": y, "color": colour},
            },
        ],
    }


def loss_curve(arm: str, adapter: AdapterSection, number: int) -> Chart | None:
    """Training and validation loss over steps, the best step marked, what came after it shaded where it overfits."""
    points = [("training", p.step, p.train_loss) for p in adapter.curve]
    points += [("validation", p.step, p.eval_loss) for p in adapter.curve]
    values: list[Row] = [{"step": step, "loss": loss, "kind": kind} for kind, step, loss in points if loss is not None]
    if not values:
        return None
    last = max(v["step"] for v in values)
    lowest = min((v["loss"] for v in values if v["kind"] == "validation"), default=None)
    says = _loss_words(adapter, lowest)
    rows = tuple((str(v["step"]), v["kind"], show(v["loss"], "loss")) for v in values)
    spec = _loss_spec(values, adapter.best_step, last, adapter.overfit)
    svg = to_svg(spec, f"loss{number}", f"Loss of the {arm} adapter. {says}")
    return Chart(svg, says, ("step", "split", "loss"), rows)


def _loss_words(adapter: AdapterSection, lowest: float | None) -> str:
    best = adapter.best_step
    if lowest is None:
        return "No example is held out, so that nothing says whether it overfits."
    at = f"Validation loss is lowest at step {best}" if best is not None else "No best step was recorded"
    at += f" ({show(lowest, 'loss')})" if lowest is not None else ""
    if not adapter.watched:
        return f"{at}; whether it overfits is not judged by {show_count(adapter.held_out, 'held-out example')}."
    if adapter.overfit:
        return f"{at} and rises after it: this adapter overfits; the shaded steps make it worse."
    return f"{at}; it does not overfit."


def _loss_spec(values: Sequence[Row], best: int | None, last: int, overfit: bool) -> Spec:
    domain = ["training", "validation"]
    colour = {
        "field": "kind",
        "type": "nominal",
        "scale": {"domain": domain, "range": ["var(--muted)", "var(--accent)"]},
    }
    x = {"field": "step", "type": "quantitative", "title": "step", "scale": {"domain": [0, last], "nice": False}}
    y = {"field": "loss", "type": "quantitative", "title": "loss, nats a token", "scale": {"zero": True}}
    layers: list[Spec] = []
    if best is not None:
        mark = {"step": best, "end": last, "label": "best" if not overfit else "best, then overfit"}
        here = {"data": {"values": [mark]}}
        if overfit:
            layers.append(
                {
                    **here,
                    "mark": {"type": "rect", "color": "var(--fail)", "opacity": 0.1},
                    "encoding": {"x": x, "x2": {"field": "end"}},
                }
            )
        layers.append({**here, "mark": {"type": "rule", "strokeDash": [3, 3]}, "encoding": {"x": x}})
        beside = best > last * 0.6
        layers.append(
            {
                **here,
                "mark": {"type": "text", "align": "right" if beside else "left", "dx": -6 if beside else 6, "y": 8},
                "encoding": {"x": x, "text": {"field": "label"}},
            }
        )
    shape = {"field": "kind", "type": "nominal", "scale": {"domain": domain, "range": [[1, 0], [5, 3]]}}
    layers.append(
        {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"x": x, "y": y, "color": colour, "strokeDash": shape}}
    )
    validation = {"filter": "datum.kind == 'validation'"}
    layers.append(
        {
            "transform": [validation],
            "mark": {"type": "point", "filled": True, "size": 40, "opacity": 1},
            "encoding": {"x": x, "y": y, "color": colour},
        }
    )
    return {"width": NARROW, "height": 230, "data": {"values": values}, "layer": layers}


def forgetting_by_subject(arm: str, adapter: AdapterItems, number: int) -> Chart | None:
    """Difference to the base by subject, worst first, with intervals."""
    spans = [(s, span) for s in adapter.subjects if (span := ends(s.items.difference)) is not None]
    if not spans:
        return None
    spans = sorted(spans, key=lambda pair: pair[1][1])
    values: list[Row] = [
        {"subject": s.subject.replace("_", " "), "low": low, "d": middle, "high": high}
        for s, (low, middle, high) in spans
    ]
    hurt = [s.subject for s, _ in spans if _is_hurt(s)]
    says = f"Left of zero is ability lost. Subjects with a real loss after Holm: {', '.join(hurt) or 'none'}."
    gaps = [(s.subject, s.items.difference) for s, _ in spans]
    rows = tuple((subject, show_estimate(gap, signed=True), show_n(gap)) for subject, gap in gaps)
    svg = to_svg(_subject_spec(values), f"forget{number}", f"Ability lost by subject, {arm}. {says}")
    return Chart(svg, says, ("subject", "difference to the base", "items"), rows)


def _is_hurt(subject: Subject) -> bool:
    """A real loss after Holm."""
    high = subject.items.difference.high
    return high is not None and high < 0 and subject.p_holm is not None and subject.p_holm < 0.05


def _subject_spec(values: Sequence[Row]) -> Spec:
    order = [v["subject"] for v in values]
    x = {"field": "d", "type": "quantitative", "title": "points against the base model"}
    y = {"field": "subject", "type": "nominal", "sort": order, "title": None, "axis": {"ticks": False, "domain": False}}
    return {
        "width": NARROW,
        "height": {"step": 22},
        "data": {"values": values},
        "layer": [
            {
                "data": {"values": [{"zero": 0}]},
                "mark": {"type": "rule", "strokeDash": [3, 3]},
                "encoding": {"x": {"field": "zero", "type": "quantitative"}},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 2, "color": "var(--accent)", "opacity": 0.55},
                "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 70, "color": "var(--accent)", "opacity": 1},
                "encoding": {"x": x, "y": y},
            },
        ],
    }
