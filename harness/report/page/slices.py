"""Task success by slice of the golden set, and how far retrieval limits it: success with and without the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from harness.report.charts.quality import QUALITY, names
from harness.report.outcomes import ScoreTable
from harness.stats.numbers import show_estimate
from harness.types import CATEGORIES, KINDS, Case

RECALL = "recall@k"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """One arm: its task success where all evidence stood in the prompt, and where some of it did not."""

    arm: str
    with_evidence: str
    without_evidence: str


def slice_tables(record: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, ...]]]]:
    """(slice name, rows of value and one Estimate an arm): task success by category and by kind."""
    made = []
    for name, values in (record.get("slices") or {}).items():
        rows = [
            (value.replace("_", " "), *(show_estimate((by_arm.get(arm) or {}).get(QUALITY)) for arm in names(record)))
            for value, by_arm in values.items()
        ]
        if len(rows) > 1:
            made.append((name, rows))
    return made


KNOWN: Mapping[str, Sequence[str]] = {"category": CATEGORIES, "kind": KINDS}


def empty_slices(record: Mapping[str, Any]) -> dict[str, str]:
    """slice name -> what has no test case: of those this run says nothing, and the page says that."""
    said = {}
    for name, values in (record.get("slices") or {}).items():
        missing = [value.replace("_", " ") for value in KNOWN.get(name, ()) if value not in values]
        if missing:
            said[name] = f"No test case of {name} {', '.join(missing)}: nothing is known about them."
    return said


def ceilings(record: Mapping[str, Any], scores: ScoreTable, cases: Sequence[Case]) -> list[Ceiling]:
    """One row an arm that was shown passages; cases without evidence are no part of it."""
    made = []
    for arm in names(record):
        split: dict[bool, list[float]] = {True: [], False: []}
        for case in cases:
            found = scores.get((case.id, arm), {})
            recall, success = (found[m].value if m in found else None for m in (RECALL, QUALITY))
            if recall is not None and success is not None:
                split[recall >= 1.0].append(success)
        if split[True] or split[False]:
            made.append(Ceiling(arm, _rate(split[True]), _rate(split[False])))
    return made


def _rate(values: Sequence[float]) -> str:
    """The share of successes with its exact interval."""
    from harness.stats import rate

    return show_estimate(asdict(rate(values))) if values else "no such question"
