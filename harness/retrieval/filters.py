"""Metadata filters: which passages a question may find.

`{"owner": "billing", "status": ["current", "draft"], "doc": "policies/", "from": "2026-01-01"}`
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.errors import InputError
from harness.scenario.settings import FilterValue
from harness.types import Passage

Filter = FilterValue | tuple[FilterValue, ...]  # a bound, or values of which any will do
Filters = Mapping[str, Filter]


def matching_rows(passages: Sequence[Passage], filters: Filters) -> list[int] | None:
    """Rows of the passages that satisfy every filter; None where there is no filter.

    `doc` is a document id or the beginning of one, `from` and `to` bound the timestamp (ISO, both included); any other
    name is a metadata key. A list of values means any of them.

    Raises:
        InputError: no passage at all satisfies the filters.
    """
    if not filters:
        return None
    rows = [row for row, passage in enumerate(passages) if all(_holds(passage, *item) for item in filters.items())]
    if not rows:
        keys = sorted({key for passage in passages for key in passage.metadata})
        raise InputError(
            f"retrieval.filters {dict(filters)}: no passage matches; metadata keys: {', '.join(keys) or 'none'}"
        )
    return rows


def _holds(passage: Passage, name: str, bound: Filter) -> bool:
    if name == "from":
        return passage.timestamp is not None and passage.timestamp >= str(bound)
    if name == "to":
        # a day bounds all of it: 2026-03-02 includes 2026-03-02T14:00
        return passage.timestamp is not None and passage.timestamp[: len(str(bound))] <= str(bound)
    values = [str(value) for value in (bound if isinstance(bound, tuple) else [bound])]
    if name == "doc":
        return any(passage.doc.startswith(value) for value in values)
    return passage.metadata.get(name) in values
