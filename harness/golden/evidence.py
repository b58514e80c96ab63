"""Evidence of golden cases that does not stand in the corpus."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence

from harness.types import Case, Document, Evidence, Passage


def unresolved(
    cases: Iterable[Case], documents: Sequence[Document], passages: Sequence[Passage] = ()
) -> Iterator[tuple[Case, str]]:
    """Yield (case, problem in words) for every evidence item that nothing in the corpus carries.

    Args:
        cases: golden cases.
        documents: the corpus, as people read it.
        passages: ready passages; an evidence string may be the id of one, or of the document it is from.
    """
    texts = _texts(documents, passages)
    ids = set(texts) | {passage.id for passage in passages}
    for case in cases:
        for item in case.evidence:
            problem = _problem(item, texts, ids)
            if problem is not None:
                yield case, problem


def _texts(documents: Sequence[Document], passages: Sequence[Passage]) -> dict[str, str]:
    """Document id -> its text with white space folded, so that a line break cannot hide a quote."""
    parts: dict[str, list[str]] = {document.id: [document.text] for document in documents}
    for passage in passages:
        parts.setdefault(passage.doc, []).append(passage.text)
    return {id: _folded("\n".join(texts)) for id, texts in parts.items()}


def _problem(item: Evidence, texts: dict[str, str], ids: set[str]) -> str | None:
    if item.id is not None:
        # a chunk's id is only known once the corpus is chunked; its document, written before '#', is known now
        known = item.id in ids or item.id.rpartition("#")[0] in texts
        return (
            None if known else f"evidence '{item.id}' is no document or passage of the corpus{_nearest(item.id, ids)}"
        )
    if item.doc not in texts:
        return f"evidence names document '{item.doc}', which the corpus does not have{_nearest(item.doc or '', texts)}"
    if item.quote is not None and _folded(item.quote) not in texts[item.doc]:
        return f"evidence quote {item.quote[:60]!r} does not stand in '{item.doc}'; copy it from the document's text"
    return None


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean '{near[0]}'?" if near else "; check the corpus folder"


def _folded(text: str) -> str:
    return " ".join(text.split())
