"""The checklist's advice held against what was measured, over many runs: agreed or not, and the named reason.

check = check_advice(records)
check.rows[0].miss     # 'tuning did not earn its cost'
check.says             # '2 of 3 comparable runs agree with the checklist'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.advice.recommendations import RecommendationRow, row_of
from harness.record.sections import ArmSection, Record
from harness.stats.numbers import number
from harness.types import AgreementWord, Estimate, VerdictWord
from harness.verdict.agreement import kind_of

NOTHING_SHIPS = "nothing may be shipped"
NOT_RUN = "the advised kind of arm did not run"
NOT_ASKED = "no questionnaire"
IN_PART = "a partial run or a test double"
# (advised uses a retriever or an adapter, the shipped arm does) -> the name of the miss
RETRIEVAL: Mapping[tuple[bool, bool], str] = {
    (True, False): "passages were not needed",
    (False, True): "facts had to be looked up",
}
TUNING: Mapping[tuple[bool, bool], str] = {
    (True, False): "tuning did not earn its cost",
    (False, True): "prompting alone fell behind",
}


@dataclass(frozen=True, slots=True)
class AdviceRow:
    """One run's advice beside its measurement."""

    run: str
    scenario: str
    advised: str | None
    word: VerdictWord
    winner: str | None  # the arm to ship, else the one with the highest task success
    ships: bool
    success: Estimate | None  # of the winner
    agreement: AgreementWord
    miss: str | None  # why it does not agree, by name; None where it does
    reason: str  # in full
    examples: str | None = None  # question 4 by measurement: how many examples it takes; None: no learning curve


@dataclass(frozen=True, slots=True)
class AdviceCheck:
    """The advice of several runs beside their measurements."""

    rows: tuple[AdviceRow, ...]
    agreed: int
    comparable: int

    @property
    def says(self) -> str:
        """The outcome in a sentence."""
        if not self.comparable:
            return "no run can be compared with the checklist yet"
        return f"{self.agreed} of {self.comparable} comparable runs agree with the checklist"


def check_advice(records: Iterable[Record]) -> AdviceCheck:
    """One row a record, by scenario, the newest run last."""
    rows = tuple(map(_row, sorted(records, key=lambda record: (record.scenario.id, record.created))))
    comparable = [row for row in rows if row.agreement != "not comparable"]
    return AdviceCheck(rows, sum(row.agreement == "agrees" for row in comparable), len(comparable))


def _row(record: Record) -> AdviceRow:
    verdict = record.verdict
    best = _best(record)
    winner = verdict.ship or best
    success = record.estimate(winner, "task_success") if winner else None
    advice = row_of(verdict.advised)
    miss = None if verdict.agreement == "agrees" else _miss(record, advice)
    reason = verdict.agreement_reason
    if miss == NOTHING_SHIPS and best is not None and advice is not None:
        reason = f"{reason}; {_leaning(record, best, advice, success)}"
    return AdviceRow(
        run=record.run_id,
        scenario=record.scenario.id,
        advised=verdict.advised,
        word=verdict.word,
        winner=winner,
        ships=verdict.ship is not None,
        success=success,
        agreement=verdict.agreement,
        miss=miss,
        reason=reason,
        examples=_examples(record),
    )


def _examples(record: Record) -> str | None:
    """What the learning curve says of question 4."""
    learning = record.learning
    return None if learning is None else f"question 4, measured on {learning.arm}: {learning.says}"


def _best(record: Record) -> str | None:
    """The arm with the highest measured task success, ceilings and tried settings aside."""
    estimates = {arm.name: record.estimate(arm.name, "task_success") for arm in record.arms if not arm.beside}
    means = {arm: estimate.mean for arm, estimate in estimates.items() if estimate and estimate.mean is not None}
    return max(means, key=lambda arm: means[arm], default=None)


def _miss(record: Record, advice: RecommendationRow | None) -> str:
    if advice is None:
        return NOT_ASKED
    if record.partial or record.test_double:
        return IN_PART
    shipped = _arm(record, record.verdict.ship)
    if shipped is None:
        return NOTHING_SHIPS
    if record.verdict.agreement == "not comparable":
        return NOT_RUN
    retriever, adapter = kind_of(shipped)
    misses = [RETRIEVAL.get((advice.retriever, retriever)), TUNING.get((advice.adapter, adapter))]
    return "; ".join(miss for miss in misses if miss)


def _arm(record: Record, name: str | None) -> ArmSection | None:
    return None if name is None else record.arm(name)


def _leaning(record: Record, best: str, advice: RecommendationRow, success: Estimate | None) -> str:
    arm = record.arm(best)
    alike = "is" if arm is not None and kind_of(arm) == advice.kind else "is not"
    success_text = f", {number(success.mean, 'fraction')} task success," if success and success.mean is not None else ""
    return f"the best arm measured, {best}{success_text} {alike} of the kind '{advice.full_name}'"
