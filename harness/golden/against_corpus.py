"""The evidence of imported questions, held against the documents that they are about.

A text that a row brings along becomes a quote of the document in which it stands; a `source` that names a document is
evidence of it. What the corpus does not have is left out, named and counted: a run would refuse it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from harness.documents.corpus import Corpus
from harness.errors import InputError
from harness.evidence.names import with_known_names
from harness.golden.evidence import CorpusTexts
from harness.golden.imported import Imported, Remark
from harness.types import Case, Evidence, Passage


def against_corpus(imported: Imported, corpus: Corpus) -> Imported:
    """The import with its evidence as the corpus has it, and without passages of its own."""
    texts = CorpusTexts(corpus.documents, corpus.passages, corpus.skipped)
    own = {passage.id: passage for passage in imported.passages}
    cases: list[Case] = []
    remarks: list[Remark] = []
    for case in imported.cases:
        evidence, words = _evidence(case, texts, own)
        cases.append(replace(case, evidence=evidence))
        remarks += [replace(remark, where=case.where) for remark in words]
    return replace(imported, cases=tuple(cases), passages=(), remarks=(*imported.remarks, *remarks))


def _evidence(case: Case, texts: CorpusTexts, own: Mapping[str, Passage]) -> tuple[tuple[Evidence, ...], list[Remark]]:
    items: list[Evidence] = []
    remarks: list[Remark] = []
    for item in case.evidence:
        passage = own.get(item.id or "")
        if passage is not None:
            places = texts.holders(passage.text)
            items += [Evidence(doc=places[0], quote=passage.text)] if len(places) == 1 else []
            remarks += [] if len(places) == 1 else [Remark("evidence left out", _unplaced(places))]
            continue
        (same,) = with_known_names([replace(case, evidence=(item,))], texts.names)
        problem = texts.problem(same.evidence[0])
        items += same.evidence if problem is None else []
        remarks += [] if problem is None else [Remark("evidence left out", problem)]
    doc = texts.names.of(case.source) if case.source and case.kind != "unanswerable" and not case.evidence else None
    if doc is not None:
        return (Evidence(doc=doc),), [Remark("read", "evidence from 'source', which names a document")]
    return tuple(items), remarks


def _unplaced(places: tuple[str, ...]) -> str:
    """Why a text that a row brings along is no quote of one document."""
    if not places:
        return "its text stands in none of the documents"
    return f"its text stands in {len(places)} documents; name the one that is meant in a column 'doc'"


def with_answers_alone(imported: Imported) -> Imported:
    """The import without the questions that nobody has answered: no arm's answer to them could be scored.

    Raises InputError where no question is left.
    """
    cases = tuple(case for case in imported.cases if case.accept or case.kind == "unanswerable")
    rest = len(imported.cases) - len(cases)
    if not cases:
        raise InputError(
            f"none of {rest} questions has an accepted answer, so that nothing could be scored; add a column 'answer' "
            "(search alone is measured by: harness golden import, then harness retrieval)"
        )
    remarks = [Remark("left out", f"{rest} of {len(imported.cases)} questions, for want of an answer")] * bool(rest)
    return replace(imported, cases=cases, remarks=(*imported.remarks, *remarks))
