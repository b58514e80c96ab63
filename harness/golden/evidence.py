"""Evidence of golden cases looked for in the corpus: what does not stand there, and what stands after folding only."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from harness.evidence.fold import fold, quote_parts, stands, without_breaks
from harness.evidence.names import DocumentNames, with_known_names
from harness.record.sections import SkippedFile
from harness.types import Case, Document, Evidence, Passage

MOST_NAMED = 3  # documents that a message lists
NEAR = 60.0  # of 100: how alike a text must be to be shown as what was perhaps meant
_SHOWN = 60  # signs of a quote that a message shows


def resolved(
    cases: Iterable[Case],
    documents: Sequence[Document],
    passages: Sequence[Passage] = (),
    skipped: Sequence[SkippedFile] = (),
) -> tuple[Case, ...]:
    """The cases with the documents of their evidence named as the corpus names them, where only one can be meant."""
    return with_known_names(cases, CorpusTexts(documents, passages, skipped).names)


def unresolved(
    cases: Iterable[Case],
    documents: Sequence[Document],
    passages: Sequence[Passage] = (),
    skipped: Sequence[SkippedFile] = (),
) -> Iterator[tuple[Case, str]]:
    """Yield (case, problem in words) for every evidence item that nothing in the corpus carries.

    Args:
        cases: golden cases.
        documents: the corpus, as people read it.
        passages: ready passages; an evidence string may be the id of one, or of the document it is from.
        skipped: files of the corpus that were not read, with the reason, which is that of evidence in them too.
    """
    corpus, reasons = CorpusTexts(documents, passages, skipped), {row.file: row.reason for row in skipped}
    for case in cases:
        for item in case.evidence:
            problem = corpus.problem(item)
            doc = (item.id or "").rpartition("#")[0] or item.id or item.doc or ""
            name = corpus.names.skipped_of(doc) if problem is not None else None
            if name is not None:
                problem = f"evidence names document '{name}', which was skipped: {reasons[name]}"
            if problem is not None:
                yield case, problem


@dataclass(frozen=True, slots=True)
class FoldedEvidence:
    """Evidence that stands in the corpus in another form only."""

    quotes: tuple[str, ...]  # file:line of each
    names: tuple[str, ...]


def in_another_form(
    cases: Iterable[Case],
    documents: Sequence[Document],
    passages: Sequence[Passage] = (),
    skipped: Sequence[SkippedFile] = (),
) -> FoldedEvidence:
    """Quotes that stand only after folding, and document names that the corpus writes otherwise."""
    corpus = CorpusTexts(documents, passages, skipped)
    quotes: list[str] = []
    names: list[str] = []
    for case in cases:
        for item in case.evidence:
            doc = corpus.names.of(item.doc) if item.doc is not None else None
            if item.id is not None and corpus.of_id(item.id) not in (None, item.id):
                names.append(case.where)
            if doc is not None and doc != item.doc:
                names.append(case.where)
            text = corpus.texts.get(doc or "")
            if text is not None and item.quote is not None and without_breaks(item.quote) not in without_breaks(text):
                quotes += [case.where] * stands(item.quote, text)
    return FoldedEvidence(tuple(quotes), tuple(names))


def _names(documents: Sequence[Document], passages: Sequence[Passage]) -> list[str]:
    return [*(document.id for document in documents), *(name for p in passages for name in (p.doc, p.id))]


@dataclass(frozen=True)
class CorpusTexts:
    """A corpus as evidence is looked for in it."""

    documents: Sequence[Document]
    passages: Sequence[Passage]
    skipped: Sequence[SkippedFile] = ()

    @cached_property
    def names(self) -> DocumentNames:
        return DocumentNames(_names(self.documents, self.passages), (row.file for row in self.skipped))

    @cached_property
    def texts(self) -> dict[str, str]:
        """Document id -> its text; of ready passages one below the other."""
        parts: dict[str, list[str]] = {document.id: [document.text] for document in self.documents}
        for passage in self.passages:
            parts.setdefault(passage.doc, []).append(passage.text)
        return {id: "\n".join(texts) for id, texts in parts.items()}

    def of_id(self, id: str) -> str | None:
        """The document or passage that an id means. A chunk's is only known once the corpus is chunked; its document,
        written before '#', is known now."""
        return id if id.rpartition("#")[0] in self.names else self.names.of(id)

    def holders(self, quote: str) -> tuple[str, ...]:
        """The documents in which a whole text stands."""
        return tuple(id for id, text in self.texts.items() if stands(quote, text))

    def problem(self, item: Evidence) -> str | None:
        """Why nothing in the corpus carries an evidence item, in words; None where something does."""
        if item.id is not None:
            what = f"evidence '{item.id}' is no document or passage of the corpus"
            return None if self.of_id(item.id) is not None else f"{what}{self._suggestion(item.id)}"
        name = item.doc or ""
        doc = self.names.of(name)
        if doc is None or doc not in self.texts:
            return f"evidence names document '{name}', which the corpus does not have{self._suggestion(name)}"
        if item.quote is not None and not stands(item.quote, self.texts[doc]):
            where = self._elsewhere(item.quote, doc)
            return f"evidence quote {_short(item.quote)!r} does not stand in '{doc}'; {where}"
        return None

    def _suggestion(self, name: str) -> str:
        several = self.names.candidates(name)
        if len(several) > 1:
            unread = [f"'{one}'" for one in several if one not in self.names]
            why = f" ({', '.join(unread)} was skipped)" if unread else ""
            return f": it could be {_any_of(several)}{why}; write its folder and extension"
        near = difflib.get_close_matches(name, self.names.names, n=1, cutoff=0.5)
        return f"; did you mean '{near[0]}'?" if near else "; check the corpus folder"

    def _elsewhere(self, quote: str, doc: str) -> str:
        """The document in which the quote does stand, or the text of its document that comes nearest."""
        others = self.holders(quote)
        if len(others) == 1:
            return f"it stands in '{others[0]}': name that document"
        if others:
            return f"it stands in {_any_of(others)}: name the one that is meant"
        near = _nearest(quote, self.texts[doc])
        return f"the nearest there is {near!r}" if near else "copy it from the document's text"


def _nearest(quote: str, text: str) -> str | None:
    """The piece of a text that is most like a quote, as it is written there; None where nothing is like it."""
    from rapidfuzz import fuzz

    place, sought = fold(text), " ".join(quote_parts(quote))
    alignment = fuzz.partial_ratio_alignment(sought, place.text, score_cutoff=NEAR) if sought and place.text else None
    if alignment is None or alignment.dest_end <= alignment.dest_start:
        return None
    start, end = place.span(alignment.dest_start, alignment.dest_end)
    return _short(without_breaks(text[start:end]), 2 * _SHOWN)


def _any_of(names: Sequence[str]) -> str:
    more = f" or {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return " or ".join(f"'{name}'" for name in names[:MOST_NAMED]) + more


def _short(text: str, size: int = _SHOWN) -> str:
    return text if len(text) <= size else text[: size - 3] + "..."
