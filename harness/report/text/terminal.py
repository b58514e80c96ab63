"""The outcome of a run for a terminal: the verdict, the arms with intervals, the open gates. Text, 100 columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MARKS = {"pass": "+", "fail": "x", "not proven": "?", "not applicable": "-", "not measured": "?"}
ROWS = (
    ("task_success", "task success"),
    ("correct", "correct"),
    ("groundedness", "groundedness"),
    ("hallucination", "hallucination"),
    ("schema", "schema adherence"),
    ("repair", "repair rate"),
    ("refusal_right", "refusals right"),
)


def outcome(record: Mapping[str, Any]) -> str:
    """Several lines: what to ship and why, arms x metrics, gates."""
    verdict = record["verdict"]
    lines = [f"{verdict['word']}: {verdict['sentence']}", "", *table(record), ""]
    lines += [_gate(gate) for gate in verdict["gates"]]
    advised = verdict["advised"]
    said = (
        f"the checklist said {advised}: {verdict['agreement']}" if advised else "no checklist answers in the scenario"
    )
    lines += ["", f"{said} ({verdict['agreement_reason']})"]
    lines += [f"tried: {fix['says']}" for fix in record.get("fixes") or ()]
    return "\n".join([*lines, *(f"note: {note}" for note in verdict["notes"])])


def table(record: Mapping[str, Any]) -> list[str]:
    """Arms as columns, metrics as rows; rates in percent with their 95 % intervals."""
    arms = [arm["name"] for arm in record["arms"]]
    lines = [f"{'test split':<18}" + "".join(f"{arm:>18}" for arm in arms)]
    for metric, title in ROWS:
        cells = [_cell(_found(record, arm, metric)) for arm in arms]
        if any(cell != "n/a" for cell in cells):
            lines.append(f"{title:<18}" + "".join(f"{cell:>18}" for cell in cells))
    latency = [record["latency"].get(arm, {}).get("total", {}).get("p95", {}).get("mean") for arm in arms]
    lines.append(f"{'p95 latency':<18}" + "".join(f"{_ms(value):>18}" for value in latency))
    return lines


def _found(record: Mapping[str, Any], arm: str, metric: str) -> Mapping[str, Any] | None:
    form: Mapping[str, Any] | None = (record["forms"].get(arm) or {}).get(metric)
    return form if form is not None else record["metrics"].get(arm, {}).get(metric)


def _cell(estimate: Mapping[str, Any] | None) -> str:
    if estimate is None:
        return "n/a"
    if estimate["mean"] is None:
        return "unknown"
    if estimate["low"] is None or estimate["high"] is None:
        return f"{100 * estimate['mean']:.1f}"
    return f"{100 * estimate['mean']:.1f} [{100 * estimate['low']:.1f} {100 * estimate['high']:.1f}]"


def _ms(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.0f} ms"


def _gate(gate: Mapping[str, Any]) -> str:
    needed = f"; about {gate['n_needed']} would settle it" if gate["n_needed"] else ""
    return f" {MARKS[gate['status']]} {gate['title']}: {gate['status']} ({gate['reason']}{needed})"
