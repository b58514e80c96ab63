"""The guide read literally: its arrows in order, and its list of tiers. Both are kept even where they disagree.

Source: the decision guide, "Nine-Question Decision Checklist" (arrows) and "Recommendation tiers" (tiers).
An unsure answer is read in its fixed way (docs/advice.md) and marked as assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.advice.questions import QUESTIONS, AnswerValue, answer_of, read_unsure
from harness.advice.recommendations import Outcome, Recommendation


@dataclass(frozen=True, slots=True)
class WalkStep:
    """One question passed on the walk. `outcome` is set on the last step only: the first decisive arrow."""

    question: int
    topic: str
    answer: AnswerValue  # as given
    taken_as: AnswerValue  # yes or no: the arrow that was followed
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier of the guide's list: the questions that trigger it, those that forbid it, and whether it stands."""

    name: str
    triggered_by: tuple[int, ...]
    blocked_by: tuple[int, ...]
    applies: bool
    note: str  # why it applies without a trigger, or what else to know; may be empty


def literal_walk(answers: Mapping[int, AnswerValue]) -> tuple[WalkStep, ...]:
    """Follow the guide's arrows from question 1 to the first decisive one; question 9 always decides."""
    read = read_unsure(answers)
    steps: list[WalkStep] = []
    for q in QUESTIONS:
        answer = read[q.number]
        outcome = q.yes_arrow if answer is AnswerValue.YES else q.no_arrow
        steps.append(WalkStep(q.number, q.topic, answer_of(answers, q.number), answer, outcome))
        if outcome is not None:
            break
    return tuple(steps)


def walk_outcome(steps: tuple[WalkStep, ...]) -> Outcome:
    """The end of the walk. Raises ValueError for a walk without a decisive arrow (`literal_walk` makes none)."""
    last = steps[-1].outcome if steps else None
    if last is None:
        raise ValueError("walk has no decisive arrow")
    return last


def tiers(answers: Mapping[int, AnswerValue]) -> dict[Recommendation, Tier]:
    """The guide's four tiers with the questions that triggered each; several may apply at once."""
    read = read_unsure(answers)
    yes = {n for n, a in read.items() if a is AnswerValue.YES}
    rag = tuple(n for n in (1, 2) if n in yes) + tuple(n for n in (4, 5, 6) if n not in yes)
    behaviour = tuple(n for n in (3, 7) if n in yes)
    blockers = tuple(n for n in (1, 2) if n in yes)
    both = tuple(n for n in (8, 9) if n in yes)
    reached = literal_walk(answers)[-1].question >= 8
    unsure = tuple(q.number for q in QUESTIONS if answer_of(answers, q.number) is AnswerValue.UNSURE)
    return {
        "rag": Tier("RAG only", rag, (), bool(rag), ""),
        "fine_tune": Tier("Fine-tuning only", behaviour, blockers, bool(behaviour) and not blockers, ""),
        "both": Tier(
            "Both", both, (), bool(both) or reached, "question 8 reached with no hard stop" if reached else ""
        ),
        "rag_first": Tier("Start with RAG, tune later", unsure, (), bool(unsure), "the guide: when in doubt"),
    }
