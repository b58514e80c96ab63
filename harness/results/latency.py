"""Latency rows -> the record's section: p50 and p95 of each part, by arm, and their ratios."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import harness.stats as stats
from harness.record.measurements import ArmLatency, LatencySection, Quantiles
from harness.stages.latency import CONTROL, Latency
from harness.types import Estimate

Rows = Sequence[Latency]


def latency_section(rows: Rows, reference: str | None, questions: int, repeats: int) -> LatencySection:
    """Every arm's latencies, with the ratio of its p95 over the reference arm's.

    Args:
        rows: one arm on one question each, the control's among them; none where latency was not measured.
        reference: the arm that the others are compared with, or None where it was not run.
        questions: asked of every arm.
        repeats: of each question.
    """
    by_arm: dict[str, list[Latency]] = {}
    for row in sorted(rows, key=lambda row: row.question):
        by_arm.setdefault(row.arm, []).append(row)
    again = f" {CONTROL}"
    control = next((arm for arm in by_arm if arm.endswith(again)), None)
    other = by_arm.get(reference) if reference else None
    return LatencySection(
        questions=questions,
        repeats=repeats,
        arms={arm: _arm(own, other) for arm, own in by_arm.items() if arm != control},
        control=None if control is None else _ratio(by_arm[control], by_arm.get(control.removesuffix(again))),
    )


def elsewhere(seconds: stats.Values, first_token: stats.Values) -> ArmLatency:
    """The latency of answers that came with timings: what they do not say is unmeasured, and counted."""
    unknown = stats.quantile([None] * len(seconds), 0.5)
    nothing = Quantiles(p50=unknown, p95=unknown)
    first, total = (_both(values) for values in (first_token, seconds))
    return ArmLatency(nothing, nothing, first, total, ratio=None, elsewhere=True)


def _both(seconds: stats.Values) -> Quantiles:
    values = [None if value is None else 1000 * value for value in seconds]
    return Quantiles(p50=stats.quantile(values, 0.5), p95=stats.quantile(values, 0.95))


def _arm(rows: Rows, reference: Rows | None) -> ArmLatency:
    return ArmLatency(
        retrieval=_quantiles(rows, lambda row: row.retrieval),
        generation=_quantiles(rows, lambda row: row.generation),
        first_token=_quantiles(rows, lambda row: row.first_token),
        total=_quantiles(rows, lambda row: row.total),
        ratio=_ratio(rows, reference),
        by_question=tuple(1000 * row.total for row in rows),
        retrieval_by_question=tuple(1000 * row.retrieval for row in rows),
    )


def _quantiles(rows: Rows, part: Callable[[Latency], float | None]) -> Quantiles:
    return _both([part(row) for row in rows])


def _ratio(rows: Rows, reference: Rows | None) -> Estimate | None:
    if not reference:
        return None
    return stats.ratio_of_quantiles([row.total for row in rows], [row.total for row in reference])
