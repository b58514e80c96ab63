"""Small runs for tests of verdict, diagnosis and history: a healthy one, and what changes about it.

The figures are those of `tests.make`; scores are written by hand, so that a test can say which cases succeed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from functools import cache
from typing import Any

import harness.stats as stats
from harness.arms import ARMS as ARM_TABLE
from harness.record.measurements import (
    AbilitySection,
    AdapterItems,
    ArmLatency,
    FormSection,
    LatencySection,
    Quantiles,
    TuningSection,
)
from harness.record.sections import AdviceSection, ArmSection, Figures, Record
from harness.types import Case, Estimate, Evidence, Gate, Score, Verdict
from harness.verdict.decide import decide
from tests import make
from tests.make import HITS, around

N = 120


# --- cases and scores ---------------------------------------------------------------------------------------------


def cases(n: int = N, per_document: int = 1, unanswerable: int = 0) -> list[Case]:
    """The last `unanswerable` of them are right to be refused."""
    return [_case(i, f"d{i // per_document}", i >= n - unanswerable) for i in range(n)]


def _case(i: int, doc: str, unanswerable: bool) -> Case:
    if unanswerable:
        return Case(id=f"q{i:03}", question="?", kind="unanswerable", source=doc)
    return Case(id=f"q{i:03}", question="?", accept=(f"x{i}",), evidence=(Evidence(doc=doc),))


def scores(hits: Mapping[str, int] = HITS, n: int = N) -> list[Score]:
    """The first `hits` cases of each arm succeed; every passage-fed answer is grounded."""
    success = [Score(f"q{i:03}", arm, "task_success", float(i < k)) for arm, k in hits.items() for i in range(n)]
    grounded = [Score(f"q{i:03}", arm, "groundedness", 1.0) for arm in ("rag", "hybrid") for i in range(n)]
    clean = [Score(f"q{i:03}", arm, "hallucination", 0.0) for arm in ("rag", "hybrid") for i in range(n)]
    return success + grounded + clean


def replaced(
    rows: Iterable[Score], arm: str, metric: str, values: Mapping[str, float | None], applicable: bool = True
) -> list[Score]:
    """The same scores with some values of one arm and metric changed; None becomes unscored, or not applicable."""
    return [
        replace(
            row,
            value=values[row.case_id],
            reason="lost" if values[row.case_id] is None else None,
            applicable=applicable or values[row.case_id] is not None,
        )
        if (row.arm, row.metric) == (arm, metric) and row.case_id in values
        else row
        for row in rows
    ]


# --- figures ------------------------------------------------------------------------------------------------------


def arm(name: str, /, **changes: Any) -> ArmSection:
    """The arm of that name in the table, as a run keeps it."""
    section = make.arm_section(ARM_TABLE[name])
    return replace(section, **changes)


ARMS = tuple(arm(name) for name in HITS)


def form(**rates: Estimate) -> FormSection:
    """The hybrid's form, with other rates."""
    return replace(make.figures().forms["hybrid"], **rates)


def latency(p95: float = 400.0, ratio: Estimate | None = None, **parts: Quantiles) -> ArmLatency:
    usual = Quantiles(around(80.0, 5.0, "ms"), around(100.0, 5.0, "ms"))
    total = Quantiles(around(p95 / 2, 20.0, "ms", N), around(p95, 30.0, "ms", N))
    times = {"retrieval": usual, "generation": usual, "first_token": usual, "total": total, **parts}
    return ArmLatency(**times, ratio=ratio or around(1.0, 0.04, "ratio", 60))


def latencies(control: Estimate | None = None, **arms: ArmLatency) -> LatencySection:
    """Every arm as quick as the others, but for these."""
    by_arm = {name: latency() for name in HITS} | arms
    return replace(make.figures().latency, arms=by_arm, control=control or around(1.0, 0.02, "ratio", 60))


def ability(**changes: Estimate) -> AbilitySection:
    """What tuning did to a general test, by arm, in points."""
    section = make.ability(list(changes))
    rows = {name: replace(section.arms[name].items, difference=change) for name, change in changes.items()}
    return replace(section, arms={name: AdapterItems(items) for name, items in rows.items()})


def tuning(overfit: bool = False, examples: int = 600) -> TuningSection:
    section = make.tuning(["hybrid"])["hybrid"]
    return replace(section, adapter=replace(section.adapter, overfit=overfit, examples=examples))


def figures(**changes: Any) -> Figures:
    """A run in which the hybrid holds every gate."""
    return replace(_healthy(), **changes)


@cache
def _healthy() -> Figures:
    small, produced = around(-0.5, 1.5, "points"), make.figures()
    return replace(
        produced,
        golden=replace(produced.golden, cluster_of={}, verified_by={"two people": N}),
        latency=latencies(),
        forgetting=ability(tune=small, hybrid=small),
        safety=ability(tune=small, hybrid=small),
    )


def record(
    name: str = "small-1", advised: str | None = "both", rows: list[Score] | None = None, **changes: Any
) -> Record:
    """The same with its verdict; `rows` are its scores, and its metrics are theirs."""
    rows = scores() if rows is None else rows
    values = {arm: [s.value for s in rows if (s.arm, s.metric) == (arm, "task_success")] for arm in HITS}
    metrics = {arm: {"task_success": stats.rate(own)} for arm, own in values.items() if own}
    golden = replace(figures().golden, cluster_of={case.id: case.evidence[0].doc or case.id for case in cases()})
    known = {"metrics": metrics, "golden": golden}
    measured = figures(**(known | {k: v for k, v in changes.items() if k != "gates"}))
    gates = changes.get("gates", {})
    return Record(
        **{field.name: getattr(measured, field.name) for field in fields(Figures)},
        run_id=name,
        created=name,
        command="harness run scenarios/small",
        advice=AdviceSection(advised, {}, {}) if advised else None,
        gates=gates,
        changed=None,
        flips={},
        diagnosis=(),
        verdict=decide(measured, rows, cases(), gates, "hybrid", advised),
    )


# --- verdicts -----------------------------------------------------------------------------------------------------


def judged(
    of: Figures | None = None,
    rows: list[Score] | None = None,
    candidate: str = "hybrid",
    advised: str | None = "both",
    **gates: Any,
) -> Verdict:
    """The verdict on these figures and scores, of the healthy run where left out."""
    return decide(of or figures(), scores() if rows is None else rows, cases(), gates, candidate, advised)


def gate(verdict: Verdict, name: str) -> Gate:
    return next(gate for gate in verdict.gates if gate.name == name)
