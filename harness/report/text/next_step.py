"""The next thing to do after a run, in one line: a command, and what it is for."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from harness.record.sections import Record
from harness.report.losses import could_win
from harness.types import VerdictWord
from harness.verdict.gates import MOST_MORE
from harness.verdict.status import STATUSES

AFTER: Mapping[VerdictWord, str] = {
    "GO": "harness bless {run}   (pins this run, so that later ones are held against it)",
    "NO-GO": "harness run {scenario} --dry-run   (after a change; every answer stands in report.html)",
    "NOT PROVEN": "read the answers in report.html: what is open is too near its threshold for more questions to help",
}


def next_step(record: Record) -> str:
    """A fix to try where a failure mode names one; more questions where a number of them settles what is open."""
    words = shlex.split(record.command)
    scenario = shlex.quote(words[2]) if words[1:2] == ["run"] and len(words) > 2 else record.scenario.id
    if record.verdict.word != "GO":
        modes = (row for row in record.diagnosis if row.change and row.tried is None and row.wins != 0)
        mode = next(modes, None)
        if mode is not None:
            effect = f"; {could_win(mode)}" if could_win(mode) else ""
            return f"harness run {scenario} --try-fix {mode.mode}   ({mode.title}: {mode.setting}{effect})"
        count = _enough(record)
        if record.verdict.word == "NOT PROVEN" and count is not None:
            return f"about {count:,} questions in all would settle what is open   (harness golden import ... --add)"
    return AFTER[record.verdict.word].format(scenario=scenario, run=record.run_id)


def _enough(record: Record) -> int | None:
    """Questions that settle every open gate; None where one of them is not settled by so many as are advice."""
    gates = [gate for gate in record.verdict.gates if not STATUSES[gate.status].holds]
    counts = [
        gate.n_needed
        for gate in gates
        if gate.n_needed and gate.estimate and gate.counts == "questions"
        and gate.n_needed <= MOST_MORE * gate.estimate.n
    ]  # fmt: skip
    return max(counts) if counts and len(counts) == len(gates) else None
