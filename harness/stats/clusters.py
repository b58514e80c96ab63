"""Clusters of cases: those whose answers stand or fall with the same document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
    first: dict[str, str] = {}
    edges: list[tuple[str, str]] = list(versions)
    for case in cases:
        names = _documents(case, documents or {})
        first[case.id] = names[0]
        edges += [(names[0], other) for other in names]
    together = _neighbours(edges)
    return {case: min(together[document]) for case, document in first.items()}


def _neighbours(edges: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """For every end of an edge all that it is connected with, itself included; the smaller side joins the larger.

    Plain sets, because `scipy.sparse` takes a fifth of the time of a command that only reads what was measured.
    """
    groups: dict[str, set[str]] = {}
    for edge in edges:
        less, more = sorted((groups.setdefault(end, {end}) for end in edge), key=len)
        if less is not more:
            more |= less
            groups.update(dict.fromkeys(less, more))
    return groups


def _documents(case: Case, documents: Mapping[str, str]) -> list[str]:
    names = [e.doc if e.doc is not None else documents.get(e.id or "", e.id or "") for e in case.evidence]
    return names or [case.source if case.source is not None else f"case {case.id}"]
