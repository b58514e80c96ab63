"""The audit of golden labels: which of them a person should look at again, by what arms and judges made of them.

doubtful_labels(run, cases, table, 20, seed)     # {"hd-013": "every arm misses it", ...}
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from harness.ratings.labels import NO_LABELS, Labels, answer_hash, faulty_labels
from harness.record.files import StoredRun
from harness.record.score_table import ScoreTable
from harness.types import Case

MISSED = "every arm misses it"
SUPPORTED = "called wrong, though the pages support every statement of it"
READER = "a reader does not agree with it"
JUDGE = "the judge and the accepted answer do not agree"


def doubtful_labels(
    run: StoredRun, cases: Mapping[str, Case], table: ScoreTable, most: int, seed: int, labels: Labels = NO_LABELS
) -> dict[str, str]:
    """Case -> why its label is doubtful; `most` of them, taken in turn from each reason, drawn by seed."""
    reasons = {reason: sorted(ids) for reason, ids in _doubts(run, cases, table, labels).items()}
    for reason, ids in reasons.items():
        random.Random(f"{reason} {seed}").shuffle(ids)
    picks: dict[str, str] = {}
    while len(picks) < most and any(reasons.values()):
        for reason, ids in reasons.items():
            if ids and len(picks) < most:
                picks.setdefault(ids.pop(), reason)
    return picks


def _doubts(run: StoredRun, cases: Mapping[str, Case], table: ScoreTable, labels: Labels) -> dict[str, set[str]]:
    arms = [arm.name for arm in run.record.arms if arm.tried is None]
    success = [table.get((arm, "task_success"), {}) for arm in arms]
    missed = {case for case in cases if len(arms) > 1 and all(row.get(case) == 0.0 for row in success)}
    apart = set(_judges_against_labels(run, cases, table))
    supported = {
        case
        for arm in arms
        for case, value in table.get((arm, "correct"), {}).items()
        if value == 0.0 and case in cases and table.get((arm, "groundedness"), {}).get(case) == 1.0
    }
    readers = _readers_against_labels(run, cases, table, labels)
    return {READER: readers, MISSED: missed, JUDGE: apart, SUPPORTED: supported - missed}


def _readers_against_labels(run: StoredRun, cases: Mapping[str, Case], table: ScoreTable, labels: Labels) -> set[str]:
    """Cases whose label a reader of the page calls wrong, or whose answer he calls otherwise than its score."""
    answers = {(t.arm, t.case_id): t.answer for t in run.traces if t.answer is not None and not t.probe}
    doubted = {case for case in faulty_labels(labels.golden) if case in cases}
    for mark in labels.marks:
        answer, score = answers.get((mark.arm, mark.case)), table.get((mark.arm, "correct"), {}).get(mark.case)
        if answer is None or score is None or mark.correct is None or mark.case not in cases:
            continue
        if answer_hash(cases[mark.case], answer) == mark.answer and (score >= 0.5) != mark.correct:
            doubted.add(mark.case)
    return doubted


def _judges_against_labels(run: StoredRun, cases: Mapping[str, Case], table: ScoreTable) -> Iterator[str]:
    """Cases of which a judge of correctness says the opposite of the accepted answer, for some arm."""
    judges = [row.name for row in run.record.metric_rows if row.rests_on == "judge" and row.people == "correct"]
    for arm in run.record.arm_names:
        correct = table.get((arm, "correct"), {})
        for judge in judges:
            for case, value in table.get((arm, judge), {}).items():
                label = correct.get(case)
                if case in cases and value is not None and label is not None and (value >= 0.5) != (label >= 0.5):
                    yield case
