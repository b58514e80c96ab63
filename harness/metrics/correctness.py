"""Correctness and completeness: whether an answer says the accepted thing, and how much of what it should."""

from __future__ import annotations

from harness.metrics.acceptance import mentions
from harness.metrics.judged import judged_right
from harness.metrics.reading import Reading
from harness.metrics.reference import by_reference
from harness.references import is_reference
from harness.types import Unscored


def correct(reading: Reading) -> float | Unscored:
    """1 if an accepted answer stands in the text, else 0. Where only a sentence is accepted that words cannot decide,
    the judge does by its answer correctness; without one it is unscored. Not applicable to unanswerable cases."""
    if reading.case.kind == "unanswerable":
        return Unscored("the case has no accepted answer; refusals are judged instead", applicable=False)
    if reading.by_style:
        return Unscored("a tone case is scored by the house style", applicable=False)
    if not reading.case.accept:
        return Unscored("the case carries no accepted answer")
    if reading.answer.refused:
        return 0.0
    if reading.accepted or not is_reference(reading.case.accept):
        return float(reading.accepted)
    value = by_reference(reading.text, reading.words, reading.case)
    right = judged_right(reading) if isinstance(value, Unscored) else None
    return value if right is None else right


def complete(reading: Reading) -> float | Unscored:
    """Share of the case's key points that the answer mentions, in its text or in another field of its object."""
    points = reading.case.key_points
    if not points:
        return Unscored("the case names no key points", applicable=False)
    if reading.answer.refused:
        return 0.0
    return sum(mentions(reading.words, point) for point in points) / len(points)
