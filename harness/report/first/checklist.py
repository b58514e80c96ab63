"""The nine questions' advice beside what was measured, in words that need no other page."""

from __future__ import annotations

from dataclasses import dataclass

from harness.advice.recommendations import row_of
from harness.record.sections import Record
from harness.report.first.sentence import at_most, short_name
from harness.verdict.agreement import reasons


@dataclass(frozen=True, slots=True)
class Checklist:
    """What was advised before the run, what the run says, and whether the two agree."""

    advised: str
    measured: str
    compared: str  # a sentence


def checklist(record: Record) -> Checklist | None:
    """The advice and the measurement of a run; None where nothing was advised."""
    verdict, row = record.verdict, row_of(record.verdict.advised)
    if verdict.advised is None:
        return None
    advised = row.headline if row else verdict.advised
    result = f"ship {verdict.ship}" if verdict.ship else "ship none of these arms"
    return Checklist(advised, result, at_most(_comparison(record)))


def _comparison(record: Record) -> str:
    verdict, row = record.verdict, row_of(record.verdict.advised)
    arm = record.arm(verdict.ship) if verdict.ship else None
    if row is None:
        return "That advice names no kind of arm, so nothing can be held against it."
    if arm is None:
        return "No arm can be shipped, so the run neither confirms nor refutes the advice."
    if verdict.agreement == "agrees":
        return f"They agree: {short_name(arm.name, 3)} is an arm of the advised kind."
    if verdict.agreement == "disagrees":
        why = next(iter(reasons(row, arm)), "the measured arm is of another kind")
        return f"They disagree: {why}."
    return "No arm of the advised kind was run, so the advice is neither confirmed nor refuted."
