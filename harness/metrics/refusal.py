"""Refusals: right where nothing in the corpus answers the question, needless where something does."""

from __future__ import annotations

from harness.metrics.reading import Reading
from harness.types import Unscored

_ANSWERABLE = Unscored("the case can be answered", applicable=False)
_UNANSWERABLE = Unscored("the case cannot be answered", applicable=False)


def refusal_right(reading: Reading) -> float | Unscored:
    """1 if an unanswerable question was refused. Not applicable to the others."""
    return float(reading.answer.refused) if reading.case.kind == "unanswerable" else _ANSWERABLE


def refusal_missed(reading: Reading) -> float | Unscored:
    """1 if an unanswerable question was answered all the same. Not applicable to the others."""
    return float(not reading.answer.refused) if reading.case.kind == "unanswerable" else _ANSWERABLE


def refusal_needless(reading: Reading) -> float | Unscored:
    """1 if a question that the corpus answers was refused, whatever the arm was shown. Not applicable to the others."""
    return _UNANSWERABLE if reading.case.kind == "unanswerable" else float(reading.answer.refused)
