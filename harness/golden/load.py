"""JSONL -> golden cases, probes, tuning examples. The first fault ends the load with its file and line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from harness.errors import InputError
from harness.golden.evidence import unresolved
from harness.golden.rows import Row, checked_rows
from harness.types import Case, Document, Evidence, Example, Passage, Probe


def load_cases(
    path: Path,
    documents: Sequence[Document] | None = None,
    passages: Sequence[Passage] = (),
    answers_required: bool = True,
) -> tuple[Case, ...]:
    """The golden cases of a JSONL file, in file order.

    Args:
        path: the golden set.
        documents: the corpus; when given, every evidence item must resolve in it.
        passages: ready passages of the corpus, which evidence may name by id.
        answers_required: False where only retrieval is measured; then a case needs no accepted answer.

    Raises:
        InputError: file, row or cross-row fault, with file and line.
    """
    cases = tuple(_case(row, where) for where, row in checked_rows(path, "case"))
    _no_repeats(((case.id, case.where) for case in cases), "case")
    if not cases:
        raise InputError(f"{path}: no cases in it; write at least one line with id and question")
    if answers_required:
        _demand_answers(cases)
    if documents is not None:
        for case, problem in unresolved(cases, documents, passages):
            raise InputError(f"{case.where}: {problem}")
    return cases


def load_probes(path: Path) -> tuple[Probe, ...]:
    """The probes of a JSONL file, in file order. InputError with file and line on the first fault."""
    rows = [(where, Probe(row["id"], row["question"])) for where, row in checked_rows(path, "probe")]
    _no_repeats(((probe.id, where) for where, probe in rows), "probe")
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
    return tuple(_example(row, where, system) for where, row in checked_rows(path, "example"))


def _case(row: Row, where: str) -> Case:
    case = Case(
        id=row["id"],
        question=row["question"].strip(),
        accept=tuple(row.get("accept", ())),
        key_points=tuple(row.get("key_points", ())),
        evidence=_evidence(row),
        kind=row.get("kind", "lookup"),
        category=row.get("category", "factual"),
        split=row.get("split", "test"),
        timestamp=row.get("timestamp"),
        source=row.get("source"),
        verified_by=row.get("verified_by"),
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


def _evidence(row: Row) -> tuple[Evidence, ...]:
    return tuple(_item(item) for item in row.get("evidence", ()))


def _item(item: Any) -> Evidence:
    return Evidence(id=item) if isinstance(item, str) else Evidence(doc=item["doc"], quote=item.get("quote"))


def _example(row: Row, where: str, system: str | None) -> Example:
    prompt, evidence = row["prompt"], _evidence(row)
    own = prompt.get("system")
    if system is not None and own is not None and own.strip() != system.strip():
        raise InputError(
            f"{where}: its system message is not the scenario's; take out 'system': every arm gets the same"
        )
    context = _context(prompt["context"]) if "context" in prompt else None
    return Example(
        user=prompt["user"].strip(),
        output=row["output"],
        use=row.get("use") or ("open_book" if context or evidence else "both"),
        context=context,
        evidence=evidence,
        rejected=row.get("rejected"),
        timestamp=row.get("timestamp"),
        replay=row.get("replay", False),
        where=where,
    )


def _context(rows: Sequence[Row]) -> tuple[Passage, ...]:
    return tuple(Passage(row["id"], row["id"], row.get("title", ""), row["text"]) for row in rows)


def _no_repeats(ids: Iterable[tuple[str, str]], noun: str) -> None:
    first: dict[str, str] = {}
    for id, where in ids:
        if id in first:
            raise InputError(f"{where}: {noun} id '{id}' stands already at {first[id]}; give each {noun} its own id")
        first[id] = where
