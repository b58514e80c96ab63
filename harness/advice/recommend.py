"""Answers and facts -> Advice: the recommendation, what it rests on, and what speaks against it.

Rules (DESIGN, "Advice"), with K = 1 or 2 is yes (facts must come from documents), B = 3 or 7 is yes (behaviour must
change) and P = 8 or 9 is yes (production, both):

    wanted      both if P, or K and B; rag if K; fine_tune if B, or 5 is no; else rag, the safer start
    feasible    6 is yes and (4 is yes or at least 200 preference pairs); an unsure 4 or 6 counts as yes, to confirm
    outcome     wanted, or rag_first where tuning is wanted and not feasible
    first step  rag where K or P, else prompt: retrieval does not repair tone
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from harness.advice.conflicts import Conflict, find_conflicts
from harness.advice.decision import Decision, decide, pairs_suffice, unconfirmed
from harness.advice.facts import Facts
from harness.advice.questions import QUESTIONS, AnswerValue, FirstStep, Outcome, Recommendation, answer_of, read_unsure
from harness.advice.signals import Signal, rate_signals
from harness.advice.stability import Flip, Stability, find_flips, measure_stability
from harness.advice.walk import Tier, WalkStep, literal_walk, tiers
from harness.advice.wording import Support, carried_by, reason_sentence


@dataclass(frozen=True, slots=True)
class Advice:
    """Everything `harness advise` knows. Pure: the same answers and facts give an equal Advice."""

    answers: Mapping[int, AnswerValue]  # all nine, as given
    facts: Facts
    recommendation: Recommendation
    wanted: Outcome
    first_step: FirstStep
    reason: str  # one sentence for a manager
    carried_by: tuple[Support, ...]
    confirm: tuple[int, ...]  # 4 and 6, where the recommendation takes an unsure answer for a yes
    walk: tuple[WalkStep, ...]
    tiers: Mapping[str, Tier]
    signals: tuple[Signal, ...]
    conflicts: tuple[Conflict, ...]
    stability: Stability
    flips: tuple[Flip, ...]


def advise(answers: Mapping[int, AnswerValue], facts: Facts | None = None) -> Advice:
    """The advice for up to nine answers. Questions left out are unsure. Raises ValueError for a number not in 1-9."""
    strange = sorted(set(answers) - {q.number for q in QUESTIONS})
    if strange:
        raise ValueError(f"questions are numbered 1 to 9, found {strange}")
    facts = facts or Facts()
    given = {q.number: answer_of(answers, q.number) for q in QUESTIONS}
    decision: Decision = decide(read_unsure(given), pairs_suffice(facts))
    walk, tier_list = literal_walk(given), tiers(given)
    return Advice(
        answers=MappingProxyType(given),
        facts=facts,
        recommendation=decision.recommendation,
        wanted=decision.wanted,
        first_step=decision.first_step,
        reason=reason_sentence(given, facts, decision),
        carried_by=carried_by(given, facts, decision),
        confirm=unconfirmed(given, facts, decision),
        walk=walk,
        tiers=MappingProxyType(tier_list),
        signals=rate_signals(given, facts),
        conflicts=find_conflicts(given, facts, decision),
        stability=measure_stability(given, facts),
        flips=find_flips(given, facts),
    )
