"""The run as Markdown: the step summary of a CI job. Verdict, gates, arms against RAG-only, what is open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.report.charts.forest import GateRow, forest
from harness.report.page.escape import clean
from harness.report.page.first import first
from harness.report.page.matrix import matrix

SIGNS = {"pass": "✅", "fail": "❌", "not proven": "🔶", "not measured": "⬜", "not applicable": "➖"}
WORD_SIGNS = {"GO": "✅", "NO-GO": "⛔", "NOT PROVEN": "🔶"}
SHOWN = ("Quality", "Grounding", "Form")  # groups of the matrix that a summary has room for


def render_markdown(record: Mapping[str, Any]) -> str:
    """A summary of the record for people who look at a CI job."""
    screen = first(record)
    scenario = record["scenario"]
    lines = [
        f"# {WORD_SIGNS[screen.word]} {screen.word}: {cell(scenario['title'])}",
        "",
        cell(screen.sentence),
        "",
        *(f"> {warning}\n" for warning in screen.warnings),
        f"The checklist said **{cell(screen.advised)}**, the measurement says **{cell(screen.measured)}**. "
        f"{screen.agreement}: {cell(screen.agreement_reason)}",
        "",
        *_gates(record),
        "",
        *_arms(record),
        "",
        *[f"- {cell(note)}" for note in screen.notes],
        "",
        f"Run `{record['run_id']}`, {record.get('created') or ''}: `{cell(record.get('command') or '')}`",
    ]
    return "\n".join(lines) + "\n"


def _gates(record: Mapping[str, Any]) -> list[str]:
    rows = forest(record["verdict"]["gates"]).rows
    head = [
        "## Gates",
        "",
        "| | gate | measured | 95 % interval | threshold | to settle it |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    return head + [f"| {' | '.join(_gate(row))} |" for row in rows]


def _gate(row: GateRow) -> tuple[str, ...]:
    status = f"{SIGNS[row.status]} {row.status}"
    return status, cell(row.title), row.value, row.interval or "–", row.threshold, row.more or "–"


def _arms(record: Mapping[str, Any]) -> list[str]:
    arms = [arm["name"] for arm in record["arms"]]
    head = ["## Arms", "", f"| metric | {' | '.join(map(cell, arms))} |", "| --- |" + " --- |" * len(arms)]
    lines = []
    for block in matrix(record):
        if block.title in SHOWN:
            for line in block.lines:
                lines.append(f"| {line.row.title} | {' | '.join(_figure(c) for c in line.cells)} |")
    note = ["", "Difference to RAG-only in brackets; **bold** only where it holds after Holm's correction."]
    return head + lines + note if lines else []


def _figure(found: Any) -> str:
    if found.value is None:
        return "–"
    if not found.delta:
        return str(found.value)
    return f"{found.value} (**{found.delta}**)" if found.real else f"{found.value} ({found.delta})"


def cell(text: str) -> str:
    """Text of others as one table cell that can hold neither markup nor a new row."""
    flat = " ".join(clean(text).split())
    for sign in "\\`*_[]<>|#":
        flat = flat.replace(sign, "&lt;" if sign == "<" else "&gt;" if sign == ">" else f"\\{sign}")
    return flat
