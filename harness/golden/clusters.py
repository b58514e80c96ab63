"""Clusters for paired statistics: cases about one document, or about versions of one, are not independent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from harness.stats import clusters_of
from harness.types import Case, Document, Passage


def case_clusters(cases: Sequence[Case], documents: Iterable[Document | Passage]) -> dict[str, str]:
    """Cluster label by case id: a connected set of documents and their versions; unanswerable cases by `source`.

    Evidence that names a passage counts as naming the document it is from, where `documents` holds that passage.
    """
    from dataclasses import replace

    names = list(documents)
    parent = {item.id: item.doc for item in names if isinstance(item, Passage)}
    documented = [
        replace(case, evidence=tuple(replace(e, id=_document(e.id, parent)) if e.id else e for e in case.evidence))
        for case in cases
    ]
    return clusters_of(documented, version_pairs(names))


def version_pairs(documents: Iterable[Document | Passage]) -> list[tuple[str, str]]:
    """(newer, older) ids from the `supersedes` metadata, which names one or more documents, separated by commas.

    A name without a folder means a document in the folder of the newer one.
    """
    names = list(documents)
    ids = {_id(item) for item in names}
    return [
        (_id(item), _beside(_id(item), name.strip(), ids))
        for item in names
        for name in item.metadata.get("supersedes", "").split(",")
        if name.strip()
    ]


def _id(item: Document | Passage) -> str:
    return item.doc if isinstance(item, Passage) else item.id


def _document(id: str, parent: dict[str, str]) -> str:
    return parent.get(id) or id.rpartition("#")[0] or id


def _beside(newer: str, name: str, ids: set[str]) -> str:
    beside = str(PurePosixPath(newer).parent / name)
    return beside if name not in ids and beside in ids else name
