"""JSONL -> golden cases, probes, tuning examples. The first fault ends the load with its file and line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from harness.errors import InputError
from harness.golden.evidence import resolved, unresolved
from harness.golden.rows import checked_rows
from harness.record.sections import SkippedFile
from harness.types import Case, Category, Document, Evidence, Example, JsonObject, Kind, Passage, Probe, Split


@dataclass(frozen=True, slots=True)
class _CaseRow:
    """A golden case as its file has it; `schemas.CASE` says what each key may hold."""

    id: str
    question: str
    accept: tuple[str, ...] = ()
    key_points: tuple[str, ...] = ()
    evidence: tuple[str | Evidence, ...] = ()
    kind: Kind = "lookup"
    category: Category = "factual"
    split: Split = "test"
    timestamp: str | None = None
    source: str | None = None
    verified_by: str | None = None


@dataclass(frozen=True, slots=True)
class _ContextRow:
    """A passage that a tuning example brings along."""

    id: str
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class _PromptRow:
    """The prompt of a tuning example."""

    user: str
    system: str | None = None
    context: tuple[_ContextRow, ...] | None = None


@dataclass(frozen=True, slots=True)
class _ExampleRow:
    """A tuning example as its file has it; `schemas.EXAMPLE` says what each key may hold."""

    prompt: _PromptRow
    output: JsonObject | str
    rejected: JsonObject | str | None = None
    evidence: tuple[str | Evidence, ...] = ()
    use: Literal["open_book", "closed_book", "both"] | None = None
    timestamp: str | None = None
    replay: bool = False


def load_cases(
    path: Path,
    documents: Sequence[Document] | None = None,
    passages: Sequence[Passage] = (),
    answers_required: bool = True,
    skipped: Sequence[SkippedFile] = (),
) -> tuple[Case, ...]:
    """The golden cases of a JSONL file, in file order.

    Args:
        path: the golden set.
        documents: the corpus; when given, every evidence item must resolve in it, and names its documents as the corpus
            does.
        passages: ready passages of the corpus, which evidence may name by id.
        answers_required: False where only retrieval is measured; then a case needs no accepted answer.
        skipped: files of the corpus that were not read; evidence in one is refused with the reason.

    Raises:
        InputError: file, row or cross-row fault, with file and line.
    """
    rows = checked_rows(path, "case")
    cases = tuple(_case(msgspec.convert(row, _CaseRow), where) for where, row in rows)
    _no_repeats(((case.id, case.where) for case in cases), "case")
    if not cases:
        raise InputError(f"{path}: no cases in it; write at least one line with id and question")
    if answers_required:
        _demand_answers(cases)
    if documents is not None:
        cases = resolved(cases, documents, passages, skipped)
        for case, problem in unresolved(cases, documents, passages, skipped):
            raise InputError(f"{case.where}: {problem}")
    return cases


def load_probes(path: Path) -> tuple[Probe, ...]:
    """The probes of a JSONL file, in file order. InputError with file and line on the first fault."""
    rows = [(where, msgspec.convert(row, Probe)) for where, row in checked_rows(path, "probe")]
    _no_repeats(((probe.id, where) for where, probe in rows), "probe")
    if not rows:
        raise InputError(f"{path}: no probes in it; write at least one line with id and question, or name no file")
    return tuple(probe for _, probe in rows)


def load_examples(path: Path, system: str | None = None) -> tuple[Example, ...]:
    """The tuning examples of a JSONL file, in file order.

    Args:
        path: the file.
        system: the scenario's system message; a row that carries another one is refused, since every arm, tuned or
            not, is given the same.

    Raises:
        InputError: file or row fault, with file and line.
    """
    rows = checked_rows(path, "example")
    return tuple(_example(msgspec.convert(row, _ExampleRow), where, system) for where, row in rows)


def _case(row: _CaseRow, where: str) -> Case:
    case = Case(
        id=row.id,
        question=row.question.strip(),
        accept=row.accept,
        key_points=row.key_points,
        evidence=_evidence(row.evidence),
        kind=row.kind,
        category=row.category,
        split=row.split,
        timestamp=row.timestamp,
        source=row.source,
        verified_by=row.verified_by,
        where=where,
    )
    _check_kind(case)
    return case


def _demand_answers(cases: Sequence[Case]) -> None:
    unlabelled = [case for case in cases if not case.accept and case.kind != "unanswerable"]
    if unlabelled:
        first, rule = unlabelled[0], "only 'unanswerable' cases may; add 'accept'"
        more = f" ({len(unlabelled)} cases are unlabelled; golden check lists them)" if len(unlabelled) > 1 else ""
        raise InputError(f"{first.where}: kind '{first.kind}' has no accepted answers; {rule}{more}")


def _check_kind(case: Case) -> None:
    if case.kind != "unanswerable":
        return
    if case.accept:
        raise InputError(f"{case.where}: kind 'unanswerable' has accepted answers; take out 'accept' or change 'kind'")
    if case.evidence:
        advice = "name the nearest document in 'source' instead"
        raise InputError(f"{case.where}: kind 'unanswerable' has evidence, so the corpus answers it; {advice}")


def _evidence(items: Iterable[str | Evidence]) -> tuple[Evidence, ...]:
    return tuple(Evidence(id=item) if isinstance(item, str) else item for item in items)


def _example(row: _ExampleRow, where: str, system: str | None) -> Example:
    prompt, evidence = row.prompt, _evidence(row.evidence)
    if system is not None and prompt.system is not None and prompt.system.strip() != system.strip():
        raise InputError(
            f"{where}: its system message is not the scenario's; take out 'system': every arm gets the same"
        )
    context = None if prompt.context is None else tuple(Passage(p.id, p.id, p.title, p.text) for p in prompt.context)
    return Example(
        user=prompt.user.strip(),
        output=row.output,
        use=row.use or ("open_book" if context or evidence else "both"),
        context=context,
        evidence=evidence,
        rejected=row.rejected,
        timestamp=row.timestamp,
        replay=row.replay,
        where=where,
    )


def _no_repeats(ids: Iterable[tuple[str, str]], noun: str) -> None:
    first: dict[str, str] = {}
    for id, where in ids:
        if id in first:
            raise InputError(f"{where}: {noun} id '{id}' stands already at {first[id]}; give each {noun} its own id")
        first[id] = where
