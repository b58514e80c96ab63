"""Quality, latency, cost: the arms as points, and where the time goes."""

from __future__ import annotations

from dataclasses import dataclass

from harness.record.measurements import CostSection
from harness.record.sections import Figures
from harness.report.charts.chart import Chart
from harness.report.charts.latency import latency_split
from harness.report.charts.quality import quality_against
from harness.report.page.view import RunView, unanswered
from harness.types import Estimate


@dataclass(frozen=True, slots=True)
class TradeoffPart:
    quality_latency: Chart | None
    quality_cost: Chart | None
    latency: Chart | None
    control: Estimate | None  # the same arm twice
    unanswered: tuple[str, ...] = ()  # questions left out of the latency


def tradeoff(run: RunView) -> TradeoffPart:
    record = run.record
    p95 = {arm: latency.total.p95 for arm, latency in record.latency.arms.items()}
    costs, axis = question_cost(record)
    return TradeoffPart(
        quality_latency=quality_against(record, p95, "p95 latency, ms", "quality-latency"),
        quality_cost=quality_against(record, costs, axis, "quality-cost"),
        latency=latency_split(record),
        control=record.latency.control,
        unanswered=unanswered(record, "latency"),
    )


def why_no_tradeoff(run: RunView) -> str:
    """Why there is nothing to show."""
    record = run.record
    if record.latency.arms or unanswered(record, "latency") or (len(record.arms) > 1 and record.cost):
        return ""
    return "latency was not timed" + ("" if len(record.arms) > 1 else ", and there is one arm alone")


def question_cost(figures: Figures) -> tuple[dict[str, Estimate], str]:
    """(Estimate an arm, axis title): price of 1,000 questions, or tokens a question where there are no prices."""
    prices = {arm: cost.per_1000 for arm, cost in figures.cost.items() if cost.per_1000}
    if prices:
        estimates = {arm: Estimate(price, None, None, 0, unit="currency") for arm, price in prices.items()}
        return estimates, "price of 1,000 questions, price units"
    tokens = {arm: total for arm, cost in figures.cost.items() if (total := _tokens(cost)) is not None}
    return tokens, "tokens a question, read and written"


def _tokens(cost: CostSection) -> Estimate | None:
    """Input and output tokens together; the interval ends are added, which is the wider choice."""
    parts = [part for part in (cost.input_tokens, cost.output_tokens) if part is not None and part.mean is not None]
    if len(parts) < 2:
        return None
    means = [part.mean or 0.0 for part in parts]
    lows = [mean if part.low is None else part.low for part, mean in zip(parts, means, strict=True)]
    highs = [mean if part.high is None else part.high for part, mean in zip(parts, means, strict=True)]
    first = parts[0]
    return Estimate(sum(means), sum(lows), sum(highs), first.n, first.unscored, "tokens", "sum")
