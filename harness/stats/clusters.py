"""Which cases belong together: those whose answers stand or fall with the same document."""

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
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    first: dict[str, str] = {}
    edges: list[tuple[str, str]] = list(versions)
    for case in cases:
        named = _documents(case, documents or {})
        first[case.id] = named[0]
        edges += [(named[0], other) for other in named]
    known = sorted({document for edge in edges for document in edge})
    at = {document: index for index, document in enumerate(known)}
    ends = [[at[one] for one, _ in edges], [at[other] for _, other in edges]]
    joined = coo_array(([True] * len(edges), ends), shape=(len(known), len(known)))
    labels = connected_components(joined, directed=False)[1]
    smallest: dict[int, str] = {}
    for document, label in zip(known, labels, strict=True):
        smallest.setdefault(label, document)
    return {case: smallest[labels[at[document]]] for case, document in first.items()}


def _documents(case: Case, documents: Mapping[str, str]) -> list[str]:
    named = [e.doc if e.doc is not None else documents.get(e.id or "", e.id or "") for e in case.evidence]
    return named or [case.source if case.source is not None else f"case {case.id}"]
