"""Which cases belong together: those whose answers stand or fall with the same document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harness.types import Case


def clusters_of(
    cases: Iterable[Case],
    versions: Iterable[tuple[str, str]] = (),
    documents: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Cluster label by case id: cases that share a document, or versions of one, however indirectly, are together.

    `versions` holds pairs of document ids of which one replaces the other; `documents` gives the document of a
    passage id, where evidence names passages. A case without evidence belongs to its `source`; a case without either
    is a cluster of its own.
    """
    from scipy.cluster.hierarchy import DisjointSet

    joined: Any = DisjointSet()
    first: dict[str, str] = {}
    for case in cases:
        named = _documents(case, documents or {})
        _join(joined, named)
        first[case.id] = named[0]
    for pair in versions:
        _join(joined, pair)
    return {case: min(joined.subset(document)) for case, document in first.items()}


def _documents(case: Case, documents: Mapping[str, str]) -> list[str]:
    named = [e.doc if e.doc is not None else documents.get(e.id or "", e.id or "") for e in case.evidence]
    return named or [case.source if case.source is not None else f"case {case.id}"]


def _join(joined: Any, documents: Sequence[str]) -> None:
    for document in documents:
        joined.add(document)
        joined.merge(documents[0], document)
