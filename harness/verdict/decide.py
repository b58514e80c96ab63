"""The verdict: gates on the candidate, the arm to ship, whether the checklist agreed, and what to keep in mind.

verdict = decide(run.record, run.scores, cases, scenario.gates, "hybrid", advised="both")
verdict.word      # 'NO-GO'
verdict.sentence  # 'Not hybrid: task success gained over RAG-only: 1.5 points ... Ship rag instead: ...'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.errors import InputError
from harness.record.sections import Figures
from harness.types import Case, Gate, Score, Verdict, VerdictWord
from harness.verdict.agreement import agreement
from harness.verdict.gates import GATES, GateRow, judge_all
from harness.verdict.notes import blockers, notes
from harness.verdict.score_sheet import gather
from harness.verdict.sentence import sentence
from harness.verdict.ship import Fitness, fitness, simplest
from harness.verdict.status import STATUSES
from harness.verdict.thresholds import read_thresholds


def decide(
    figures: Figures,
    scores: Iterable[Score],
    cases: Sequence[Case],
    gates: Mapping[str, object],
    candidate: str,
    advised: str | None,
    table: tuple[GateRow, ...] = GATES,
) -> Verdict:
    """Judge one arm of a run and name the arm to ship.

    Args:
        figures: of the run; a Record will do.
        scores: of every arm; only those of the test split are read.
        cases: the golden set of the run.
        gates: the scenario's `gates:`.
        candidate: the arm to judge.
        advised: what the checklist recommended; None where it was not asked.
        table: every gate that there is.

    Raises:
        InputError: the run has no such arm, no test case, or a gate is unknown or out of its unit.
    """
    sheet, thresholds = gather(figures, scores, cases), read_thresholds(gates, table=table)
    if candidate not in sheet.arms:
        raise InputError(f"arm '{candidate}' is not in this run; arms in it: {', '.join(sheet.arms)}")
    rows = judge_all(sheet, candidate, thresholds)
    blocking = blockers(figures)
    word = _word(rows, bool(blocking))
    order = fitness(sheet, thresholds)
    pick = None if blocking else _to_ship(order, candidate, word)
    agreed = agreement(sheet, advised, pick.arm if pick else None)
    return Verdict(
        word=word,
        candidate=candidate,
        ship=pick.arm if pick else None,
        sentence=sentence(word, candidate, rows, pick, order, blocking),
        gates=rows,
        advised=advised,
        agreement=agreed.word,
        agreement_reason=agreed.reason,
        notes=(*blocking, *notes(sheet, thresholds, candidate)),
    )


def _word(gates: Sequence[Gate], blocked: bool) -> VerdictWord:
    if any(gate.status == "fail" for gate in gates):
        return "NO-GO"
    return "GO" if all(STATUSES[gate.status].holds for gate in gates) and not blocked else "NOT PROVEN"


def _to_ship(order: Sequence[Fitness], candidate: str, word: VerdictWord) -> Fitness | None:
    """The simplest shippable arm; a candidate with a failed gate is not shipped, whatever else it holds."""
    return simplest([row for row in order if not (row.arm == candidate and word == "NO-GO")])
