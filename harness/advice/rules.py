"""The rules of the advice: nine answers of yes or no -> wanted, feasible, recommendation, first step (docs/advice.md).

    apply_rules({1: YES, 2: NO, ...}).recommendation    # 'rag'

With K = 1 or 2 is yes (facts must come from documents), B = 3 or 7 is yes (behaviour must change) and P = 8 or 9 is yes
(production, both):

    wanted      both if P, or K and B; rag if K; fine_tune if B, or 5 is no; else rag, the safer start
    feasible    6 is yes and (4 is yes or at least 200 preference pairs); an unsure 4 or 6 counts as yes, to confirm;
                never while what answers should be like still changes (a fact): prompts follow that, training does not
    outcome     wanted, or rag_first where tuning is wanted and not feasible
    first step  rag where K or P, else prompt: retrieval does not repair tone
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from harness.advice.facts import Facts
from harness.advice.questions import MIN_PAIRS, AnswerValue, answer_of
from harness.advice.recommendations import FirstStep, Outcome, Recommendation

_nine = itemgetter(*range(1, 10))  # answers -> their tuple, in the order of the questions


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision of the rules for nine answers of yes or no."""

    documents: bool  # K: facts must come from documents
    behaviour: bool  # B: the way of answering must change
    production: bool  # P: production assistant that needs both
    wanted: Outcome
    feasible: bool  # tuning could start today
    recommendation: Recommendation
    first_step: FirstStep


@dataclass(frozen=True, slots=True)
class Means:
    """What facts say of the means of tuning, whatever the answers are."""

    enough_pairs: bool = False  # stands in for a yes to question 4
    wishes_change: bool = False  # what is trained today is not wanted tomorrow


def apply_rules(answers: Mapping[int, AnswerValue], means: Means = Means()) -> Decision:
    """The decision on nine answers of yes or no."""
    return _decision(_nine(answers), means)


@lru_cache(maxsize=4096)  # 2^9 vectors x 4: the enumeration in stability asks for each many times
def _decision(answers: tuple[AnswerValue, ...], means: Means) -> Decision:
    one, two, three, four, five, six, seven, eight, nine = (answer is AnswerValue.YES for answer in answers)
    documents, behaviour, production = one or two, three or seven, eight or nine
    outcome = _outcome(documents, behaviour, production, too_slow=not five)
    feasible = six and (four or means.enough_pairs) and not means.wishes_change
    blocked = outcome != "rag" and not feasible
    recommendation: Recommendation = "rag_first" if blocked else outcome
    first: FirstStep = "rag" if documents or production else "prompt"
    return Decision(documents, behaviour, production, outcome, feasible, recommendation, first)


def _outcome(documents: bool, behaviour: bool, production: bool, *, too_slow: bool) -> Outcome:
    if production or (documents and behaviour):
        return "both"
    if documents:
        return "rag"
    return "fine_tune" if behaviour or too_slow else "rag"


def means_of(facts: Facts) -> Means:
    """The means of tuning as far as facts tell."""
    return Means(pairs_suffice(facts), facts.requirements_change is True)


def pairs_suffice(facts: Facts) -> bool:
    """Whether there are enough preference pairs to tune without labelled examples."""
    return facts.preference_pairs is not None and facts.preference_pairs >= MIN_PAIRS


def unconfirmed(answers: Mapping[int, AnswerValue], facts: Facts, decision: Decision) -> tuple[int, ...]:
    """Questions 4 and 6 where an unsure answer was taken for a yes and the recommendation depends on it."""
    if decision.wanted == "rag" or not decision.feasible:
        return ()
    means = (6,) if pairs_suffice(facts) else (4, 6)
    return tuple(n for n in means if answer_of(answers, n) is AnswerValue.UNSURE)
