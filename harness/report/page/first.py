"""The first screen: the verdict, three numbers, advice beside measurement, and what would settle what is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.report.charts.forest import GateRow, forest
from harness.report.page.matrix import REFERENCE, pair_table
from harness.stats.numbers import Figure, figure, show, show_interval, show_n

WORDS = {"GO": ("ok", "go"), "NO-GO": ("no", "no-go"), "NOT PROVEN": ("open", "open")}  # word -> symbol, CSS class
ADVICE = {"rag": "RAG", "fine_tune": "fine-tuning", "both": "both", "rag_first": "RAG first, tuning later"}
ROOM = 5  # gates that the first screen lists
AGREEMENT = {"agrees": "They agree", "disagrees": "They disagree"}


P95 = "p95 latency against RAG-only"
ITSELF = "the candidate is RAG-only itself"


@dataclass(frozen=True, slots=True)
class Key:
    """One of the three numbers."""

    title: str
    value: Figure | None
    interval: str
    against: str  # what it is compared with, and n
    gate: GateRow | None
    missing: str  # why there is no value


@dataclass(frozen=True, slots=True)
class First:
    word: str
    symbol: str
    css: str
    sentence: str
    keys: tuple[Key, ...]
    advised: str
    measured: str
    agreement: str
    agreement_reason: str
    failed: tuple[GateRow, ...]
    unsettled: tuple[GateRow, ...]
    left_out: int  # failed or unsettled gates that this screen has no room for
    notes: tuple[str, ...]
    warnings: tuple[str, ...]  # what keeps this run from counting: partial, test double


def first(record: Mapping[str, Any]) -> First:
    """The first screen's content from the record alone."""
    verdict = record["verdict"]
    rows = {row.name: row for row in forest(verdict["gates"]).rows}
    failed = [row for row in rows.values() if row.status == "fail"]
    unsettled = [row for row in rows.values() if row.status in ("not proven", "not measured")]
    symbol, css = WORDS[verdict["word"]]
    advised = verdict.get("advised")
    return First(
        word=verdict["word"],
        symbol=symbol,
        css=css,
        sentence=verdict["sentence"],
        keys=(_gain(record, rows), _grounded(record, rows), _latency(record, rows)),
        advised=ADVICE.get(advised, str(advised))
        if advised
        else "nothing: this scenario has no answers to the nine questions",
        measured=f"ship {verdict['ship']}" if verdict.get("ship") else "ship none of these arms",
        agreement=AGREEMENT.get(verdict["agreement"], "They cannot be compared"),
        agreement_reason=verdict["agreement_reason"],
        failed=tuple(failed[: ROOM - 2]),
        unsettled=tuple(unsettled[: ROOM - min(len(failed), ROOM - 2)]),
        left_out=max(0, len(failed) - (ROOM - 2)) + max(0, len(unsettled) - (ROOM - min(len(failed), ROOM - 2))),
        notes=tuple(verdict.get("notes", ())),
        warnings=tuple(warnings(record)),
    )


def warnings(record: Mapping[str, Any]) -> list[str]:
    """Why this run may not count, in words."""
    found = []
    if record.get("test_double"):
        found.append(
            "Made with a test double instead of a model: the numbers mean nothing, and this run can never be GO."
        )
    if record.get("partial"):
        found.append(f"Only a part of the run: {record['partial']}. It can't be GO.")
    if record.get("complete") is False:
        found.append("The run was interrupted before its end. It can't be GO.")
    return found


def _gain(record: Mapping[str, Any], rows: Mapping[str, GateRow]) -> Key:
    candidate = record["verdict"]["candidate"]
    title = "Task success gained"
    gate = rows.get("task_success_gain")
    if candidate == REFERENCE:
        return Key(title, None, "", "", gate, ITSELF)
    found = pair_table(record.get("differences") or ()).get(("task_success", candidate, REFERENCE))
    estimate = found["estimate"] if found else None
    return _key(
        title, estimate, f"{candidate} against {REFERENCE}", gate, "RAG-only was not run beside it", signed=True
    )


def _grounded(record: Mapping[str, Any], rows: Mapping[str, GateRow]) -> Key:
    candidate = record["verdict"]["candidate"]
    estimate = (record.get("metrics") or {}).get(candidate, {}).get("groundedness")
    return _key(
        "Groundedness",
        estimate,
        f"{candidate}: claims with support",
        rows.get("groundedness"),
        "this arm is given no passages",
    )


def _latency(record: Mapping[str, Any], rows: Mapping[str, GateRow]) -> Key:
    candidate = record["verdict"]["candidate"]
    if candidate == REFERENCE:
        return Key(P95, None, "", "", rows.get("p95_ratio"), ITSELF)
    estimate = (record.get("latency_ratio") or {}).get(candidate)
    total = ((record.get("latency") or {}).get(candidate) or {}).get("total") or {}
    p95 = (total.get("p95") or {}).get("mean")
    beside = f"{candidate} p95 {show(p95, 'ms')}" if p95 is not None else candidate
    return _key(P95, estimate, beside, rows.get("p95_ratio"), "latency was not measured")


def _key(
    title: str,
    estimate: Mapping[str, Any] | None,
    against: str,
    gate: GateRow | None,
    missing: str,
    *,
    signed: bool = False,
) -> Key:
    if not estimate or estimate.get("mean") is None:
        return Key(title, None, "", "", gate, gate.reason if gate and gate.reason else missing)
    value = figure(estimate["mean"], estimate.get("unit") or "", signed=signed)
    interval = show_interval(estimate, signed=signed)
    return Key(title, value, interval, f"{against}, {show_n(estimate)}", gate, "")
