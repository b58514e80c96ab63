"""The run as Markdown: the step summary of a CI job. Verdict, gates, arms against RAG-only, what is open."""

from __future__ import annotations

import re

from harness.characters import printable
from harness.record.sections import Record
from harness.report.charts.forest import ShownGate
from harness.report.headline import Headline, headline
from harness.report.losses import falls
from harness.report.matrix import Cell, matrix
from harness.report.text.losses import first_fixes, notes
from harness.verdict.status import STATUSES

SIGNS = {"<": "&lt;", ">": "&gt;"}
JOINER = "\u2060"
_ACTS = re.compile(r"@(?=\w)|(?<=:)//(?=\S)|\bwww\.(?=\S)", re.IGNORECASE)
_BEGINS_A_LIST = re.compile(r"^(\d*)([.)+=-])(?=[\s=-]|$)")
LEFT_OUT = ("Refusals", "Retrieval", "Size")  # groups of the matrix that a summary has no room for


def render_markdown(record: Record) -> str:
    """A summary of the record for people who look at a CI job."""
    screen = headline(record)
    lines = [
        f"# {screen.row.sign} {screen.word}: {cell(record.scenario.title)}",
        "",
        cell(screen.sentence),
        "",
        *(f"> {cell(warning)}\n" for warning in screen.warnings),
        *_advice(screen),
        *_gates(screen),
        "",
        *_arms(record),
        "",
        *_losses(record),
        *[f"- {cell(note)}" for note in record.verdict.notes],
        "",
        f"Run {code(record.run_id)}, {cell(record.created)}: {code(record.command)}",
    ]
    return "\n".join(lines) + "\n"


def _advice(screen: Headline) -> list[str]:
    advice = screen.checklist
    if advice is None:
        return []
    advised = f"Nine questions answered beforehand advised: **{cell(advice.advised)}**. "
    return [f"{advised}Measured: **{cell(advice.measured)}**. {cell(advice.compared)}", ""]


def comment_mark(record: Record) -> str:
    """The line by which the comment of a scenario is found again; Markdown shows nothing of it."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", record.scenario.id).replace("--", "-")
    return f"<!-- harness: {name} -->"


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
    figures = (row.value, row.interval or "–", row.threshold, row.more or "–")
    return status, f"{cell(row.title)} {code(row.name, table=True)}", *map(cell, figures)


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


def _losses(record: Record) -> list[str]:
    """The lost questions, class by class, and what to fix first; nothing where none is lost or known."""
    table = falls(record)
    if table is None or table.main is None:
        return []
    heads = (cell(f"{arm} ({role})") for arm, role in table.heads)
    lines = ["## Lost questions", "", f"| | {' | '.join(heads)} |", "| --- |" + " ---: |" * len(table.heads)]
    for row in table.rows:
        counts = (f"{c.count} · {c.share}" if c.share else str(c.count) for c in row.cells)
        lines.append(f"| {cell(row.title)} | {' | '.join(counts)} |")
    remarks = [f"{cell(note)}." for note in notes(table)]
    return [*lines, "", *remarks, *([""] if remarks else []), *(f"- {cell(line)}" for line in first_fixes(record)), ""]


def _figure(of: Cell) -> str:
    if of.value is None:
        return "–"
    if not of.delta:
        return str(of.value)
    return f"{of.value} (**{of.delta}**)" if of.real else f"{of.value} ({of.delta})"


def cell(text: str) -> str:
    """Text of others as one table cell: it holds no markup, no new row, no link, and calls nobody by name.

    What a renderer would act on after escapes are resolved (`@name`, `https://`) is kept apart by a joiner of no width.
    """
    flat = " ".join(printable(text).split()).replace("&", "&amp;")
    for sign in "\\`*_[]<>|#~":
        flat = flat.replace(sign, SIGNS.get(sign, f"\\{sign}"))
    flat = _BEGINS_A_LIST.sub(r"\1\\\2", flat)
    return _ACTS.sub(lambda match: f"{match[0]}{JOINER}", flat)


def code(text: str, table: bool = False) -> str:
    """Text of others as a code span that nothing in it can end; in a table, that no bar in it can divide."""
    flat = " ".join(printable(text).split())
    flat = flat.replace("|", "\\|") if table else flat
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", flat)), default=0))
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}" if flat else ""
