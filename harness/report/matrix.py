"""Arms × metrics: each figure with its interval and its paired delta, and the best arm only where it really is best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from harness.record.sections import Figures, MetricSection
from harness.stats.numbers import SplitNumber, figure, show_interval, show_n, show_p
from harness.types import Difference, Estimate

ALPHA = 0.05
WITHOUT_FORM = "task_success_without_form"  # says what task success says where no form is demanded
UNCALIBRATED = "uncalibrated"

Pairs = Mapping[tuple[str, str, str], Difference]  # (metric, arm, against) ->


@dataclass(frozen=True, slots=True)
class Cell:
    """One arm on one metric."""

    arm: str
    value: SplitNumber | None
    interval: str = ""
    n: str = ""
    delta: str = ""  # paired difference to the reference arm
    delta_detail: str = ""
    real: Literal["better", "worse", ""] = ""  # whether that difference is real after Holm
    best: bool = False
    people: str = ""  # of a figure that rests on what errs: what people would find, or that nobody has looked


@dataclass(frozen=True, slots=True)
class Line:
    row: MetricSection
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """The metrics of one group."""

    title: str
    lines: tuple[Line, ...]


def matrix(figures: Figures) -> tuple[Block, ...]:
    """Every metric of which an arm has a figure, by group, in the order of `metric_rows`."""
    pairs = pair_table(figures.differences)
    groups: dict[str, list[Line]] = {}
    for row in figures.metric_rows:
        if _has_figures(figures, row.name) and (figures.forms or row.name != WITHOUT_FORM):
            groups.setdefault(row.group, []).append(_line(row, figures, pairs))
    return tuple(Block(title, tuple(lines)) for title, lines in groups.items())


def without_figures(figures: Figures) -> tuple[str, ...]:
    """Titles of the metrics that were asked for and of which no arm has a figure."""
    names = {name for arm in figures.arm_names for name in figures.metrics.get(arm, {})}
    return tuple(row.title for row in figures.metric_rows if row.name in names and not _has_figures(figures, row.name))


def _has_figures(figures: Figures, metric: str) -> bool:
    """Whether the metric says anything about an arm."""
    estimates = (figures.estimate(arm, metric) for arm in figures.arm_names)
    return any(estimate is not None and estimate.mean is not None for estimate in estimates)


def pair_table(differences: Sequence[Difference]) -> dict[tuple[str, str, str], Difference]:
    """(metric, arm, against) -> Difference."""
    return {(d.metric, d.arm, d.against): d for d in differences}


def is_real(difference: Difference) -> bool:
    """Whether a paired difference stands after Holm, or by its interval where it was not tested."""
    if difference.p_holm is not None:
        return difference.p_holm < ALPHA
    low, high = difference.estimate.low, difference.estimate.high
    return low is not None and high is not None and (low > 0 or high < 0)


def _line(row: MetricSection, figures: Figures, pairs: Pairs) -> Line:
    if row.unit == "tokens":  # fewer are cheaper, which is a cost; no answer is best for being short
        row = replace(row, better=None)
    values = {arm: e for arm in figures.arm_names if (e := figures.estimate(arm, row.name)) is not None}
    best = best_arm(row, {arm: e for arm, e in values.items() if not _is_ceiling(figures, arm)}, pairs)
    against = figures.reference
    cells = (
        _cell(row, arm, values.get(arm), pairs.get((row.name, arm, against)) if against else None, arm == best)
        for arm in figures.arm_names
    )
    return Line(
        row,
        tuple(
            cell if cell.value is None else replace(cell, people=people_say(figures, cell.arm, row)) for cell in cells
        ),
    )


def _is_ceiling(figures: Figures, arm: str) -> bool:
    """Whether the arm is given the right passages: it is best at what it was given, and never shipped."""
    section = figures.arm(arm)
    return section is not None and section.oracle


def people_say(figures: Figures, arm: str, row: MetricSection) -> str:
    """Beside a figure that rests on a judge or detector: the corrected one, or `uncalibrated`; empty for others."""
    corrected = figures.calibration.corrected.get(arm, {}).get(row.name) if figures.calibration else None
    if corrected is not None and corrected.mean is not None:
        return f"people: {figure(corrected.mean, corrected.unit)} ({show_interval(corrected)})"
    return UNCALIBRATED if figures.errs(row, arm) else ""


def best_arm(row: MetricSection, values: Mapping[str, Estimate], pairs: Pairs) -> str | None:
    """The arm that beats every other one for real, or None.

    A pair that was compared counts by its paired test; one that was not counts only if the intervals are apart.
    """
    means = {arm: e.mean for arm, e in values.items() if e.mean is not None}
    if len(means) < 2 or row.better is None:
        return None
    pick = max if row.better == "higher" else min
    top = pick(means, key=lambda arm: means[arm])
    beaten = (_beats(row.name, top, other, values, pairs) for other in means if other != top)
    return top if all(beaten) else None


def _beats(metric: str, top: str, other: str, values: Mapping[str, Estimate], pairs: Pairs) -> bool:
    a, b = values[top], values[other]
    if a.mean == b.mean:
        return False
    compared = pairs.get((metric, top, other)) or pairs.get((metric, other, top))
    if compared is not None:
        return is_real(compared)
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return False
    return a.low > b.high or a.high < b.low


def _cell(row: MetricSection, arm: str, estimate: Estimate | None, gap: Difference | None, best: bool) -> Cell:
    if estimate is None or estimate.mean is None:
        return Cell(arm, None)
    delta, detail, real = _delta(row, gap)
    value = figure(estimate.mean, estimate.unit)
    return Cell(arm, value, show_interval(estimate), show_n(estimate), delta, detail, real, best)


def _delta(row: MetricSection, gap: Difference | None) -> tuple[str, str, Literal["better", "worse", ""]]:
    if gap is None or gap.estimate.mean is None:
        return "", "", ""
    estimate, mean = gap.estimate, gap.estimate.mean
    text = str(figure(mean, estimate.unit, signed=True))
    detail = f"{show_interval(estimate, signed=True)}, {show_p(gap.p_holm)} after Holm, {show_n(estimate)}"
    if not is_real(gap) or row.better is None:
        return text, detail, ""
    return text, detail, "better" if (mean > 0) == (row.better == "higher") else "worse"
