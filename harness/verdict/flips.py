"""The flips of a gate: how many answers would have to come out otherwise, or how far its interval is from the limit.

    flips(sheet, thresholds, "hybrid")["groundedness"]    # '4 good answers fewer would make it not proven'

Answers are changed one after the other in the order of the golden set and the gate is judged again each time it could
turn, so that documents in common count as they do in the verdict itself. Not a probability: how near the edge it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import harness.stats as stats
from harness.stats.numbers import against, number
from harness.types import Gate, GateStatus
from harness.verdict.gates import ByAnswer, ByCount, GateRow, Policy, Thresholds, judge, status_of
from harness.verdict.measures import Measurement, Unmeasured
from harness.verdict.score_sheet import ScoreSheet

StatusOf = Callable[[int], GateStatus | None]  # k more good answers (fewer where negative) ->; None: not so many there


def flips(sheet: ScoreSheet, thresholds: Thresholds, arm: str) -> dict[str, str]:
    """gate -> what would flip it, for every gate of the arm that has a figure with an interval."""
    return {
        row.name: _JudgedGate(row, threshold, thresholds.policy, sheet, arm, measurement).flip()
        for row, threshold in thresholds.rows
        if not row.exact and isinstance(measurement := row.measure(sheet, arm), Measurement)
    }


@dataclass(frozen=True, slots=True)
class _JudgedGate:
    """A gate on one arm, to be judged again with other answers."""

    row: GateRow
    threshold: float
    policy: Policy
    sheet: ScoreSheet
    arm: str
    measurement: Measurement

    def flip(self) -> str:
        """The flip in words."""
        gate = judge(self.row, self.threshold, self.measurement, self.policy)
        status_of = self._status_of()
        if status_of is None:
            return _distance(gate)
        most = self.measurement.estimate.n
        better = _fewest(gate.status, status_of, most)
        worse = _fewest(gate.status, lambda k: status_of(-k), most)
        ways = [_in_words("more", better), _in_words("fewer", worse)]
        return "; ".join(filter(None, ways)) or "no number of answers of this golden set would change it"

    def status(self, measurement: Measurement | Unmeasured) -> GateStatus:
        return status_of(self.row, self.threshold, measurement, self.policy)

    def _status_of(self) -> StatusOf | None:
        """The status by number of good answers more; None where no answer by itself decides the gate."""
        if self.measurement.ratings is not None:  # what people would say of other answers is not known
            return None
        match self.row.flipped_by:
            case ByAnswer() as answers:
                return lambda k: self._with_answers(answers, k)
            case ByCount(good):
                return lambda k: self._with_count(k if good else -k)
            case None:
                return None

    def _with_answers(self, answers: ByAnswer, k: int) -> GateStatus | None:
        """Judged again with k more good answers, the first ones of the golden set that are not good yet."""
        column = self.sheet.column(self.arm, answers.metric)
        other = answers.good if k > 0 else 1.0 - answers.good
        changeable = [case for case, value in column.items() if value is not None and value != other]
        if len(changeable) < abs(k):
            return None
        turned = dict.fromkeys(changeable[: abs(k)], other)
        values = {**self.sheet.values, (self.arm, answers.metric): {**column, **turned}}
        return self.status(self.row.measure(replace(self.sheet, values=values), self.arm))

    def _with_count(self, k: int) -> GateStatus | None:
        """Judged again with k more hits of a rate."""
        estimate = self.measurement.estimate
        hits = round((estimate.mean or 0.0) * estimate.n) + k
        if not 0 <= hits <= estimate.n:
            return None
        low, high = stats.clopper_pearson(hits, estimate.n)
        shifted = replace(estimate, mean=hits / estimate.n, low=low, high=high)
        return self.status(Measurement(shifted, shifted))


def _in_words(how: str, turn: tuple[int, GateStatus] | None) -> str | None:
    if turn is None:
        return None
    k, status = turn
    return f"{k} good {'answer' if k == 1 else 'answers'} {how} would make it {status}"


def _fewest(status: GateStatus, status_of: StatusOf, most: int) -> tuple[int, GateStatus] | None:
    """The smallest number of changed answers with which the status differs, and what it becomes; None if none does."""
    low, high = 0, _changeable(status_of, most)
    if not high or status_of(high) == status:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if status_of(middle) == status else (low, middle)
    return high, status_of(high) or status


def _changeable(status_of: StatusOf, most: int) -> int:
    """The number of answers to change: a gate far from its threshold may only turn when nearly all of them do."""
    low, high = 0, most + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if status_of(middle) is None else (middle, high)
    return low


def _distance(gate: Gate) -> str:
    """The distance of the interval's nearer end from the limit, for gates that no single answer decides."""
    estimate = gate.estimate
    if estimate is None or gate.threshold is None or estimate.low is None or estimate.high is None:
        return "there is no interval to move"
    if gate.status == "not proven" and not estimate.low <= gate.threshold <= estimate.high:
        return "its interval does not reach the limit; what else it takes stands in its reason"
    if gate.status == "not proven":
        return f"the limit {number(gate.threshold, gate.unit)} lies inside its interval"
    gap, _ = against(min(abs(end - gate.threshold) for end in (estimate.low, estimate.high)), 0.0, gate.unit, ">")
    return f"its interval would have to move by {gap} to reach the limit"
