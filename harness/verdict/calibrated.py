"""Judged figures as people's ratings correct them, for gates; or why nothing is corrected.

corrected_rate(sheet, "hybrid", "groundedness")    # Correction(estimate=..., ratings=60), or "12 of 20 ratings"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from harness.ratings.values import judged_column
from harness.record.calibration import RatedValue
from harness.record.sections import MetricSection
from harness.stats.calibrated import FEWEST_RATINGS, JudgedColumn, calibrated_difference, calibrated_rate
from harness.types import Estimate
from harness.verdict.score_sheet import Column, ScoreSheet


@dataclass(frozen=True, slots=True)
class Correction:
    """A figure as people would find it."""

    estimate: Estimate
    ratings: int  # of the arm that has fewer


def corrected_rate(sheet: ScoreSheet, arm: str, metric: str) -> Correction | str | None:
    """The corrected rate; in words why there is none, empty where nobody rated; None where nothing errs behind it."""
    row = _row(sheet, metric, (arm,))
    if row is None:
        return None
    column = _column(sheet, arm, row, sheet.column(arm, metric))
    if not column.enough:
        return _too_few((column,))
    return Correction(_with_unscored(calibrated_rate(column), sheet.column(arm, metric)), column.ratings)


def corrected_gain(sheet: ScoreSheet, arm: str, other: str, metric: str) -> Correction | str | None:
    """The same of a paired difference in points, over the cases that both arms have."""
    row = _row(sheet, metric, (arm, other))
    if row is None:
        return None
    mine, theirs = sheet.column(arm, metric), sheet.column(other, metric)
    both = [case for case in mine if mine[case] is not None and theirs.get(case) is not None]
    columns = [
        _column(sheet, name, row, {case: of[case] for case in both}) for name, of in ((arm, mine), (other, theirs))
    ]
    if not all(column.enough for column in columns):
        return _too_few(columns)
    estimate = replace(calibrated_difference(*columns), unscored=sum(case in theirs for case in mine) - len(both))
    return Correction(estimate, min(column.ratings for column in columns))


def corrected_gain_over(sheet: ScoreSheet, arm: str, metric: str, theirs: Column) -> Correction | str | None:
    """The same beside values that need no judge."""
    row = _row(sheet, metric, (arm,))
    if row is None:
        return None
    mine = sheet.column(arm, metric)
    exact = {case: value for case, value in theirs.items() if value is not None and mine.get(case) is not None}
    column = _column(sheet, arm, row, {case: mine[case] for case in exact})
    if not column.enough:
        return _too_few((column,))
    estimate = replace(calibrated_difference(column, list(exact.values())), unscored=len(mine) - len(exact))
    return Correction(estimate, column.ratings)


def with_unscored_at(estimate: Estimate, value: float) -> Estimate:
    """The estimate with each unscored case at this value."""
    n, more = estimate.n, estimate.unscored
    mean, low, high = (
        None if x is None else (n * x + more * value) / (n + more) for x in (estimate.mean, estimate.low, estimate.high)
    )
    return replace(estimate, mean=mean, low=low, high=high, n=n + more, unscored=0)


def _row(sheet: ScoreSheet, metric: str, arms: tuple[str, ...]) -> MetricSection | None:
    """The metric where something that errs stands behind its value for one of these arms."""
    row = sheet.figures.metric_row(metric)
    return row if row is not None and any(sheet.figures.errs(row, arm) for arm in arms) else None


def _column(sheet: ScoreSheet, arm: str, row: MetricSection, values: Column) -> JudgedColumn:
    calibration = sheet.figures.calibration
    rated: Mapping[str, RatedValue] = calibration.rated.get(arm, {}).get(row.people, {}) if calibration else {}
    return judged_column(values, rated, list(values), sheet.clusters)


def _too_few(columns: tuple[JudgedColumn, ...] | list[JudgedColumn]) -> str:
    ratings = min(column.ratings for column in columns)
    return f"{ratings} of {FEWEST_RATINGS} ratings that a correction takes" if ratings else ""


def _with_unscored(estimate: Estimate, column: Column) -> Estimate:
    return replace(estimate, unscored=sum(value is None for value in column.values()))
