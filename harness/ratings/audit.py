"""The audit of golden labels: which of them a person should look at again, by what arms and judges made of them.

doubtful_labels(run, cases, table, 20, seed)     # {"hd-013": "every arm misses it", ...}
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from harness.record.files import StoredRun
from harness.record.score_table import ScoreTable
from harness.types import Case

MISSED = "every arm misses it"
SUPPORTED = "called wrong, though the pages support every statement of it"
JUDGE = "the judge and the accepted answer do not agree"


def doubtful_labels(
    run: StoredRun, cases: Mapping[str, Case], table: ScoreTable, most: int, seed: int
) -> dict[str, str]:
    """Case -> why its label is doubtful; `most` of them, taken in turn from each reason, drawn by seed."""
    reasons = {reason: sorted(ids) for reason, ids in _doubts(run, cases, table).items()}
    for reason, ids in reasons.items():
        random.Random(f"{reason} {seed}").shuffle(ids)
    picks: dict[str, str] = {}
    while len(picks) < most and any(reasons.values()):
        for reason, ids in reasons.items():
            if ids and len(picks) < most:
                picks.setdefault(ids.pop(), reason)
    return picks


def _doubts(run: StoredRun, cases: Mapping[str, Case], table: ScoreTable) -> dict[str, set[str]]:
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
    return {MISSED: missed, JUDGE: apart, SUPPORTED: supported - missed}


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
