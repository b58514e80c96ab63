"""Shipping it: what it costs, what it looks like, what is still to be done, and how to let it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.record.measurements import CostSection
from harness.record.sections import Figures
from harness.report.charts.break_even import break_even, break_even_updates, priced
from harness.report.charts.chart import Chart
from harness.report.page.pattern import Diagram, patterns, shipped
from harness.report.page.readiness import Canary, Point, canary, checklists
from harness.report.page.view import RunView
from harness.stats.numbers import show, show_estimate, show_seconds


@dataclass(frozen=True, slots=True)
class CostRow:
    """Tokens and price of one arm."""

    arm: str
    input_tokens: str
    output_tokens: str
    per_1000: str
    split: str  # of retrieval and of generation
    training: str


@dataclass(frozen=True, slots=True)
class ShippingPart:
    costs: tuple[CostRow, ...]
    priced: bool  # the scenario sets prices
    trained: bool  # an arm was trained in this run
    break_even: Chart | None
    break_even_updates: Chart | None
    shipped: Diagram | None
    patterns: tuple[Diagram, ...]
    checklists: Mapping[str, tuple[Point, ...]]
    canary: Canary | None


def shipping(run: RunView) -> ShippingPart:
    record = run.record
    return ShippingPart(
        costs=cost_rows(record),
        priced=bool(priced(record)),
        trained=bool(record.tuning),
        break_even=break_even(record),
        break_even_updates=break_even_updates(record),
        shipped=shipped(record),
        patterns=patterns(record),
        checklists=checklists(record),
        canary=canary(record),
    )


def cost_rows(figures: Figures) -> tuple[CostRow, ...]:
    """One row an arm that has token counts."""
    costs = ((arm, figures.cost.get(arm)) for arm in figures.arm_names)
    return tuple(_cost_row(figures, arm, cost) for arm, cost in costs if cost is not None)


def _cost_row(figures: Figures, arm: str, cost: CostSection) -> CostRow:
    training = figures.tuning.get(arm)
    return CostRow(
        arm,
        show_estimate(cost.input_tokens),
        show_estimate(cost.output_tokens),
        show(cost.per_1000, "currency") if cost.per_1000 else "no price",
        _split(cost),
        show_seconds(training.seconds) if training else "none",
    )


def _split(cost: CostSection) -> str:
    """Retrieval + generation of 1,000 questions (C_r + C_g), where there are prices."""
    if not cost.per_1000:
        return ""
    parts = (cost.retrieval_per_1000, cost.generation_per_1000 or cost.per_1000)
    return " + ".join(show(part, "currency") for part in parts)
