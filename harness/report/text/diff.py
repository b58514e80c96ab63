"""The changes between two runs as lines: settings first, for they are the cause; then answers; then metrics."""

from __future__ import annotations

from harness.history.diff import Changes
from harness.history.figures import Moved
from harness.report.matrix import is_real
from harness.stats.numbers import interval, number, show_count
from harness.types import Difference, Estimate

UNMOVED = "  none moved by more than chance may bring"


def diff_text(changes: Changes) -> str:
    """The text that `harness diff` prints."""
    lines = [f"{show_count(changes.shared_cases, 'test case')} in both runs", "", "settings that changed:"]
    lines += [f"  {name}: {was} -> {now}" for name, (was, now) in changes.settings.items()] or ["  none"]
    lines += [f"  not known: {changes.unknown}"] if changes.unknown else []
    lines += ["", "answers that flipped:"]
    for arm, flips in changes.flips.items():
        counts = f"{len(flips.gained)} gained, {len(flips.lost)} lost, {len(flips.reworded)} only reworded"
        lines += [f"  {arm}: {counts}", *_flip_lines("gained", flips.gained), *_flip_lines("lost", flips.lost)]
    moves = [difference for difference in changes.differences if is_real(difference)]
    lines += ["", "metrics, newer minus older:", *(map(_difference, moves) if moves else [UNMOVED])]
    figures = [_figure(figure) for figure in changes.figures]
    lines += ["", "figures of the whole run, older -> newer:", *(figures or ["  none moved"])]
    return "\n".join(lines)


def _flip_lines(direction: str, cases: tuple[str, ...]) -> list[str]:
    return [f"    {direction}: {', '.join(cases)}"] if cases else []


def _difference(difference: Difference) -> str:
    estimate = difference.estimate
    p = "" if difference.p_holm is None else f", p = {difference.p_holm:.2f} after Holm"
    texts = f"{number(estimate.mean, estimate.unit)} ({interval(estimate)}{p})"
    return f"  {difference.arm} {difference.metric}: {texts}"


def _figure(move: Moved) -> str:
    arm = f"{move.arm} " if move.arm else ""
    apart = " (the intervals are apart)" if move.apart else ""
    return f"  {arm}{move.title}: {_value(move.before)} -> {_value(move.after)}{apart}"


def _value(estimate: Estimate | None) -> str:
    return "not measured" if estimate is None else number(estimate.mean, estimate.unit)
