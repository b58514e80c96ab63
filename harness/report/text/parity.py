"""Parity as lines: the word first, then how many answers are whose, then the earliest departures."""

from __future__ import annotations

from harness.history.sameness import Sameness
from harness.stats.numbers import show_estimate

SHOWN = 5  # departures in full
LONGEST = 80  # characters of an answer


def parity_text(outcome: Sameness) -> str:
    """The text that `harness parity` prints."""
    lines = [
        outcome.says,
        f"served as measured:         {show_estimate(outcome.same)}",
        f"served as the base answers: {show_estimate(outcome.as_base)}",
        f"questions that tell the two apart: {outcome.telling}; served as the base: {outcome.telling_as_base} of them",
    ]
    lines += [f"without an answer in one of them: {outcome.unanswered}"] if outcome.unanswered else []
    for row in outcome.departures[:SHOWN]:
        whose = " (the base's answer)" if row.as_base else ""
        lines += [f"{row.case}: token {row.token} differs{whose}", f"  measured: {_short(row.reference)}"]
        lines += [f"  served:   {_short(row.served)}"]
    more = len(outcome.departures) - SHOWN
    return "\n".join([*lines, *([f"and {more} more: --json has them all"] if more > 0 else [])])


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
