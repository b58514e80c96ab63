"""Rows as an importer has read them -> cases: ids made unique, rows without a label kept as such, every loss named.

A label is never made up: a row without an accepted answer is unlabelled, `unanswerable` is what the source says is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from harness.errors import InputError
from harness.files.hashing import content_hash
from harness.golden.imported import Imported, Remark
from harness.types import Case, Category, Evidence, Kind, Passage, Split

ISO_DATE = re.compile(r"^\d{4}(-\d{2}(-\d{2}([T ].*)?)?)?$")


@dataclass(frozen=True, slots=True)
class Draft:
    """One row of a source, on its way to a case."""

    where: str
    question: str | None
    id: str | None = None
    accept: tuple[str, ...] = ()
    key_points: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()  # of the corpus; evidence only where `evidence` names them
    evidence: tuple[Evidence, ...] = ()
    unanswerable: bool = False  # the source says so
    kind: Kind | None = None
    category: Category = "factual"
    split: Split = "test"
    timestamp: str | None = None
    source: str | None = None
    verified_by: str | None = None
    why_unlabelled: str = ""  # what stood where the answer should be
    left_out: str | None = None  # why it cannot be a case
    unread: tuple[str, ...] = ()  # what of the row was not taken over
    notes: tuple[str, ...] = ()  # what was taken over in a way that a person may not expect


def text_passage(text: str, title: str = "", doc: str | None = None, id: str | None = None) -> Passage:
    """A passage named by its content, so that the same text in two rows is one passage."""
    name = id or f"p-{content_hash([title, text] if title else text)}"
    return Passage(name, doc or name, title, text)


def assemble(
    drafts: Sequence[Draft],
    recognised: str,
    *,
    source: object,
    passages: Iterable[Passage] = (),
    remarks: Iterable[Remark] = (),
    system: str | None = None,
) -> Imported:
    """Cases and corpus of the drafts, with a remark for all that a person would not expect.

    Raises InputError where no row is a question, or none has an answer or evidence.
    """
    usable = [draft for draft in drafts if draft.left_out is None and draft.question]
    if not usable:
        reason = next((draft.left_out for draft in drafts if draft.left_out), "no question in any of them")
        raise InputError(f"{source}: none of {len(drafts)} rows is a question: {reason}")
    cases, repeats = _cases(usable)
    if not any(case.accept or case.kind == "unanswerable" or case.evidence for case in cases):
        why = next((draft.why_unlabelled for draft in usable if draft.why_unlabelled), "no accepted answer in any")
        raise InputError(f"{source}: none of {len(cases)} rows has an answer: {why}; a hidden test file has none")
    corpus = _corpus([*passages, *(passage for draft in usable for passage in draft.passages)], source)
    all_remarks = (*remarks, *_row_remarks(drafts), *repeats, *_unlabelled(usable))
    split_known = any(case.split == "dev" for case in cases)
    return Imported(tuple(cases), tuple(corpus.values()), split_known, recognised, all_remarks, system)


def _corpus(passages: Iterable[Passage], source: object) -> dict[str, Passage]:
    corpus: dict[str, Passage] = {}
    for passage in passages:
        other = corpus.setdefault(passage.id, passage)
        if other.text != passage.text:
            texts = f"{other.text[:40]!r} and {passage.text[:40]!r}"
            raise InputError(f"{source}: passage id '{passage.id}' stands for two texts, {texts}; give each its own")
    return corpus


def _cases(drafts: Sequence[Draft]) -> tuple[list[Case], list[Remark]]:
    own = {draft.id for draft in drafts if draft.id}
    used: set[str] = set()
    repeats: list[Remark] = []
    cases = []
    for number, draft in enumerate(drafts, start=1):
        id = draft.id or _free(f"row-{number:04d}", used | own)
        if id in used:
            id = _free(id, used | own)
            repeats.append(Remark("repeated id", "its id stands already above; a number makes it unique", draft.where))
        used.add(id)
        cases.append(_case(draft, id))
    return cases, repeats


def _free(id: str, ids: set[str]) -> str:
    return id if id not in ids else next(name for n in range(2, len(ids) + 3) if (name := f"{id}-{n}") not in ids)


def _case(draft: Draft, id: str) -> Case:
    unanswerable = draft.unanswerable or draft.kind == "unanswerable"
    return Case(
        id=id,
        question=(draft.question or "").strip(),
        accept=() if unanswerable else draft.accept,
        key_points=draft.key_points,
        evidence=() if unanswerable else tuple(dict.fromkeys(draft.evidence)),
        kind="unanswerable" if unanswerable else draft.kind or "lookup",
        category=draft.category,
        split=draft.split,
        timestamp=draft.timestamp if draft.timestamp and ISO_DATE.match(draft.timestamp) else None,
        source=draft.source,
        verified_by=draft.verified_by,
        where=draft.where,
    )


def _row_remarks(drafts: Iterable[Draft]) -> Iterator[Remark]:
    for draft in drafts:
        if draft.left_out or not draft.question:
            yield Remark("left out", draft.left_out or "no question", draft.where)
            continue
        if draft.timestamp and not ISO_DATE.match(draft.timestamp):
            yield Remark("not read", f"date '{draft.timestamp}' is not ISO 8601 (2026-03-14)", draft.where)
        if draft.accept and (draft.unanswerable or draft.kind == "unanswerable"):
            yield Remark("not read", f"answer '{draft.accept[0][:40]}' of an unanswerable question", draft.where)
        yield from (Remark("not read", text, draft.where) for text in draft.unread)
        yield from (Remark("note", text, draft.where) for text in draft.notes)


def _unlabelled(drafts: Iterable[Draft]) -> Iterator[Remark]:
    for draft in drafts:
        if not draft.accept and not draft.unanswerable and draft.kind != "unanswerable":
            reason = draft.why_unlabelled or "no accepted answer"
            yield Remark(
                "unlabelled", f"{reason}; add 'accept', or kind 'unanswerable' if the corpus does not say", draft.where
            )


def with_verifier(drafts: Iterable[Draft], verified_by: str) -> list[Draft]:
    """The drafts, verified by whoever made the data set, where a row does not say otherwise."""
    return [draft if draft.verified_by else replace(draft, verified_by=verified_by) for draft in drafts]
