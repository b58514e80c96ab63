"""Marks that readers made in the page of a run: which answer or golden label each is of, and what follows from them.

    page-20261120-helpdesk,q7 / rag,Ada,yes,,,,"the same in other words"     # a row of the file that the page saves

A reader marks what he came upon, and sees which arm it is: such marks are no sample, so no figure is corrected by them.
They say where to look: the next rating sheet asks about these labels, and the golden review shows them first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.metrics.reading import Reading
from harness.ratings.answer_sheet import GoldenKey, KeyRow, SheetKey, outcome
from harness.ratings.labels import Labels, answer_hash
from harness.ratings.review import HASH, ReviewKey, case_hash
from harness.ratings.table_file import read_sheet
from harness.record.files import StoredRun
from harness.record.score_table import tabulate
from harness.types import Case

PREFIX = "page-"  # of the sheet's id; the run's follows
WORDS: Mapping[bool | None, str] = {True: "right", False: "wrong", None: "to look at"}


def run_of_page(sheet: str) -> str | None:
    """The run in whose page a file of marks was made; None: it is of a sheet."""
    return sheet.removeprefix(PREFIX) if sheet.startswith(PREFIX) else None


def page_key(run: StoredRun, cases: Sequence[Case]) -> SheetKey:
    """What the rows of the page's file belong to: every answer of the run, and every golden label."""
    by_id = {case.id: case for case in cases}
    table = tabulate(run.scores)
    rows = []
    for trace in run.traces:
        case = by_id.get(trace.case_id)
        if trace.probe or trace.answer is None or case is None:
            continue
        success, support = (table.get((trace.arm, name), {}) for name in ("task_success", "groundedness"))
        read = trace.answer.hits and not trace.answer.refused
        statements = len(Reading(case, trace.answer).claims) if read else 0
        hash, stratum = answer_hash(case, trace.answer), outcome(case.id, success, support)
        rows.append(KeyRow(f"{case.id} / {trace.arm}", case.id, trace.arm, hash, stratum, statements))
    frame = {arm: Counter(row.stratum for row in rows if row.arm == arm) for arm in {row.arm for row in rows}}
    golden = tuple(GoldenKey(case.id, case.id, "marked in the page of a run") for case in cases)
    name = run.folder.name
    return SheetKey(f"{PREFIX}{name}", name, run.record.scenario.dir, 0, frame, tuple(rows), golden, drawn=False)


def page_review_key(sheet: str, golden: str, cases: Sequence[Case]) -> ReviewKey:
    """The key to the decisions of a page's file on a golden set that was not edited since."""
    return ReviewKey(sheet, golden, {case.id: case_hash(case) for case in cases})


def names_its_cases(files: Sequence[Path]) -> bool:
    """Whether each file says of which text of a case its decisions are; those of older pages do not."""
    return all(read_sheet(file, (HASH,), (HASH,))[1] for file in files)


def remarks(labels: Labels) -> dict[str, tuple[str, ...]]:
    """Case -> what people said of its label and of answers to it: `Ada: the accepted answer is wrong (too narrow)`."""
    rows: dict[str, list[str]] = {}
    for golden in labels.golden:
        if golden.word != "right" or golden.note:
            rows.setdefault(golden.case, []).append(
                f"{golden.rater}: the accepted answer is {golden.word}{_note(golden.note)}"
            )
    for mark in labels.marks:
        says = f"{mark.rater}: the answer of {mark.arm} is {WORDS[mark.correct]}{_note(mark.note)}"
        rows.setdefault(mark.case, []).append(says)
    return {case: tuple(says) for case, says in rows.items()}


def _note(note: str) -> str:
    return f" ({note})" if note else ""
