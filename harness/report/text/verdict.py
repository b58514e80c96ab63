"""A verdict as lines: word and sentence, a line a gate, the advice, what to keep in mind."""

from __future__ import annotations

from collections.abc import Sequence

from harness.types import Gate, Verdict
from harness.verdict.status import STATUSES


def verdict_text(verdict: Verdict) -> str:
    """The text that `harness gate` prints."""
    lines = [f"{verdict.word}: {verdict.sentence}", "", *gate_lines(verdict.gates)]
    lines += ["", f"advice: {verdict.agreement}: {verdict.agreement_reason}"]
    return "\n".join([*lines, *(f"note: {note}" for note in verdict.notes)])


def gate_lines(gates: Sequence[Gate]) -> list[str]:
    """A line a gate, in columns: mark, status, title and key, reason."""
    width = max((len(_title(gate)) for gate in gates), default=0)
    return [_line(gate, width) for gate in gates]


def _line(gate: Gate, width: int) -> str:
    more = f" (settled by about {gate.n_needed:,} in all)" if gate.n_needed else ""
    return f"{STATUSES[gate.status].mark} {gate.status:<14} {_title(gate):<{width}}  {gate.reason}{more}"


def _title(gate: Gate) -> str:
    """Its title with the key that sets it."""
    return f"{gate.title} [{gate.name}]"
