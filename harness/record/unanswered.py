"""Questions that an arm left without an answer, by reason: what every step that asks a model counts and names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Step = Literal["drills", "latency", "safety"]
REASONS, NAMED = 8, 5  # so many reasons are named, each with so many ids


@dataclass(frozen=True, slots=True)
class ErrorSection:
    """One reason for which an arm left questions without an answer."""

    reason: str
    count: int  # questions, probes among them
    cases: tuple[str, ...]  # ids of the first of them

    @property
    def says(self) -> str:
        """`2 questions have no answer (q1, q7): HTTP 500`."""
        questions = "1 question has" if self.count == 1 else f"{self.count:,} questions have"
        more = ", ..." if self.count > len(self.cases) else ""
        return f"{questions} no answer ({', '.join(self.cases)}{more}): {self.reason}"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A step beside the golden questions in which a model left some of what it was asked without an answer."""

    step: Step
    place: str  # within the step: the arm, and what it was asked
    asked: int
    answered: int
    errors: tuple[ErrorSection, ...]

    @property
    def says(self) -> str:
        """`rag, Order shuffled: 40 asked, 39 answered; 1 question has no answer (q3): HTTP 500`."""
        return f"{self.place}: {self.asked:,} asked, {self.answered:,} answered; {self.reasons}"

    @property
    def reasons(self) -> str:
        """The reasons with their questions, in one line."""
        return "; ".join(error.says for error in self.errors)


def by_reason(errors: Iterable[tuple[str, str]]) -> tuple[ErrorSection, ...]:
    """Errors, each an id and its reason, as one row a reason, the commonest first."""
    ids: dict[str, list[str]] = {}
    for id, reason in errors:
        ids.setdefault(reason, []).append(id)
    rows = [ErrorSection(reason, len(own), tuple(own[:NAMED])) for reason, own in ids.items()]
    return tuple(sorted(rows, key=lambda row: -row.count)[:REASONS])
