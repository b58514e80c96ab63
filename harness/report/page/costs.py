"""What a question costs in each arm, and where tuning and retrieval break even.

Hybrid chapter, 7.6: cost of an answer = retrieval + tokens × price. Prices come from the scenario; without them the
tokens themselves stand in, and the section says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.report.charts.quality import NARROW, Chart, names
from harness.report.charts.vega import arm_scales, to_svg
from harness.stats.numbers import show, show_estimate

Volumes = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)  # questions a month


@dataclass(frozen=True, slots=True)
class CostRow:
    """Tokens and price of one arm."""

    arm: str
    input_tokens: str
    output_tokens: str
    per_1000: str
    split: str  # C_r and C_g
    training: str


def cost_rows(record: Mapping[str, Any]) -> list[CostRow]:
    """One row an arm that has token counts."""
    found = record.get("cost") or {}
    tuned = record.get("tuning") or {}
    return [
        CostRow(
            arm,
            show_estimate(found[arm].get("input_tokens")),
            show_estimate(found[arm].get("output_tokens")),
            show(found[arm].get("per_1000"), "currency") if found[arm].get("per_1000") else "no prices in the scenario",
            _split(found[arm]),
            f"{tuned[arm]['seconds'] / 60:.2f} min" if arm in tuned and tuned[arm].get("seconds") else "none",
        )
        for arm in names(record)
        if arm in found
    ]


def _split(cost: Mapping[str, Any]) -> str:
    """C_r + C_g of 1,000 questions, where there are prices."""
    if not cost.get("per_1000"):
        return ""
    parts = cost.get("retrieval_per_1000") or 0.0, cost.get("generation_per_1000") or cost["per_1000"]
    return " + ".join(show(part, "currency") for part in parts)


def question_cost(record: Mapping[str, Any]) -> tuple[dict[str, Mapping[str, Any]], str]:
    """(Estimate an arm, axis title): price of 1,000 questions, or tokens a question where there are no prices."""
    found = record.get("cost") or {}
    priced = {arm: c["per_1000"] for arm, c in found.items() if isinstance(c, Mapping) and c.get("per_1000")}
    if priced:
        return {arm: _bare(price) for arm, price in priced.items()}, "price of 1,000 questions, price units"
    tokens = {arm: _sum(c) for arm, c in found.items() if isinstance(c, Mapping)}
    return {arm: t for arm, t in tokens.items() if t}, "tokens a question, read and written"


def _bare(value: float) -> dict[str, Any]:
    return {"mean": value, "low": None, "high": None, "n": 0, "unscored": 0, "unit": "currency", "method": ""}


def _sum(cost: Mapping[str, Any]) -> dict[str, Any]:
    """Input and output tokens together; the interval ends are added, which is the wider choice."""
    parts = [cost.get("input_tokens"), cost.get("output_tokens")]
    known = [p for p in parts if p and p.get("mean") is not None]
    if len(known) < len(parts):
        return {}
    ends = {end: sum(p[end] if p.get(end) is not None else p["mean"] for p in known) for end in ("low", "mean", "high")}
    return {**ends, "n": known[0]["n"], "unscored": known[0].get("unscored", 0), "unit": "tokens", "method": "sum"}


def break_even(record: Mapping[str, Any]) -> Chart | None:
    """Monthly cost over monthly questions, training spread over the months between retrainings; None without prices."""
    prices, found = record.get("prices") or {}, record.get("cost") or {}
    arms = [arm for arm in names(record) if arm in found and found[arm].get("per_1000")]
    if len(arms) < 2:
        return None
    fixed = {arm: _training_price(record, arm, prices) for arm in arms}
    values = [
        {"arm": arm, "q": q, "cost": fixed[arm] + q / 1000 * found[arm]["per_1000"]} for arm in arms for q in Volumes
    ]
    colours, _ = arm_scales(names(record), arms)
    spec = {
        "width": NARROW,
        "height": 260,
        "data": {"values": values},
        "mark": {"type": "line", "strokeWidth": 2, "point": True},
        "encoding": {
            "x": {"field": "q", "type": "quantitative", "scale": {"type": "log"}, "title": "questions a month"},
            "y": {"field": "cost", "type": "quantitative", "scale": {"type": "log"}, "title": "price units a month"},
            "color": {"field": "arm", "type": "nominal", "scale": colours},
        },
    }
    says = crossing_words(arms, fixed, {arm: found[arm]["per_1000"] for arm in arms})
    rows = tuple((v["arm"], f"{v['q']:,}", show(v["cost"], "currency")) for v in values)
    return Chart(
        to_svg(spec, "breakeven", f"Monthly cost by arm. {says}"), says, ("arm", "questions a month", "cost"), rows
    )


def _training_price(record: Mapping[str, Any], arm: str, prices: Mapping[str, Any]) -> float:
    """Price units a month for retraining: hours × price of an hour × updates a month (one where it is not said)."""
    facts = (record.get("advice") or {}).get("facts") or {}
    return _update_price(record, arm, prices) * (facts.get("updates_per_month") or 1)


def _update_price(record: Mapping[str, Any], arm: str, prices: Mapping[str, Any]) -> float:
    """Price units of bringing an arm up to date once: training again, and refreshing its index where that was timed."""
    training = ((record.get("tuning") or {}).get(arm) or {}).get("seconds") or 0.0
    fresh = ((record.get("freshness") or {}).get("arms") or {}).get(arm) or {}
    return float((training + (fresh.get("update_seconds") or 0.0)) / 3600 * (prices.get("gpu_hour") or 0.0))


UPDATES = (1, 2, 4, 8, 15, 30)  # a month


def break_even_updates(record: Mapping[str, Any]) -> Chart | None:
    """Questions a month from which the dearer to update is the cheaper arm, over updates a month; None without any."""
    prices, found = record.get("prices") or {}, record.get("cost") or {}
    arms = [arm for arm in names(record) if (found.get(arm) or {}).get("per_1000")]
    once = {arm: _update_price(record, arm, prices) for arm in arms}
    pairs = [
        (a, b, 1000 * (once[a] - once[b]) / (found[b]["per_1000"] - found[a]["per_1000"]))
        for a in arms
        for b in arms
        if once[a] > once[b] and found[a]["per_1000"] < found[b]["per_1000"]
    ]
    if not pairs:
        return None
    values = [{"pair": f"{a} over {b}", "updates": n, "q": n * each} for a, b, each in pairs for n in UPDATES]
    spec = {
        "width": NARROW,
        "height": 260,
        "data": {"values": values},
        "mark": {"type": "line", "strokeWidth": 2, "point": True},
        "encoding": {
            "x": {"field": "updates", "type": "quantitative", "title": "updates a month, each one retrained"},
            "y": {"field": "q", "type": "quantitative", "scale": {"type": "log"}, "title": "questions a month"},
            "strokeDash": {"field": "pair", "type": "nominal", "title": None},
        },
    }
    says = "; ".join(f"{a} is cheaper than {b} above {each:,.0f} questions an update" for a, b, each in pairs) + "."
    rows = tuple((v["pair"], str(v["updates"]), f"{v['q']:,.0f}") for v in values)
    columns = ("arm over arm", "updates a month", "questions a month")
    return Chart(to_svg(spec, "breakevenupdates", f"Break-even by updates a month. {says}"), says, columns, rows)


def crossing_words(arms: list[str], fixed: Mapping[str, float], per_1000: Mapping[str, float]) -> str:
    """Where the dearer to train becomes the cheaper to run, in a sentence."""
    said = []
    for a in arms:
        for b in arms:
            if fixed[a] > fixed[b] and per_1000[a] < per_1000[b]:
                at = (fixed[a] - fixed[b]) / (per_1000[b] - per_1000[a]) * 1000
                said.append(f"{a} is cheaper than {b} from {at:,.0f} questions a month")
    return "; ".join(said) + "." if said else "No arm overtakes another: the order is the same at every volume."
