"""People's ratings: agreement, errors of judges and detectors by arm, and judged figures raw and corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.record.sections import Figures
from harness.report.page.view import RunView
from harness.report.text.calibration import coefficient, corrected_rows
from harness.stats.numbers import show_estimate

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RatingsPart:
    uncalibrated: tuple[str, ...]  # titles of metrics that rest on what errs, and that no ratings correct
    by_rules: bool  # claims among them are read by the rules
    raters: Mapping[str, int]
    ratings: int
    elsewhere: int
    agreement: tuple[Row, ...]
    accuracy: tuple[Row, ...]
    corrected: tuple[Row, ...]
    doubted: Mapping[str, str]


def ratings(run: RunView) -> RatingsPart:
    record, section = run.record, run.record.calibration
    raw = _uncalibrated(record)
    by_rules = record.models.grounding == "rules" and "groundedness" in raw
    if section is None:
        return RatingsPart(tuple(raw.values()), by_rules, {}, 0, 0, (), (), (), {})
    return RatingsPart(
        uncalibrated=tuple(raw.values()),
        by_rules=by_rules,
        raters=section.raters,
        ratings=section.ratings,
        elsewhere=section.elsewhere,
        agreement=tuple(
            (row.question, " and ".join(row.raters), coefficient(row.coefficient)) for row in section.agreement
        ),
        accuracy=tuple(
            (row.arm, record.title(row.metric), show_estimate(row.sensitivity), show_estimate(row.specificity))
            for row in section.accuracy
        ),
        corrected=tuple(
            (what, record.title(metric), raw, corrected)
            for what, metric, raw, corrected in corrected_rows(section, record)
        ),
        doubted=section.doubted,
    )


def why_no_ratings(run: RunView) -> str:
    """Why there is nothing to show."""
    section, titles = run.record.calibration, tuple(_uncalibrated(run.record).values())
    if section is not None and (section.raters or section.doubted):
        return ""
    without = f", so nothing says how far off they are: {'; '.join(titles)}" if titles else ""
    return f"nobody rated answers of this run (harness judge sheet){without}"


def _uncalibrated(figures: Figures) -> dict[str, str]:
    """Name -> title of the metrics of this run that rest on a judge or a detector, and that no ratings correct."""
    names = {name for by_metric in figures.metrics.values() for name in by_metric}
    by_arm = figures.calibration.corrected.values() if figures.calibration else ()
    corrected = {name for metrics in by_arm for name in metrics}
    return {
        row.name: row.title
        for row in figures.metric_rows
        if row.name in names - corrected and any(figures.errs(row, arm) for arm in figures.arm_names)
    }
