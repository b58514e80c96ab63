"""Refusals: right where nothing in the corpus answers the question, needless where something does."""

from __future__ import annotations

from harness.types import Answer, Case, Unscored

_ANSWERABLE = Unscored("the case can be answered", applicable=False)
_UNANSWERABLE = Unscored("the case cannot be answered", applicable=False)


def refusal_right(case: Case, answer: Answer) -> float | Unscored:
    """1 if an unanswerable question was refused. Not applicable to the others."""
    return float(answer.refused) if case.kind == "unanswerable" else _ANSWERABLE


def refusal_missed(case: Case, answer: Answer) -> float | Unscored:
    """1 if an unanswerable question was answered all the same. Not applicable to the others."""
    return float(not answer.refused) if case.kind == "unanswerable" else _ANSWERABLE


def refusal_needless(case: Case, answer: Answer) -> float | Unscored:
    """1 if a question that the corpus answers was refused, whatever the arm was shown. Not applicable to the others."""
    return _UNANSWERABLE if case.kind == "unanswerable" else float(answer.refused)
