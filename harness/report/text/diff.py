"""The changes between two runs as lines: settings first, for they are the cause; then answers; then metrics."""

from __future__ import annotations

from harness.history.diff import Changes
from harness.history.figures import Moved
from harness.record.sections import Figures
from harness.report.matrix import is_real
from harness.stats.numbers import number, show_count, show_estimate, show_p
from harness.types import Difference, Estimate

UNMOVED = "  none moved by more than chance may bring"


def diff_text(changes: Changes, newer: Figures) -> str:
    """The text that `harness diff` prints; metrics have the titles of the newer run."""
    lines = [f"{show_count(changes.shared_cases, 'test case')} in both runs", "", "settings that changed:"]
    lines += [f"  {name}: {was} -> {now}" for name, (was, now) in changes.settings.items()] or ["  none"]
    lines += [f"  not known: {changes.unknown}"] if changes.unknown else []
    lines += ["", "answers that flipped:"]
    for arm, flips in changes.flips.items():
        counts = f"{len(flips.gained)} gained, {len(flips.lost)} lost, {len(flips.reworded)} only reworded"
        lines += [f"  {arm}: {counts}", *_flip_lines("gained", flips.gained), *_flip_lines("lost", flips.lost)]
    moves = [difference for difference in changes.differences if is_real(difference)]
    lines += ["", "metrics, newer minus older:", *([_difference(move, newer) for move in moves] or [UNMOVED])]
    figures = [_figure(figure) for figure in changes.figures]
    lines += ["", "figures of the whole run, older -> newer:", *(figures or ["  none moved"])]
    return "\n".join(lines)


def _flip_lines(direction: str, cases: tuple[str, ...]) -> list[str]:
    return [f"    {direction}: {', '.join(cases)}"] if cases else []


def _difference(difference: Difference, newer: Figures) -> str:
    row = newer.metric_row(difference.metric)
    title = difference.metric if row is None else row.title
    p = "" if difference.p_holm is None else f", {show_p(difference.p_holm)} after Holm"
    return f"  {difference.arm}, {title}: {show_estimate(difference.estimate, signed=True)}{p}"


def _figure(move: Moved) -> str:
    arm = f"{move.arm} " if move.arm else ""
    apart = " (the intervals are apart)" if move.apart else ""
    return f"  {arm}{move.title}: {_value(move.before)} -> {_value(move.after)}{apart}"


def _value(estimate: Estimate | None) -> str:
    return "not measured" if estimate is None else number(estimate.mean, estimate.unit)
