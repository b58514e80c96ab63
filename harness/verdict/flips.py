"""What would flip a gate: how many answers would have to come out otherwise, or how far its interval is from the limit.

flips(facts, thresholds, "hybrid")["groundedness"]    # '4 good answers fewer would make it not proven'

Answers are changed one after the other in the order of the golden set and the gate is judged again each time it could
turn, so that documents in common count as they do in the verdict itself. Not a probability: how near the edge it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from harness import stats
from harness.stats.numbers import number
from harness.types import Estimate, Gate
from harness.verdict.evidence import Facts, Found, column
from harness.verdict.gates import GATES, GateRow, Thresholds, judge

# gates that answers decide -> (metric of the candidate, value of a good answer)
BY_ANSWER: Mapping[str, tuple[str, float]] = {
    "task_success_gain": ("task_success", 1.0),
    "gain_over_tune": ("task_success", 1.0),
    "gain_over_baseline": ("task_success", 1.0),
    "task_success": ("task_success", 1.0),
    "gain_over_refusing": ("task_success", 1.0),
    "groundedness": ("groundedness", 1.0),
    "hallucination": ("hallucination", 0.0),
}
EXACT = "adapter_effect"  # a comparison of every answer, without an interval to move
BY_COUNT: Mapping[str, float] = {"schema": 1.0, "repair": 0.0}  # counted over golden answers and probes together


def flips(facts: Facts, thresholds: Thresholds, arm: str) -> dict[str, str]:
    """gate -> what would flip it, for every gate of the arm that has a figure."""
    found = {}
    for row in GATES:
        threshold = thresholds.values[row.name]
        measured = row.measure(facts, arm) if threshold is not None else None
        if threshold is None or not isinstance(measured, Found) or row.name == EXACT:
            continue
        gate = judge(row, threshold, measured, thresholds.policy)
        found[row.name] = _said(row, gate, facts, arm, thresholds)
    return found


def _said(row: GateRow, gate: Gate, facts: Facts, arm: str, thresholds: Thresholds) -> str:
    again = _again(row, gate, facts, arm, thresholds)
    if again is None:
        return _distance(gate)
    better = _fewest(gate.status, again, _most(gate))
    worse = _fewest(gate.status, lambda k: again(-k), _most(gate))
    said = [
        f"{k} {_answers(k)} {how} would make it {status}"
        for how, turn in (("more", better), ("fewer", worse))
        if turn is not None
        for k, status in [turn]
    ]
    return "; ".join(said) if said else "no number of answers of this golden set would change it"


def _answers(k: int) -> str:
    return "good answer" if k == 1 else "good answers"


def _most(gate: Gate) -> int:
    return gate.estimate.n if gate.estimate else 0


def _fewest(status: str, judged: Callable[[int], str | None], most: int) -> tuple[int, str] | None:
    """The smallest number of changed answers with which the status differs, and what it becomes; None if none does."""
    low, high = 0, _changeable(judged, most)
    if not high or judged(high) == status:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if judged(middle) == status else (low, middle)
    return high, judged(high) or status


def _changeable(judged: Callable[[int], str | None], most: int) -> int:
    """How many answers there are to change: a gate far from its threshold may only turn when nearly all of them do."""
    low, high = 0, most + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if judged(middle) is None else (middle, high)
    return low


def _again(
    row: GateRow, gate: Gate, facts: Facts, arm: str, thresholds: Thresholds
) -> Callable[[int], str | None] | None:
    """k -> the status with k more good answers (fewer where negative), None where there are not so many to change."""
    if row.name in BY_ANSWER:
        metric, good = BY_ANSWER[row.name]
        return lambda k: _by_answer(row, _changed(facts, arm, metric, good, k), arm, thresholds)
    if row.name in BY_COUNT and gate.estimate is not None:
        estimate, good = gate.estimate, BY_COUNT[row.name]
        return lambda k: _by_count(row, estimate, k if good else -k, thresholds)
    return None


def _by_answer(row: GateRow, facts: Facts | None, arm: str, thresholds: Thresholds) -> str | None:
    threshold = thresholds.values[row.name]
    if facts is None or threshold is None:
        return None
    return judge(row, threshold, row.measure(facts, arm), thresholds.policy).status


def _changed(facts: Facts, arm: str, metric: str, good: float, k: int) -> Facts | None:
    values = column(facts, arm, metric)
    wanted = good if k > 0 else 1.0 - good
    open_ones = [case for case, value in values.items() if value is not None and value != wanted]
    if len(open_ones) < abs(k):
        return None
    turned = dict.fromkeys(open_ones[: abs(k)], wanted)
    return replace(facts, values={**facts.values, (arm, metric): {**values, **turned}})


def _by_count(row: GateRow, estimate: Estimate, k: int, thresholds: Thresholds) -> str | None:
    threshold = thresholds.values[row.name]
    hits = round((estimate.mean or 0.0) * estimate.n) + k
    if threshold is None or not 0 <= hits <= estimate.n:
        return None
    low, high = stats.clopper_pearson(hits, estimate.n)
    moved = replace(estimate, mean=hits / estimate.n, low=low, high=high)
    return judge(row, threshold, Found(moved, moved), thresholds.policy).status


def _distance(gate: Gate) -> str:
    """How far the interval's nearer end is from the limit, for gates that no single answer decides."""
    e = gate.estimate
    if e is None or gate.threshold is None or e.low is None or e.high is None:
        return "there is no interval to move"
    if gate.status == "not proven":
        return f"the limit {number(gate.threshold, gate.unit)} lies inside its interval"
    gap = number(min(abs(end - gate.threshold) for end in (e.low, e.high)), gate.unit)
    return f"its interval would have to move by {gap} to reach the limit"
