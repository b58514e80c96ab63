"""Made-up runs as the report takes them, and single values of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from harness.prompts import render
from harness.record.sections import Record
from harness.report.page.render import render_html
from harness.types import Case, Difference, Estimate, Gate, GateStatus, Prompt, Score, Trace
from tests import make


@dataclass(frozen=True, slots=True)
class Reported:
    """One run with everything that a page is rendered from."""

    record: Record
    traces: tuple[Trace, ...]
    scores: tuple[Score, ...]
    cases: tuple[Case, ...]
    heads: dict[str, Prompt]

    def html(self, **changes: Any) -> str:
        """The page; `changes` replace sections of the record."""
        return render_html(replace(self.record, **changes), self.traces, self.scores, self.cases, self.heads)


def reported(cases: int = 130, **changes: Any) -> Reported:
    """Five arms with every outcome and hostile text; with drills and prices where it has 130 cases or more.

    Beyond 130 cases only the answers are more: the figures are those of the first 130, which a page takes as they are.
    """
    large = cases >= make.BUSY.world.n
    answered = make.BUSY if cases == make.BUSY.world.n else make.drawn(replace(make.BUSY.world, n=cases))
    judged = make.BUSY if large else answered
    record = make.record(make.busy() if large else make.figures(judged), judged, **changes)
    heads = {arm: render("", f"Answer as JSON. {make.SCRIPT}", ())[:-1] for arm in answered.arms}
    return Reported(record, make.traces(answered), make.scores(answered), answered.cases, heads)


def span(middle: float, low: float, high: float, unit: str = "fraction", n: int = 130) -> Estimate:
    """An estimate with this interval."""
    return Estimate(middle, low, high, n, 0, unit, "order statistics")


def gate(status: GateStatus, estimate: Estimate | None = None, threshold: float | None = None, **changes: Any) -> Gate:
    """A judged gate; at least `threshold` is wanted unless `changes` say otherwise."""
    unit = estimate.unit if estimate else "fraction"
    return replace(Gate("g", "G", status, estimate, threshold, ">=", unit, "r"), **changes)


def difference(metric: str, arm: str, against: str, estimate: Estimate, p: float | None) -> Difference:
    """A paired difference whose p value stands after Holm too."""
    return Difference(metric, arm, against, estimate, p, p)
