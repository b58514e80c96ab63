"""Imported questions put into a scenario that is there.

Their evidence is held against its documents, nothing is overwritten unasked, and `scenario.yaml` gets a line it lacks.

put_into(imported, Path("my-project"), "add", 0.25, 7)   # Added(Path("my-project/golden.jsonl"), 25, ...)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from harness.documents.corpus import Corpus, load_documents
from harness.errors import InputError
from harness.files.input_file import is_there, legible, read_text, real
from harness.files.paths import inside_fault
from harness.files.yaml_text import YamlFault, load_yaml
from harness.golden.against_corpus import against_corpus
from harness.golden.alike import Likeness, first_alike
from harness.golden.imported import Imported, Remark, case_row, passage_row, with_splits
from harness.golden.load import load_cases
from harness.record.codec import write_atomic, write_rows
from harness.scenario.yaml_file import read_yaml
from harness.types import Case

GOLDEN, CORPUS = "golden.jsonl", "corpus.jsonl"
Way = Literal["new", "add", "replace"]  # new: only where the scenario has no golden set yet


@dataclass(frozen=True, slots=True)
class Addition:
    """Questions put into a scenario."""

    golden: Path
    imported: Imported  # what was put in, with remarks
    before: int  # cases that stood there and stand there still
    lines: tuple[str, ...]  # put at the end of scenario.yaml

    @property
    def says(self) -> tuple[str, ...]:
        behind = (f"behind the {self.before} that stood there",) if self.before else ()
        return (*behind, *(f"scenario.yaml: put at its end: {line}" for line in self.lines))


def put_into(imported: Imported, folder: Path, way: Way, dev: float, seed: int) -> Addition:
    """Write the questions into the golden set of a scenario.

    Raises:
        InputError: the scenario has a golden set and `way` is new; a path of it leads out; nothing is left to put in.
    """
    file = folder / "scenario.yaml"
    keys = read_yaml(file)
    golden = _place(file, keys, "golden", GOLDEN)
    if way == "new" and is_there(golden):
        count = len(load_cases(golden, answers_required=False))
        raise InputError(
            f"{legible(golden)}: the scenario has {count} questions already; --add puts these behind "
            "them, --replace in their place"
        )
    earlier = load_cases(golden, answers_required=False) if way == "add" and is_there(golden) else ()
    corpus = load_documents(_place(file, keys, "corpus", CORPUS)) if keys.get("corpus") else None
    cases_here = imported if corpus is None else against_corpus(imported, corpus)
    new = _beside(_split(cases_here, corpus, dev, seed), earlier)
    if not new.cases:
        raise InputError(f"{legible(golden)}: every one of {len(imported.cases)} questions stands there already")
    lines = [f"golden: {GOLDEN}"] * (not keys.get("golden")) + [f"corpus: {CORPUS}"] * bool(new.passages)
    text = _with_lines(file, keys, lines)
    if new.passages:
        write_rows(folder / CORPUS, map(passage_row, new.passages))
    write_rows(golden, map(case_row, (*earlier, *new.cases)))
    if lines:
        write_atomic(file, text)
    return Addition(golden, new, len(earlier), tuple(lines))


def _place(file: Path, keys: Mapping[str, object], key: str, default: str) -> Path:
    """The place that the scenario names under a key, or would have by default."""
    name = str(keys.get(key) or default)
    folder = file.parent
    if (fault := inside_fault(folder, name, (real(folder).parent.parent / "golden_sets",))) is not None:
        raise InputError(f"{file}: {key}: {fault}")
    return real(folder / name)


def _split(imported: Imported, corpus: Corpus | None, dev: float, seed: int) -> Imported:
    own = imported.passages
    return replace(
        with_splits(replace(imported, passages=own or (corpus.passages if corpus else ())), dev, seed), passages=own
    )


def _beside(new: Imported, earlier: Sequence[Case]) -> Imported:
    """The questions that do not stand there yet, with ids of their own."""
    questions = [(case.where, case.question) for case in earlier]
    ids = {case.id for case in earlier}
    cases: list[Case] = []
    remarks: list[Remark] = []
    for case in new.cases:
        alike = first_alike(case.question, questions) if questions else None
        if alike is not None and alike[1] is Likeness.SAME:
            remarks.append(Remark("left out", f"its question stands at {alike[0]} already", case.where))
            continue
        id = (
            case.id
            if case.id not in ids
            else next(n for k in range(2, len(ids) + 3) if (n := f"{case.id}-{k}") not in ids)
        )
        remarks += [Remark("repeated id", f"'{case.id}' stands there already; it is '{id}'", case.where)] * (
            id != case.id
        )
        ids.add(id)
        cases.append(replace(case, id=id))
    return replace(new, cases=tuple(cases), remarks=(*new.remarks, *remarks))


def _with_lines(file: Path, keys: Mapping[str, object], lines: Sequence[str]) -> str:
    """The text of scenario.yaml with lines at its end. InputError where it would not read as it should then."""
    text = read_text(file)
    if not lines:
        return text
    whole = "\n".join([text.rstrip("\n"), *lines]) + "\n"
    more = dict(line.split(": ", 1) for line in lines)
    try:
        if load_yaml(whole) == {**load_yaml(text), **more}:
            return whole
    except YamlFault:
        pass
    raise InputError(f"{file}: a line at its end would not be read; write into it: {'; '.join(lines)}")
