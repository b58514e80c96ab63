"""Forgetting for a terminal: the gate, every form of asking, every subject."""

from __future__ import annotations

from collections.abc import Iterator

from harness.characters import printable
from harness.record.measurements import AbilitySection
from harness.stats.numbers import show, show_estimate
from harness.types import Gate


def forgetting_text(gate: Gate, section: AbilitySection) -> str:
    """The lines that `harness forgetting` prints."""
    return "".join(
        f"{printable(line)}\n" for line in (f"{gate.status}: {gate.reason}", *_forms(section), *_subjects(section))
    )


def _forms(section: AbilitySection) -> Iterator[str]:
    for form in section.forms:
        yield f"{form.form}, chance {show(form.chance, 'fraction')}"
        likely = "" if form.likelihood is None else f"; the right choice {show_estimate(form.likelihood)}"
        yield f"  base: {show_estimate(form.base)} right{likely}"
        for arm, of in form.arms.items():
            change = "" if of.likelihood is None else f"; the right choice {show_estimate(of.likelihood, signed=True)}"
            yield f"  {arm}: {show_estimate(of.rate)} right, {show_estimate(of.accuracy, signed=True)}{change}"


def _subjects(section: AbilitySection) -> Iterator[str]:
    for items in section.arms.values():
        for row in items.subjects:
            yield f"  {row.subject}: {show_estimate(row.items.difference, signed=True)}"
