"""Curves and intervals of retrieval, tuning and forgetting, drawn like the charts of the arms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.report.charts.quality import NARROW, Chart, ends, has
from harness.report.charts.vega import to_svg
from harness.stats.numbers import show, show_estimate, show_n


def recall_curve(record: Mapping[str, Any]) -> Chart | None:
    """recall@k over k, in all and by slice, with intervals."""
    found = record.get("retrieval") or {}
    series = [("all questions", found.get("k") or {})]
    for group in (found.get("slices") or {}).values():
        series += [(name, part.get("k", part)) for name, part in group.items()]
    values: list[dict[str, Any]] = [
        {
            "slice": name,
            "k": int(k),
            "low": span[0],
            "recall": span[1],
            "high": span[2],
            "text": show_estimate(at["recall"]),
        }
        for name, by_k in series
        for k, at in sorted(by_k.items(), key=lambda item: int(item[0]))
        if has(at.get("recall")) and (span := ends(at["recall"], 100))
    ]
    if not values:
        return None
    spec = recall_spec(values, sorted({v["k"] for v in values}))
    rows = tuple((v["slice"], str(v["k"]), v["text"]) for v in values)
    says = "How often the evidence is among the first k passages; the band is the 95 % interval."
    return Chart(to_svg(spec, "recall", f"recall@k by slice. {says}"), says, ("questions", "k", "recall@k"), rows)


def recall_spec(values: list[dict[str, Any]], ks: list[int]) -> dict[str, Any]:
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
                "transform": [{"filter": f"datum.slice == '{order[0]}'"}],
                "mark": {"type": "area", "opacity": 0.12},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": colour},
            },
            {
                "transform": [{"filter": f"datum.slice != '{order[0]}'"}],
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


def loss_curve(arm: str, tuned: Mapping[str, Any], number: int) -> Chart | None:
    """Training and validation loss over steps, the best step marked, what came after it shaded where it overfits."""
    curve = tuned.get("curve") or []
    values: list[dict[str, Any]] = [
        {"step": point["step"], "loss": point[key], "kind": label}
        for key, label in (("train_loss", "training"), ("eval_loss", "validation"))
        for point in curve
        if point.get(key) is not None
    ]
    if not values:
        return None
    best, last = tuned.get("best_step"), max(v["step"] for v in values)
    lowest = min((v["loss"] for v in values if v["kind"] == "validation"), default=None)
    says = _loss_words(tuned, best, lowest)
    rows = tuple((str(v["step"]), v["kind"], show(v["loss"], "loss")) for v in values)
    spec = _loss_spec(values, best, last, bool(tuned.get("overfit")))
    return Chart(
        to_svg(spec, f"loss{number}", f"Loss of the {arm} adapter. {says}"), says, ("step", "split", "loss"), rows
    )


def _loss_words(tuned: Mapping[str, Any], best: int | None, lowest: float | None) -> str:
    at = f"Validation loss is lowest at step {best}" if best is not None else "No best step was recorded"
    at += f" ({show(lowest, 'loss')})" if lowest is not None else ""
    if tuned.get("overfit"):
        return f"{at} and rises after it: this adapter overfits; the shaded steps make it worse."
    return f"{at}; it does not overfit."


def _loss_spec(values: list[dict[str, Any]], best: int | None, last: int, overfit: bool) -> dict[str, Any]:
    domain = ["training", "validation"]
    colour = {
        "field": "kind",
        "type": "nominal",
        "scale": {"domain": domain, "range": ["var(--muted)", "var(--accent)"]},
    }
    x = {"field": "step", "type": "quantitative", "title": "step", "scale": {"domain": [0, last], "nice": False}}
    y = {"field": "loss", "type": "quantitative", "title": "loss, nats a token", "scale": {"zero": True}}
    layers: list[dict[str, Any]] = []
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
        left = best > last * 0.6
        layers.append(
            {
                **here,
                "mark": {"type": "text", "align": "right" if left else "left", "dx": -6 if left else 6, "y": 8},
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


def forgetting_by_subject(arm: str, measured: Mapping[str, Any], number: int) -> Chart | None:
    """Difference to the base by subject, worst first, with intervals."""
    subjects = [s for s in measured.get("subjects") or () if has(s.get("difference"))]
    if not subjects:
        return None
    subjects = sorted(subjects, key=lambda s: s["difference"]["mean"])
    values = []
    for s in subjects:
        low, middle, high = ends(s["difference"])
        values.append({"subject": s["subject"].replace("_", " "), "low": low, "d": middle, "high": high})
    hurt = [s["subject"] for s in subjects if (s["difference"].get("high") or 0) < 0 and (s.get("p_holm") or 1) < 0.05]
    says = f"Left of zero is ability lost. Subjects with a real loss after Holm: {', '.join(hurt) or 'none'}."
    rows = tuple((s["subject"], show_estimate(s["difference"], signed=True), show_n(s["difference"])) for s in subjects)
    svg = to_svg(_subject_spec(values), f"forget{number}", f"Ability lost by subject, {arm}. {says}")
    return Chart(svg, says, ("subject", "difference to the base", "items"), rows)


def _subject_spec(values: list[dict[str, Any]]) -> dict[str, Any]:
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
