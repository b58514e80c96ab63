"""The checklist's advice beside what was measured, with the named reason where they part."""

from __future__ import annotations

from dataclasses import dataclass

from harness.advice.recommendations import RecommendationRow, row_of
from harness.record.sections import ArmSection
from harness.types import AgreementWord
from harness.verdict.score_sheet import ScoreSheet


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether the arm to ship is of the kind that was advised."""

    word: AgreementWord
    reason: str


def agreement(sheet: ScoreSheet, advised: str | None, shipped: str | None) -> Agreement:
    """Whether the arm to ship is of the kind that the checklist recommended, and why not."""
    if advised is None:
        return Agreement("not comparable", "the scenario answers no questionnaire, so nothing was advised")
    advice = row_of(advised)
    if advice is None:
        return Agreement("not comparable", f"the advice '{advised}' names no kind of arm")
    checklist = f"the checklist says {advice.full_name}"
    if shipped is None:
        nothing = "no arm may be shipped yet, so there is nothing to hold it against"
        return Agreement("not comparable", f"{checklist}; {nothing}")
    arm = sheet.arms[shipped]
    if kind_of(arm) == advice.kind:
        return Agreement("agrees", f"{checklist}, and {shipped} is the arm to ship")
    if all(kind_of(other) != advice.kind for other in sheet.arms.values() if not other.beside):
        return Agreement("not comparable", f"{checklist}, and this run has no such arm")
    return Agreement("disagrees", f"{checklist}, the measurement ships {shipped}: {'; '.join(reasons(advice, arm))}")


def kind_of(arm: ArmSection) -> tuple[bool, bool]:
    """(uses a retriever, uses an adapter), to compare with a recommendation's."""
    return arm.retriever, arm.adapter is not None


def reasons(advice: RecommendationRow, arm: ArmSection) -> list[str]:
    """Why the arm to ship is of another kind than the advice."""
    why = []
    if advice.retriever and not arm.retriever:
        why.append("the golden questions are answered as well without passages")
    if arm.retriever and not advice.retriever:
        why.append("the answers had to be looked up in the documents")
    if advice.adapter and arm.adapter is None:
        why.append("tuning gained no more than the margin, or broke a gate of its own")
    if arm.adapter is not None and not advice.adapter:
        why.append("prompting alone stayed behind by more than the margin, or broke a gate of its own")
    return why
