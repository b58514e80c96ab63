"""Short makers of cases and answers, and the value that a row of the table gives them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.metrics.reading import Reading
from harness.metrics.table import METRICS
from harness.types import Answer, Case, Evidence, Form, Hit, Passage, Unscored

PLANS = Passage("plans.md#1", "plans.md", "Reed plan", "The Reed plan costs 19 euros. The trial lasts 14 days.")
HUBS = Passage("hubs.md#1", "hubs.md", "Hubs", "All hubs are closed on Mondays. The head of the hubs is Ada Keller.")

_CASE = Case("c1", "How long is the trial?", ("14 days",), evidence=(Evidence("plans.md", "The trial lasts 14 days."),))
_FORM = Form(demanded=True, first_try=True, valid=True, repaired=False)


def case(**changes: Any) -> Case:
    """A case that the Reed plan answers."""
    return replace(_CASE, **changes)


def answer(text: str, *passages: Passage, **changes: Any) -> Answer:
    """An answer of good form to which these passages were shown."""
    hits = tuple(Hit(passage, 1.0) for passage in passages)
    return replace(Answer(text, text, None, _FORM, refused=False, cited=(), hits=hits), **changes)


UNANSWERABLE = case(kind="unanswerable", accept=(), evidence=(), source="plans.md")


def outcome(name: str, of: Case, reply: Answer) -> float | Unscored:
    """What the metric of this name says of an answer."""
    return METRICS[name].read(Reading(of, reply))


def score(name: str, of: Case, reply: Answer) -> float | None:
    """Its value; None where there is none, for whatever reason."""
    value = outcome(name, of, reply)
    return None if isinstance(value, Unscored) else value
