"""Samples to judge: one answer with all that a metric may read of it; and the judgement that comes back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JudgeSample:
    """One answer as a judge is shown it."""

    case: str  # id
    question: str
    answer: str  # without citation marks
    passages: tuple[str, ...]  # that were in the prompt, in its order, each with its title
    reference: str | None  # an accepted answer
    evidence: tuple[str, ...]  # texts of the case's evidence
    points: tuple[str, ...] = ()  # that an answer should mention


class NothingToJudgeError(Exception):
    """The judge found nothing in the answer, or in the reference, that it could judge."""


# One metric on one answer. It raises what the library raises where the judge's reply cannot be read, and
# NothingToJudgeError where the library would make a number of nothing.
Evaluate = Callable[[JudgeSample], Awaitable[float]]
