"""The run as Markdown: the step summary of a CI job. Verdict, gates, arms against RAG-only, what is open."""

from __future__ import annotations

from harness.record.sections import Record
from harness.report.charts.forest import ShownGate
from harness.report.escape import clean
from harness.report.headline import Headline, headline
from harness.report.matrix import Cell, matrix
from harness.verdict.status import STATUSES

LEFT_OUT = ("Refusals", "Retrieval", "Size")  # groups of the matrix that a summary has no room for


def render_markdown(record: Record) -> str:
    """A summary of the record for people who look at a CI job."""
    screen = headline(record)
    lines = [
        f"# {screen.row.sign} {screen.word}: {cell(record.scenario.title)}",
        "",
        cell(screen.sentence),
        "",
        *(f"> {warning}\n" for warning in screen.warnings),
        f"The checklist said **{cell(screen.advised)}**, the measurement says **{cell(screen.measured)}**. "
        f"{screen.agreement}: {cell(screen.agreement_reason)}",
        "",
        *_gates(screen),
        "",
        *_arms(record),
        "",
        *[f"- {cell(note)}" for note in screen.notes],
        "",
        f"Run `{record.run_id}`, {record.created}: `{cell(record.command)}`",
    ]
    return "\n".join(lines) + "\n"


def _gates(screen: Headline) -> list[str]:
    head = [
        "## Gates",
        "",
        "| | gate | measured | 95 % interval | threshold | to settle it |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    return head + [f"| {' | '.join(_gate(row))} |" for row in screen.forest.rows]


def _gate(row: ShownGate) -> tuple[str, ...]:
    status = f"{STATUSES[row.status].sign} {row.status}"
    return status, f"{cell(row.title)} `{row.name}`", row.value, row.interval or "–", row.threshold, row.more or "–"


def _arms(record: Record) -> list[str]:
    arms = record.arm_names
    head = ["## Arms", "", f"| metric | {' | '.join(map(cell, arms))} |", "| --- |" + " --- |" * len(arms)]
    lines = [
        f"| {cell(line.row.title)} | {' | '.join(_figure(c) for c in line.cells)} |"
        for block in matrix(record)
        if block.title not in LEFT_OUT
        for line in block.lines
    ]
    note = ["", "Difference to RAG-only in brackets; **bold** only where it holds after Holm's correction."]
    return head + lines + note if lines else []


def _figure(of: Cell) -> str:
    if of.value is None:
        return "–"
    if not of.delta:
        return str(of.value)
    return f"{of.value} (**{of.delta}**)" if of.real else f"{of.value} ({of.delta})"


def cell(text: str) -> str:
    """Text of others as one table cell that can hold neither markup nor a new row."""
    flat = " ".join(clean(text).split())
    for sign in "\\`*_[]<>|#":
        flat = flat.replace(sign, "&lt;" if sign == "<" else "&gt;" if sign == ">" else f"\\{sign}")
    return flat
