"""What people's ratings say, as lines: agreement, errors of judges and detectors by arm, figures raw and corrected."""

from __future__ import annotations

from collections.abc import Iterator

from harness.record.calibration import CalibrationSection
from harness.record.sections import Figures
from harness.stats.calibrated import FEWEST_RATINGS
from harness.stats.numbers import show_count, show_estimate
from harness.types import Estimate


def calibration_lines(section: CalibrationSection, figures: Figures) -> list[str]:
    """The text that `harness judge read` prints."""
    raters = ", ".join(f"{who} ({count})" for who, count in section.raters.items())
    lines = [f"raters: {raters or 'none'}; {show_count(section.ratings, 'rating')} of this run's answers"]
    if section.elsewhere:
        lines.append(f"{section.elsewhere} ratings are of answers that this run does not have, and say nothing here")
    lines += ["", "agreement", *_agreement(section)]
    lines += ["", "judged beside people, by arm", *_accuracy(section)]
    lines += ["", "raw and corrected", *corrected_lines(section, figures)]
    if section.doubted:
        lines += ["", "golden labels to look at", *(f"  {case}: {says}" for case, says in section.doubted.items())]
    return lines


def _agreement(section: CalibrationSection) -> Iterator[str]:
    for row in section.agreement:
        measure = "Cohen's kappa" if row.coefficient.method.startswith("kappa") else "Krippendorff's alpha"
        yield f"  {row.question}: {measure} of {' and '.join(row.raters)} {coefficient(row.coefficient)}"
    if not section.agreement:
        yield "  one rater alone: nothing to compare"


def coefficient(estimate: Estimate) -> str:
    """`0.81 (0.70 to 0.90, n = 120)`; says why where there is none."""
    if estimate.mean is None:
        return f"unknown (n = {estimate.n}; {estimate.method.partition(': ')[2] or 'too few items'})"
    return show_estimate(estimate)


def _accuracy(section: CalibrationSection) -> Iterator[str]:
    for row in section.accuracy:
        sensitivity, specificity = show_estimate(row.sensitivity), show_estimate(row.specificity)
        yield f"  {row.arm}, {row.metric}: good called good {sensitivity}; bad called bad {specificity}"


def corrected_lines(section: CalibrationSection, figures: Figures) -> Iterator[str]:
    """A line a figure that is corrected."""
    for what, metric, raw, corrected in corrected_rows(section, figures):
        yield f"  {what}, {metric}: {raw} -> {corrected}"
    if not section.corrected:
        yield f"  nothing: an arm takes {FEWEST_RATINGS} ratings"


def corrected_rows(section: CalibrationSection, figures: Figures) -> Iterator[tuple[str, str, str, str]]:
    """(arm or pair of arms, metric, as judged, corrected) of every figure that is corrected."""
    for arm, by_metric in section.corrected.items():
        for metric, estimate in by_metric.items():
            yield arm, metric, show_estimate(figures.estimate(arm, metric)), show_estimate(estimate)
    raw_gains = {(d.metric, d.arm, d.against): d.estimate for d in figures.differences}
    for row in section.differences:
        raw = show_estimate(raw_gains.get((row.metric, row.arm, row.against)), signed=True)
        yield f"{row.arm} - {row.against}", row.metric, raw, show_estimate(row.estimate, signed=True)
