"""Golden sets -> files of ragas, deepeval and promptfoo. EXPORTS is the table; import reads each of them back.

What a tool has no field for (several accepted answers, key points, splits) stands under our own names where that tool
passes over them, so that a round trip loses nothing; what is lost all the same is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import InputError
from harness.files.output_path import new_file
from harness.golden.exporters.contexts import Contexts, contexts_of
from harness.golden.exporters.rows import deepeval_text, promptfoo_text, ragas_text
from harness.record.codec import write_atomic
from harness.stats.numbers import show_count
from harness.types import Case, Document, Passage


@dataclass(frozen=True, slots=True)
class Export:
    """One tool that a golden set is written for."""

    title: str
    endings: tuple[str, ...]  # of the file that it reads
    text: Callable[[Sequence[Case], Contexts], str]
    lost: Callable[[Case], str | None]  # what of a case the tool cannot be told


def _several(case: Case) -> str | None:
    return (
        "accepted answers beyond the first stand in 'accept', which it does not read" if len(case.accept) > 1 else None
    )


def _refusal(case: Case) -> str | None:
    return "'unanswerable' stands in 'kind', which it does not read" if case.kind == "unanswerable" else _several(case)


def _assertions(case: Case) -> str | None:
    return "no assertion: an unlabelled case" if not case.accept and case.kind != "unanswerable" else None


EXPORTS: Mapping[str, Export] = {
    "ragas": Export("ragas 0.2 to 0.4", (".jsonl",), ragas_text, _refusal),
    "deepeval": Export("deepeval goldens", (".json",), deepeval_text, _refusal),
    "promptfoo": Export("promptfoo tests", (".yaml", ".yml"), promptfoo_text, _assertions),
}


def export(
    name: str, cases: Sequence[Case], documents: Sequence[Document], passages: Sequence[Passage], out: Path
) -> list[str]:
    """Write the cases for a tool; returns what to say of them.

    Raises InputError: an unknown tool, a file that exists, an ending that the tool does not read.
    """
    if name not in EXPORTS:
        raise InputError(f"format '{name}' is not known; expected one of: {', '.join(EXPORTS)}")
    row = EXPORTS[name]
    if out.suffix.lower() not in row.endings:
        raise InputError(f"{out}: {row.title} are read from {' or '.join(row.endings)}; name such a file")
    new_file(out)
    contexts = contexts_of(cases, documents, passages)
    write_atomic(out, row.text(cases, contexts))
    return [*_count(filter(None, map(row.lost, cases))), *_count(contexts.missing)]


def _count(messages: Iterable[str | None]) -> list[str]:
    counts: dict[str | None, int] = {}
    for message in messages:
        counts[message] = counts.get(message, 0) + 1
    return [f"{show_count(count, 'case')}: {message}" for message, count in counts.items()]
