"""The waterfall of lost questions as lines of a terminal, and what to fix first."""

from __future__ import annotations

from harness.record.sections import Record
from harness.report.losses import Falls, could_win, falls
from harness.report.text.layout import WIDTH, blocks, paragraph

MOST_MODES = 3


def loss_lines(record: Record, width: int = WIDTH) -> list[str]:
    """Lines of at most `width` columns; none where the candidate lost nothing, or the record is an earlier one."""
    table = falls(record)
    if table is None or table.main is None:
        return []
    rows = {"lost questions": [f"{arm} ({role})" for arm, role in table.heads]}
    rows |= {f"  {row.title}": [str(cell.count) for cell in row.cells] for row in table.rows}
    texts = [f"({note})" for note in notes(table)]
    texts += first_fixes(record)
    return [*blocks(rows, width), *(line for text in texts for line in paragraph(text, width, "  ", "    "))]


def notes(table: Falls) -> list[str]:
    """What the classes rest on, where questions name no evidence."""
    if not table.by_answer:
        return []
    return [f"{table.by_answer} of the lost name no evidence: a passage with an accepted answer counts as it"]


def first_fixes(record: Record) -> list[str]:
    """The failure modes whose fixes could win most of the questions that failed; where none could, the others."""
    modes = [mode for mode in record.diagnosis if mode.wins] or record.diagnosis
    return [
        f"{'fix first' if i == 0 else 'then'}: {mode.title} ({mode.arm}): {could_win(mode) or mode.symptom}"
        for i, mode in enumerate(modes[:MOST_MODES])
    ]
