"""The drill-down's data: every question, answer, passage and score once, as one value that the page's script reads.

Passages are shared by arms, reasons and metric names by traces; an answer's raw text is left out where it is the text
itself. That keeps 120 questions × 5 arms far below the page's 3 MB.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.report.charts.vega import slots
from harness.report.outcomes import INDEX, OUTCOMES, ScoreTable
from harness.report.page.matrix import GROUPS
from harness.types import Answer, Case, Evidence, Score, Trace


class Interned:
    """Values in order of first use, each once."""

    def __init__(self) -> None:
        self.index: dict[Any, int] = {}

    def of(self, value: Any) -> int:
        return self.index.setdefault(value, len(self.index))


def payload(
    record: Mapping[str, Any],
    traces: Sequence[Trace],
    scores: ScoreTable,
    cases: Sequence[Case],
    outcomes: Mapping[tuple[str, str], str],
    prompts: Mapping[str, Any],
) -> dict[str, Any]:
    """Everything that the drill-down shows, as plain JSON (probes left out)."""
    arms = [arm["name"] for arm in record["arms"]]
    metrics = _in_order({name for row in scores.values() for name in row})
    passages, reasons = Interned(), Interned()
    by_case: dict[str, dict[str, Trace]] = {}
    for trace in traces:
        if not trace.probe:
            by_case.setdefault(trace.case_id, {})[trace.arm] = trace

    def row(case_id: str, arm: str) -> dict[str, Any] | None:
        trace = by_case[case_id].get(arm)
        if trace is None:
            return None
        found = scores.get((case_id, arm), {})
        shown = _scores(found, metrics, reasons)
        return {"o": INDEX[outcomes[case_id, arm]], **_trace(trace, passages), **shown}

    known = [case for case in cases if case.id in by_case] or [Case(name, "") for name in by_case]
    rows = [{**_case(case), "t": [row(case.id, arm) for arm in arms]} for case in known]
    of = slots(arms)
    return {
        "arms": [[arm, of[arm]] for arm in arms],
        "candidate": record["verdict"]["candidate"],
        "outcomes": [[o.key, o.label, o.good, o.says] for o in OUTCOMES],
        "metrics": [[name, _titles().get(name, name.replace("_", " ")), "tokens" in name] for name in metrics],
        "reasons": list(reasons.index),
        "passages": [list(item) for item in passages.index],
        "prompts": prompts,
        "cases": rows,
        "changed": record.get("changed") or None,
    }


def _in_order(present: set[str]) -> list[str]:
    """Metric names in the matrix's order, the others after them."""
    known = [name for name in _titles() if name in present]
    return known + sorted(present - set(known))


def _titles() -> dict[str, str]:
    return {row.name: row.title for _, rows in GROUPS for row in rows}


def _case(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "q": case.question,
        "kind": case.kind,
        "category": case.category,
        "split": case.split,
        "accept": list(case.accept),
        "points": list(case.key_points),
        "evidence": [_evidence(item) for item in case.evidence],
        "by": case.verified_by or "",
    }


def _evidence(item: Evidence) -> list[str]:
    return [item.id] if item.id is not None else [item.doc or "", item.quote or ""]


def _trace(trace: Trace, passages: Interned) -> dict[str, Any]:
    answer = trace.answer
    if answer is None:
        return {"e": trace.error}
    hits = [passages.of((h.passage.id, h.passage.doc, h.passage.title, h.passage.text)) for h in answer.hits]
    row: dict[str, Any] = {
        "t": answer.text,
        "c": list(answer.cited),
        "h": hits,
        "k": [answer.prompt_tokens, answer.completion_tokens],
    }
    if answer.raw != answer.text:
        row["r"] = answer.raw
    marks = _marks(answer)
    return {**row, "m": marks} if marks else row


def _marks(answer: Answer) -> list[str]:
    """What is to be said about the form, in words."""
    trimmed = len(answer.retrieved) - len(answer.hits)
    said = [
        ("repaired", answer.form.repaired and answer.form.valid),
        (f"form: {answer.form.error}", answer.form.error is not None),
        ("refused", answer.refused),
        ("cut off at the token limit", answer.truncated),
        (f"{trimmed} retrieved passages did not fit", trimmed > 0),
    ]
    return [words for words, holds in said if holds]


def _scores(found: Mapping[str, Score], metrics: Sequence[str], reasons: Interned) -> dict[str, Any]:
    """`s`: a value (or null) for each metric; `w`: for the nulls, which reason."""
    values = [_short(found[name].value) if name in found else None for name in metrics]
    why = {
        str(i): reasons.of(found[name].reason) for i, name in enumerate(metrics) if name in found and found[name].reason
    }
    return {"s": values, "w": why}


def _short(value: float | None) -> float | int | None:
    if value is None:
        return None
    return int(value) if value == int(value) else round(value, 4)
