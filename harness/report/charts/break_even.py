"""The break-even of tuning and retrieval: monthly cost over questions, and questions over updates a month.

Hybrid chapter, 7.6: cost of an answer = retrieval + tokens × price; training is spread over the months between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.record.sections import Record
from harness.report.charts.chart import NARROW, Chart
from harness.report.charts.vega import Row, Spec, arm_scales, to_svg
from harness.stats.numbers import show

VOLUMES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)  # questions a month
UPDATES = (1, 2, 4, 8, 15, 30)  # a month


def priced(record: Record) -> dict[str, float]:
    """Price of 1,000 questions of every arm that has one, in the record's order."""
    costs = ((arm, record.cost.get(arm)) for arm in record.arm_names)
    return {arm: cost.per_1000 for arm, cost in costs if cost and cost.per_1000}


def break_even(record: Record) -> Chart | None:
    """Monthly cost over monthly questions, training spread over the months between retrainings; None without prices."""
    prices = priced(record)
    if len(prices) < 2:
        return None
    fixed = {arm: update_price(record, arm) * _updates_per_month(record) for arm in prices}
    values: list[Row] = [
        {"arm": arm, "q": q, "cost": fixed[arm] + q / 1000 * price} for arm, price in prices.items() for q in VOLUMES
    ]
    colours, _ = arm_scales(record.arm_names, list(prices))
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
    says = crossing_words(list(prices), fixed, prices)
    rows = tuple((v["arm"], f"{v['q']:,}", show(v["cost"], "currency")) for v in values)
    svg = to_svg(spec, "breakeven", f"Monthly cost by arm. {says}")
    return Chart(svg, says, ("arm", "questions a month", "cost"), rows)


def _updates_per_month(record: Record) -> float:
    """As the questionnaire was answered; one where it is not said."""
    facts = record.advice.facts if record.advice else {}
    return facts.get("updates_per_month") or 1


def update_price(record: Record, arm: str) -> float:
    """Price units of bringing an arm up to date once: training again, and refreshing its index where that was timed."""
    adapter, fresh = record.tuning.get(arm), record.freshness.arms.get(arm) if record.freshness else None
    training = adapter.seconds if adapter else 0.0
    refreshing = (fresh.update_seconds if fresh else None) or 0.0
    return (training + refreshing) / 3600 * record.prices.gpu_hour


def break_even_updates(record: Record) -> Chart | None:
    """Questions a month from which the dearer to update is the cheaper arm, over updates a month; None without any."""
    prices = priced(record)
    once = {arm: update_price(record, arm) for arm in prices}
    pairs = [
        (a, b, 1000 * (once[a] - once[b]) / (prices[b] - prices[a]))
        for a in prices
        for b in prices
        if once[a] > once[b] and prices[a] < prices[b]
    ]
    if not pairs:
        return None
    values: list[Row] = [
        {"pair": f"{a} over {b}", "updates": n, "q": n * each} for a, b, each in pairs for n in UPDATES
    ]
    says = "; ".join(f"{a} is cheaper than {b} above {each:,.0f} questions an update" for a, b, each in pairs) + "."
    rows = tuple((v["pair"], str(v["updates"]), f"{v['q']:,.0f}") for v in values)
    columns = ("arm over arm", "updates a month", "questions a month")
    svg = to_svg(_updates_spec(values), "breakevenupdates", f"Break-even by updates a month. {says}")
    return Chart(svg, says, columns, rows)


def _updates_spec(values: Sequence[Row]) -> Spec:
    return {
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


def crossing_words(arms: Sequence[str], fixed: Mapping[str, float], per_1000: Mapping[str, float]) -> str:
    """The crossing where the dearer to train becomes the cheaper to run, in a sentence."""
    crossings = []
    for a in arms:
        for b in arms:
            if fixed[a] > fixed[b] and per_1000[a] < per_1000[b]:
                at = (fixed[a] - fixed[b]) / (per_1000[b] - per_1000[a]) * 1000
                crossings.append(f"{a} is cheaper than {b} from {at:,.0f} questions a month")
    if not crossings:
        return "No arm overtakes another: the order is the same at every volume."
    return "; ".join(crossings) + "."
