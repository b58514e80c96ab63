"""Answers and facts -> Advice: the recommendation, what it rests on, and what speaks against it.

    advise({1: AnswerValue.YES}).reason    # 'Build RAG, because the facts change often.'

The rules stand in harness.advice.rules, their reasons in docs/advice.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from harness.advice.conflicts import Conflict, by_weight, find_conflicts
from harness.advice.facts import Facts
from harness.advice.questions import QUESTIONS, AnswerValue, all_nine, read_unsure
from harness.advice.reasons import Premise, premises, reason_sentence
from harness.advice.recommendations import FirstStep, Outcome, Recommendation
from harness.advice.rules import apply_rules, means_of, unconfirmed
from harness.advice.signals import Signal, rate_signals
from harness.advice.stability import Flip, Stability, find_flips, measure_stability
from harness.advice.walk import Tier, WalkStep, literal_walk, tiers


@dataclass(frozen=True, slots=True)
class Advice:
    """Everything `harness advise` knows. Pure: the same answers and facts give an equal Advice."""

    answers: Mapping[int, AnswerValue]  # all nine, as given
    facts: Facts
    recommendation: Recommendation
    wanted: Outcome
    first_step: FirstStep
    reason: str  # one sentence for a manager
    premises: tuple[Premise, ...]  # what the recommendation rests on
    confirm: tuple[int, ...]  # 4 and 6, where the recommendation takes an unsure answer for a yes
    walk: tuple[WalkStep, ...]
    tiers: Mapping[Recommendation, Tier]
    signals: Mapping[str, Signal]
    conflicts: tuple[Conflict, ...]
    stability: Stability
    flips: tuple[Flip, ...]


def advise(answers: Mapping[int, AnswerValue], facts: Facts | None = None) -> Advice:
    """The advice for up to nine answers. Questions left out are unsure. Raises ValueError for a number not in 1-9."""
    strange = sorted(set(answers) - {q.number for q in QUESTIONS})
    if strange:
        raise ValueError(f"questions are numbered 1 to 9, found {strange}")
    facts = facts or Facts()
    nine = all_nine(answers)
    decision = apply_rules(read_unsure(nine), means_of(facts))
    flips = find_flips(nine, facts)
    return Advice(
        answers=MappingProxyType(nine),
        facts=facts,
        recommendation=decision.recommendation,
        wanted=decision.wanted,
        first_step=decision.first_step,
        reason=reason_sentence(nine, facts, decision),
        premises=premises(nine, facts, decision),
        confirm=unconfirmed(nine, facts, decision),
        walk=literal_walk(nine),
        tiers=MappingProxyType(tiers(nine)),
        signals=MappingProxyType(rate_signals(nine, facts)),
        conflicts=by_weight(find_conflicts(nine, facts, decision), (flip.question for flip in flips)),
        stability=measure_stability(nine, facts),
        flips=flips,
    )
