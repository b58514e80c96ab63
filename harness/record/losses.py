"""The lost questions of a run in record.json: of three arms each, every failed question in one class of loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.types import Estimate

WaterfallRole = Literal["candidate", "ceiling", "best"]


@dataclass(frozen=True, slots=True)
class LossSection:
    """One class of lost questions."""

    name: str  # not_retrieved, not_read, ... (harness.diagnosis.losses)
    title: str
    says: str  # what its questions have in common
    cases: tuple[str, ...]  # ids of the questions, in the order of the golden set
    share: Estimate  # of the questions that the arm was asked, fraction of 1


@dataclass(frozen=True, slots=True)
class WaterfallSection:
    """From the questions that an arm was asked to those it got right: what was lost on the way, test split."""

    arm: str
    role: WaterfallRole  # ceiling: given the golden passages; best: of the others the one with most task success
    questions: int  # that it was asked
    successes: int
    losses: tuple[LossSection, ...]  # in the order of a question's way; their cases are all that failed
    by_answer: int = 0  # of the lost: name no evidence, so that a shown passage with an accepted answer counts as it

    @property
    def failures(self) -> int:
        return self.questions - self.successes
