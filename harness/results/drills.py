"""The figures of the drills: paired before and after by arm, and the freshness table. Pure but for reading stages.

record["drills"]: [{"name", "title", "says", "cases", "sources", "arms": {arm: {"before", "after", "change", "lost",
"gained", "trimmed", ...}}}]; `change` is after minus before in points, paired by
case, `change_without_form` the same with the form set aside. Two drills say more of an arm:
"from_memory" (still gives the accepted answer without its evidence), "obeyed" (follows the hidden instruction).

record["freshness"]: {"facts", "documents", "embedded", "reused", "skipped", "changes", "arms": {arm: {"before", "new",
"old", "update_seconds", "retune_seconds"}}}.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harness import stats
from harness.drills.perturb import DRILLS, MARKER
from harness.metrics.acceptance import accepted
from harness.metrics.reading import Reading
from harness.metrics.table import METRICS
from harness.record.files import plain
from harness.results.scores import Table
from harness.run.inputs import Inputs
from harness.run.store import Store
from harness.stages.answer import read_batches
from harness.stages.drill import FRESH, Drilled, questions_for
from harness.stages.plan import Plan
from harness.structured import without_marks
from harness.types import Answer, Estimate, Unscored

SUCCESS, CONTENT = "task_success", "task_success_without_form"  # an arm without any form shows in the second only
Pair = tuple[Drilled, Answer]
Rows = Sequence[Pair]


def sections(
    inputs: Inputs, plan: Plan, store: Store, facts: Mapping[str, Mapping[str, Any]], table: Table
) -> dict[str, Any]:
    """The record's `drills` and `freshness`; nothing where the run makes no drills.

    Args:
        facts: what each stage left, by label.
        table: scores of the golden answers, which are the "before".
    """
    if not inputs.drills:
        return {}
    made = tuple(store.folder(plan.stages[name]) for name in ("perturb", "refresh"))
    asked = {
        arm.name: _answered(store, plan, arm.name, questions_for(arm, made)) for arm in inputs.arms if not arm.oracle
    }
    changes = json.loads((made[1] / "changes.json").read_text(encoding="utf-8"))
    return {
        "drills": [row for name in DRILLS if (row := _drill(name, asked, table, inputs.clusters)) is not None],
        "freshness": _freshness(inputs, plan, facts, asked, table) | {"changes": changes},
    }


def _answered(store: Store, plan: Plan, arm: str, rows: Sequence[Drilled]) -> list[Pair]:
    found = read_batches(store.folder(plan.stage("drill", arm)) / "batches.jsonl")
    answers = {trace.case_id: trace.answer for traces in found.values() for trace in traces}
    return [(row, answer) for row in rows if (answer := answers.get(row.id)) is not None]


# --- drills -------------------------------------------------------------------------------------------------------


def _drill(name: str, asked: Mapping[str, Rows], table: Table, clusters: Mapping[str, str]) -> dict[str, Any] | None:
    by_arm = {arm: [pair for pair in rows if pair[0].drill == name] for arm, rows in asked.items()}
    by_arm = {arm: rows for arm, rows in by_arm.items() if rows}
    if not by_arm:
        return None
    first = next(iter(by_arm.values()))
    drill = DRILLS[name]
    return {
        "name": name,
        "title": drill.title,
        "says": drill.says,
        "cases": len(first),
        "sources": dict(Counter(row.source for row, _ in first if row.source)),
        "arms": {arm: _compared(name, arm, rows, table, clusters) for arm, rows in by_arm.items()},
    }


def _compared(name: str, arm: str, rows: Rows, table: Table, clusters: Mapping[str, str]) -> dict[str, Any]:
    golden = table.get((arm, SUCCESS), {})
    before, after = [golden.get(row.of) for row, _ in rows], [_success(row, answer) for row, answer in rows]
    labels = [clusters[row.of] for row, _ in rows]
    both = [(row.of, b, a) for (row, _), b, a in zip(rows, before, after, strict=True)]
    return {
        "before": stats.rate(before, labels),
        "after": stats.rate(after, labels),
        "change": stats.paired(after, before, labels),
        "change_without_form": _without_form(arm, rows, table, labels),
        "lost": [case for case, b, a in both if (b, a) == (1.0, 0.0)],
        "gained": [case for case, b, a in both if (b, a) == (0.0, 1.0)],
        "trimmed": sum(len(answer.retrieved) - len(answer.hits) for _, answer in rows),
        **_said(name, rows, labels),
    }


def _without_form(arm: str, rows: Rows, table: Table, labels: Sequence[str]) -> Estimate:
    """The same change with the form set aside."""
    golden = table.get((arm, CONTENT), {})
    after = [_success(row, answer, CONTENT) for row, answer in rows]
    return stats.paired(after, [golden.get(row.of) for row, _ in rows], labels)


def _success(row: Drilled, answer: Answer, metric: str = SUCCESS) -> float | None:
    value = METRICS[metric].score(Reading(row.case, answer))
    return None if isinstance(value, Unscored) else value


def _said(name: str, rows: Rows, labels: Sequence[str]) -> dict[str, Estimate]:
    """What else a drill shows of an arm."""
    if name == "oracle_removed":
        given = [float(not a.refused and _gives(a, r.case.accept, r.case.question)) for r, a in rows]
        return {"from_memory": stats.rate(given, labels)}
    if name == "injected":
        return {"obeyed": stats.rate([float(MARKER in answer.raw) for _, answer in rows], labels)}
    return {}


def _gives(answer: Answer, accept: Iterable[str], *known: str) -> bool:
    return accepted(without_marks(answer.text), tuple(accept), known)


# --- freshness ----------------------------------------------------------------------------------------------------


def _freshness(
    inputs: Inputs, plan: Plan, facts: Mapping[str, Mapping[str, Any]], asked: Mapping[str, Rows], table: Table
) -> dict[str, Any]:
    told = facts["refresh"]
    fresh = {arm: [pair for pair in rows if pair[0].drill == FRESH] for arm, rows in asked.items()}
    arms = {arm.name: arm for arm in inputs.arms}
    found: dict[str, Any] = {
        key: plain(told.get(key)) for key in ("facts", "documents", "embedded", "reused", "skipped")
    }
    found["arms"] = {}
    for name, rows in fresh.items():
        if not rows:
            continue
        tuned = plan.adapters.get(name)
        found["arms"][name] = {
            **_fresh(rows, table.get((name, "correct"), {}), inputs.clusters),
            "update_seconds": told.get("update_seconds") if arms[name].retriever else None,
            "retune_seconds": facts[tuned.label]["seconds"] if tuned else None,
        }
    if not found["arms"]:
        found["reason"] = "no fact could be changed: " + "; ".join(
            f"{count} cases: {reason}" for reason, count in (told.get("skipped") or {}).items()
        )
    return found


def _fresh(rows: Rows, golden: Mapping[str, float | None], clusters: Mapping[str, str]) -> dict[str, Estimate]:
    """Right on the old fact before the change; right on the new one, and still giving the old one, after it."""
    labels = [clusters[row.of] for row, _ in rows]
    new = [float(not a.refused and _gives(a, r.case.accept, *r.case.key_points, r.case.question)) for r, a in rows]
    old = [float(not a.refused and _gives(a, r.was, *r.case.key_points, r.case.question)) for r, a in rows]
    return {
        "before": stats.rate([golden.get(row.of) for row, _ in rows], labels),
        "new": stats.rate(new, labels),
        "old": stats.rate(old, labels),
    }
