"""Conflicts in the advice, by name: answers against each other, facts against answers, the guide against itself.

Nothing here changes a recommendation. A conflict says what disagrees with what and where that reading comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from harness.advice.fact_checks import CHECKLIST, FactReading, read_facts
from harness.advice.facts import Facts
from harness.advice.questions import AnswerValue, answer_of
from harness.advice.recommendations import RECOMMENDATIONS
from harness.advice.rules import Decision
from harness.advice.walk import literal_walk, tiers, walk_outcome

ARROWS_AND_TIERS = "decision guide, checklist arrows and Recommendation tiers"
RULES = "docs/advice.md, The rules"
HYBRID = "hybrid chapter, 7.1 When to combine (and when not to)"


@dataclass(frozen=True, slots=True)
class Conflict:
    """One named disagreement."""

    name: str
    kind: Literal["answers", "facts", "guide"]
    questions: tuple[int, ...]
    text: str
    source: str
    decides: bool = False  # whether the recommendation is another one, once the question is answered otherwise


def by_weight(conflicts: Iterable[Conflict], flips: Iterable[int]) -> tuple[Conflict, ...]:
    """The conflicts that decide something first, then the others; those of the guide with itself last.

    Args:
        flips: the questions whose answer, changed alone, changes the recommendation.
    """
    turning = set(flips)
    weighed = [replace(row, decides=row.kind != "guide" and bool(turning & set(row.questions))) for row in conflicts]
    return tuple(sorted(weighed, key=lambda row: (not row.decides, row.kind == "guide")))


def find_conflicts(answers: Mapping[int, AnswerValue], facts: Facts, decision: Decision) -> tuple[Conflict, ...]:
    """Every conflict of nine answers, their facts and the decision, in a fixed order: answers, facts, guide."""
    return (
        *_answer_conflicts(answers, decision),
        *_wish_conflicts(facts, decision),
        *(_fact_conflict(r) for r in read_facts(answers, facts)),
        *_guide_conflicts(answers, decision),
    )


def _answer_conflicts(answers: Mapping[int, AnswerValue], decision: Decision) -> Iterator[Conflict]:
    if answer_of(answers, 5) is AnswerValue.NO and decision.recommendation != "fine_tune":
        yield Conflict("retrieval_despite_latency", "answers", (5,), _latency_text(decision), RULES)
    eight, has_both = answer_of(answers, 8), decision.documents and decision.behaviour
    if eight is AnswerValue.YES and not has_both:
        yield Conflict("style_and_facts_unsupported", "answers", (8,), _unsupported_text(decision), RULES)
    if eight is AnswerValue.NO and has_both:
        text = (
            "Question 8 says facts and style are not needed together, yet 1 or 2 demands facts from documents "
            "and 3 or 7 a change of behaviour. Is one of them weaker than it looks?"
        )
        yield Conflict("style_and_facts_denied", "answers", (8,), text, RULES)


def _wish_conflicts(facts: Facts, decision: Decision) -> Iterator[Conflict]:
    """Tuning is wanted for behaviour that is not settled yet."""
    if facts.requirements_change and decision.wanted != "rag":
        text = (
            "Tuning is wanted, and what answers should be like still changes: what is trained today is not wanted "
            "tomorrow. Keep the wishes in prompts until they stand still, then tune."
        )
        yield Conflict("tuning_before_wishes_settle", "facts", (), text, HYBRID)


def _latency_text(decision: Decision) -> str:
    if decision.wanted == "fine_tune":
        return (
            "Question 5 says retrieval is too slow, so RAG cannot bridge the time until tuning is possible: "
            "the first step is prompting, in spite of the name RAG first."
        )
    return (
        "Retrieval is recommended although question 5 says its delay is not acceptable: "
        "plan a cache or a context computed in advance, or loosen the time limit."
    )


def _unsupported_text(decision: Decision) -> str:
    lacking = [] if decision.documents else ["current facts (1 and 2 are not yes)"]
    lacking += [] if decision.behaviour else ["a change of style (3 and 7 are not yes)"]
    return (
        f"Question 8 says both are needed, but no other answer asks for {' or '.join(lacking)}: check which is right."
    )


def _fact_conflict(reading: FactReading) -> Conflict:
    return Conflict(f"fact_{reading.fact}", "facts", (reading.question,), reading.text, reading.source)


def _guide_conflicts(answers: Mapping[int, AnswerValue], decision: Decision) -> Iterator[Conflict]:
    walk = literal_walk(answers)
    outcome = walk_outcome(walk)
    if answer_of(answers, 5) is AnswerValue.NO:
        text = "The guide answers a no to question 5 twice: its arrow says fine-tuning, its list of tiers says RAG."
        yield Conflict("guide_question_5", "guide", (5,), text, ARROWS_AND_TIERS)
    if walk[-1].question == 9 and outcome == "rag":
        text = (
            "The guide answers this path twice: its last arrow says RAG, its list of tiers gives both to whoever "
            "reaches question 8 with no hard stop."
        )
        yield Conflict("guide_question_9", "guide", (9,), text, ARROWS_AND_TIERS)
    standing = [key for key, tier in tiers(answers).items() if tier.applies and key != "rag_first"]
    if len(standing) > 1:
        names = ", ".join(RECOMMENDATIONS[key].name for key in standing)
        text = f"Several of the guide's tiers stand at once: {names}."
        yield Conflict("tiers_disagree", "guide", (), text, "decision guide, Recommendation tiers")
    if outcome != decision.wanted:
        at = walk[-1].question
        text = (
            f"Followed arrow by arrow the guide stops at question {at} with {RECOMMENDATIONS[outcome].name}; "
            f"all nine answers together ask for {RECOMMENDATIONS[decision.wanted].name}."
        )
        yield Conflict("walk_differs", "guide", (at,), text, CHECKLIST)
