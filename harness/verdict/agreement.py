"""The checklist's advice beside what was measured, with the named reason where they part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.verdict.evidence import ArmFacts, Facts

# recommendation -> (uses a retriever, uses an adapter)
ADVISED: Mapping[str, tuple[bool, bool]] = {
    "rag": (True, False),
    "rag_first": (True, False),
    "fine_tune": (False, True),
    "both": (True, True),
}
TITLES: Mapping[str, str] = {
    "rag": "RAG",
    "rag_first": "RAG first, tuning later",
    "fine_tune": "fine-tuning",
    "both": "both",
}

Agreement = tuple[str | None, str, str]  # advised, agrees | disagrees | not comparable, reason


def agreement(record: Mapping[str, Any], facts: Facts, shipped: str | None) -> Agreement:
    """What the checklist recommended, whether the arm to ship is of that kind, and why not."""
    advised = (record.get("advice") or {}).get("recommendation")
    if advised is None:
        return None, "not comparable", "the scenario answers no questionnaire, so nothing was advised"
    if advised not in ADVISED:
        return advised, "not comparable", f"the advice '{advised}' names no kind of arm"
    said = f"the checklist says {TITLES[advised]}"
    if shipped is None:
        return advised, "not comparable", f"{said}; no arm may be shipped yet, so there is nothing to hold it against"
    wanted, arm = ADVISED[advised], facts.arms[shipped]
    if _kind(arm) == wanted:
        return advised, "agrees", f"{said}, and {shipped} is the arm to ship"
    if all(_kind(other) != wanted for other in facts.arms.values() if not other.beside):
        return advised, "not comparable", f"{said}, and this run has no such arm"
    return advised, "disagrees", f"{said}, the measurement ships {shipped}: {_reasons(wanted, arm)}"


def _kind(arm: ArmFacts) -> tuple[bool, bool]:
    return arm.retriever, arm.adapter is not None


def _reasons(wanted: tuple[bool, bool], arm: ArmFacts) -> str:
    retriever, adapter = wanted
    found = []
    if retriever and not arm.retriever:
        found.append("the golden questions are answered as well without passages")
    if arm.retriever and not retriever:
        found.append("the answers had to be looked up in the documents")
    if adapter and arm.adapter is None:
        found.append("tuning gained no more than the margin, or broke a gate of its own")
    if arm.adapter is not None and not adapter:
        found.append("prompting alone stayed behind by more than the margin, or broke a gate of its own")
    return "; ".join(found)
