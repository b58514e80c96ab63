"""The same items asked of the base model and of an adapter on it: rates before and after, paired item by item.

[ItemOutcome("astronomy/17", "astronomy", 1.0), ...]    # a right answer, a refusal: whatever counts as 1
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import harness.stats as stats
from harness.errors import InputError
from harness.record.measurements import AdapterItems, PairedItems, Subject

Pair = tuple["ItemOutcome", "ItemOutcome"]  # before, after


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """One item, and what came of it."""

    id: str
    group: str  # subject or category
    value: float | None  # 1 or 0; None: there was no answer


def compare_outcomes(base: Sequence[ItemOutcome], adapter: Sequence[ItemOutcome]) -> AdapterItems:
    """One adapter beside the base, in all and by group, Holm over the groups.

    Raises:
        InputError: the adapter was asked other items than the base, or in another order.
    """
    if [item.id for item in base] != [item.id for item in adapter]:
        raise InputError("base and adapter were asked different items; run the scenario again")
    both = list(zip(base, adapter, strict=True))
    return AdapterItems(
        items=_pair_up(both),
        lost=tuple(before.id for before, after in both if (before.value, after.value) == (1.0, 0.0)),
        gained=tuple(before.id for before, after in both if (before.value, after.value) == (0.0, 1.0)),
        subjects=_by_group(both),
    )


def _by_group(both: Sequence[Pair]) -> tuple[Subject, ...]:
    names = sorted({before.group for before, _ in both})
    rows = [_pair_up([pair for pair in both if pair[0].group == name]) for name in names]
    adjusted = stats.holm([row.p for row in rows])
    return tuple(Subject(name, row, p) for name, row, p in zip(names, rows, adjusted, strict=True))


def _pair_up(both: Sequence[Pair]) -> PairedItems:
    """Rates before and after, their difference in points (after minus before), exact McNemar."""
    before, after = [item.value for item, _ in both], [item.value for _, item in both]
    changes = list(zip(before, after, strict=True))
    return PairedItems(
        n=len(both),
        base=stats.rate(before),
        adapter=stats.rate(after),
        difference=stats.paired(after, before),
        p=stats.mcnemar(gains=changes.count((0.0, 1.0)), losses=changes.count((1.0, 0.0))),
    )
