"""The verdict: gates on the candidate, the arm to ship, whether the checklist agreed, and what to keep in mind.

verdict = decide(run.record, run.scores, cases, scenario.gates, scenario.candidate)
verdict.word      # 'NO-GO'
verdict.sentence  # 'Not hybrid: task success gained over RAG-only is 1.5 points ... Ship rag instead: ...'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harness.errors import InputError
from harness.types import Case, Gate, Score, Verdict, VerdictWord
from harness.verdict.agreement import agreement
from harness.verdict.evidence import gather
from harness.verdict.gates import judge_all, read_thresholds
from harness.verdict.notes import blockers, notes
from harness.verdict.sentence import sentence
from harness.verdict.ship import Fitness, fitness, simplest


def decide(
    record: Mapping[str, Any], scores: Iterable[Score], cases: Sequence[Case], gates: Mapping[str, Any], candidate: str
) -> Verdict:
    """Judge one arm of a run and name the arm to ship.

    Args:
        record: record.json's mapping; Estimates in it may be values or their JSON objects.
        scores: of every arm; only those of the test split are read.
        cases: the golden set of the run.
        gates: the scenario's `gates:`.
        candidate: the arm to judge.

    Raises:
        InputError: the run has no such arm, no test case, or a gate is unknown or out of its unit.
    """
    facts, thresholds = gather(record, scores, cases), read_thresholds(gates)
    if candidate not in facts.arms:
        raise InputError(f"arm '{candidate}' is not in this run; arms in it: {', '.join(facts.arms)}")
    judged = judge_all(facts, candidate, thresholds)
    against = blockers(record)
    word = _word(judged, bool(against))
    ranked = fitness(facts, thresholds)
    chosen = None if against else _shipped(ranked, candidate, word)
    advised, agrees, why = agreement(record, facts, chosen.arm if chosen else None)
    return Verdict(
        word=word,
        candidate=candidate,
        ship=chosen.arm if chosen else None,
        sentence=sentence(word, candidate, judged, chosen, ranked, against),
        gates=judged,
        advised=advised,
        agreement=agrees,
        agreement_reason=why,
        notes=(*against, *notes(facts, thresholds, candidate)),
    )


def _word(gates: Sequence[Gate], blocked: bool) -> VerdictWord:
    statuses = {gate.status for gate in gates}
    if "fail" in statuses:
        return "NO-GO"
    return "GO" if statuses <= {"pass", "not applicable"} and not blocked else "NOT PROVEN"


def _shipped(ranked: Sequence[Fitness], candidate: str, word: VerdictWord) -> Fitness | None:
    """The simplest shippable arm; a candidate with a failed gate is not shipped, whatever else it holds."""
    return simplest([row for row in ranked if not (row.arm == candidate and word == "NO-GO")])
