"""A verdict as lines: word and sentence, the gates, the advice, what to keep in mind."""

from __future__ import annotations

from collections.abc import Sequence

from harness.marks import APART
from harness.record.sections import Record
from harness.report.first.sentence import first_sentence
from harness.report.text.layout import WIDTH, paragraph
from harness.types import Gate
from harness.verdict.status import STATUSES

NAMES = max(map(len, STATUSES))
INDENT = " " * (NAMES + 3)  # under a gate's title


def verdict_text(record: Record, width: int = WIDTH) -> str:
    """The text that `harness gate` prints of a record as it was judged."""
    verdict = record.verdict
    lines = [*verdict_lines(record, width), "", *gate_lines(verdict.gates, width), ""]
    lines += paragraph(f"advice: {verdict.agreement}: {verdict.agreement_reason}", width, indent="  ")
    return "\n".join([*lines, *note_lines(verdict.notes, width)])


def verdict_lines(record: Record, width: int = WIDTH) -> list[str]:
    """The word and the page's one sentence."""
    return paragraph(f"{record.verdict.word}: {first_sentence(record)}", width)


def note_lines(notes: Sequence[str], width: int = WIDTH) -> list[str]:
    return [line for note in notes for line in paragraph(f"note: {note}", width, indent="  ")]


def gate_lines(gates: Sequence[Gate], width: int = WIDTH) -> list[str]:
    """A gate as mark, status, title and key, its reason below; those that do not apply share a line at the end."""
    apart = [gate.name for gate in gates if gate.status == "not applicable"]
    lines = [line for gate in gates if gate.status != "not applicable" for line in _lines(gate, width)]
    if apart:
        first = f"{APART} {'not applicable':<{NAMES}} "
        lines += paragraph(", ".join(apart), width, first, INDENT)
    return lines


def _lines(gate: Gate, width: int) -> list[str]:
    more = f" (settled by about {gate.n_needed:,} in all)" if gate.n_needed else ""
    head = paragraph(
        f"{gate.title} [{gate.name}]", width, f"{STATUSES[gate.status].mark} {gate.status:<{NAMES}} ", INDENT
    )
    return [*head, *paragraph(f"{gate.reason}{more}", width, INDENT, INDENT)]
