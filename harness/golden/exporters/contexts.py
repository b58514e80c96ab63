"""The texts that stand behind the evidence of golden cases: quotes, passages, documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.types import Case, Document, Evidence, Passage


@dataclass(frozen=True, slots=True)
class Contexts:
    """The texts of the cases' evidence, by case id."""

    texts: Mapping[str, tuple[str, ...]]
    ids: Mapping[str, tuple[str, ...]]  # evidence ids, only where every text is one passage's
    missing: tuple[str, ...]  # what to say of evidence that nothing carries


def contexts_of(cases: Sequence[Case], documents: Sequence[Document], passages: Sequence[Passage]) -> Contexts:
    """The texts of every case's evidence: a quote as it is, a passage or document by its id."""
    by_id = {document.id: document.text for document in documents} | {passage.id: passage.text for passage in passages}
    texts: dict[str, tuple[str, ...]] = {}
    ids: dict[str, tuple[str, ...]] = {}
    missing: list[str] = []
    for case in cases:
        pairs = [(item, _text(item, by_id)) for item in case.evidence]
        absent = [item for item, text in pairs if text is None]
        missing += ["evidence whose text the corpus does not have was left out"] * bool(absent)
        present = [(item, text) for item, text in pairs if text is not None]
        texts[case.id] = tuple(dict.fromkeys(text for _, text in present))
        own_ids = tuple(item.id for item, _ in present if item.id is not None)
        ids[case.id] = own_ids if len(own_ids) == len(texts[case.id]) else ()
    return Contexts(texts, ids, tuple(missing))


def _text(item: Evidence, by_id: Mapping[str, str]) -> str | None:
    return item.quote if item.quote is not None else by_id.get(item.id or item.doc or "")
