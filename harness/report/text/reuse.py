"""Answers of earlier runs, as lines: how many, and of a server how old, for its model may have been replaced since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from harness.record.sections import ArmSection, AskedSection, Record
from harness.stats.numbers import show_count


def reused_answers(record: Record, *, everything: bool, at: datetime | None = None) -> Iterator[str]:
    """A line an arm whose answers, or some of them, were taken from the cache.

    Args:
        everything: nothing was done in this call, so that all answers were; else the record's stages say which.
        at: the time to count from; None: now.
    """
    cached = {stage.arm for stage in record.stages if stage.name == "generate" and stage.cached}
    for arm in record.arms:
        if arm.asked is not None and (everything or arm.name in cached):
            yield f"answers of {arm.name}: reused from {age(arm.asked, at)}"
        elif arm.earlier and not (everything or arm.name in cached):
            yield f"answers of {arm.name}: {earlier_answers(arm)}{f', from {age(arm.asked, at)}' if arm.asked else ''}"


def earlier_answers(arm: ArmSection) -> str:
    """The answers of earlier runs among an arm's: `105 answers of an earlier run, ...`."""
    return f"{show_count(arm.earlier, 'answer')} of an earlier run, to the same prompt by the same model"


def age(answers: AskedSection, at: datetime | None = None) -> str:
    """Since when a server's answers are there: `2026-11-20, 8 days old`."""
    first = datetime.fromisoformat(answers.first)
    days = ((at or datetime.now(UTC)) - first).days
    return f"{first.date()}, {'today' if days < 1 else '1 day old' if days == 1 else f'{days} days old'}"
