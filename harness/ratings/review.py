"""The review of a golden set by people: accept, mend or reject each case; who did and when stands in `verified_by`.

    {"id": "hd-013", ..., "verified_by": "person: Ada, 2026-11-29, accepted"}

Rejected cases leave the golden set for a file beside it, with who and why; nothing is thrown away. A mended case keeps
what the person did not touch.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from harness.errors import InputError
from harness.files.hashing import content_hash
from harness.files.input_file import is_file, legible, read_bytes
from harness.golden.rows import checked_rows, row_check
from harness.golden.verified import by_people
from harness.ratings.form import Sheet, SheetItem, SheetPart, SheetQuestion
from harness.ratings.table_file import FilledRow, read_sheet
from harness.record.codec import decode, lines_of, row_line, write_atomic, write_rows
from harness.types import Case, JsonObject

Word = Literal["accept", "mend", "reject"]
Remarks = Mapping[str, Sequence[str]]  # case id -> what people said of it elsewhere
NO_REMARKS: Remarks = {}
WORDS: Mapping[str, tuple[Word, str]] = {
    "accept": ("accept", "accepted"),
    "mend": ("mend", "mended"),
    "reject": ("reject", "rejected"),
}  # as a person writes it -> the decision, and how it stands in the file

DECISION = SheetQuestion(
    "decision",
    "Is this case right as it stands?",
    "choice",
    {"accept": "accept", "mend": "mend", "reject": "reject"},
    "Mend: change the fields below. Reject: the case leaves the golden set.",
)
QUESTIONS = (
    DECISION,
    SheetQuestion("new_question", "Question", "lines"),
    SheetQuestion("new_accept", "Accepted answers, one a line", "lines"),
    SheetQuestion("new_key_points", "What a complete answer mentions, one a line", "lines"),
    SheetQuestion("note", "Why", "line"),
)
FIELDS: Mapping[str, str] = {"new_question": "question", "new_accept": "accept", "new_key_points": "key_points"}
HASH = "case_hash"  # column of a page's file: of the case as the reader saw it
ADVICE = (
    "Read the quotes, then the accepted answers: would every one of them be a right answer, and no other?",
    "Leave open what you are not sure of: it stays as it is.",
)


@dataclass(frozen=True, slots=True)
class ReviewDecision:
    """What one person decided on one case."""

    case: str
    word: Word
    who: str
    when: str  # ISO date
    changes: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)  # field of the case -> what it says now
    note: str = ""

    @property
    def verified_by(self) -> str:
        return f"person: {self.who}, {self.when}, {WORDS[self.word][1]}"


@dataclass(frozen=True, slots=True)
class ReviewKey:
    """What ties a review sheet to a golden set."""

    sheet: str
    golden: str  # file name
    cases: Mapping[str, str]  # case id -> hash of what was reviewed


@dataclass(frozen=True, slots=True)
class Decisions:
    """What came back from a sheet or a page."""

    taken: tuple[ReviewDecision, ...]
    changed: tuple[str, ...]  # cases that were edited, or left the set, since somebody decided on them


@dataclass(frozen=True, slots=True)
class ReviewOutcome:
    """What a review changed."""

    accepted: int
    mended: int
    rejected: int
    open: int  # cases that no person has verified yet
    of: int  # cases in the set now
    changed: tuple[str, ...] = ()  # cases that were edited, or left the set, since they were reviewed: to review again


def to_review(cases: Sequence[Case], every: bool = False, remarks: Remarks = NO_REMARKS) -> list[Case]:
    """The cases that no person has verified yet, or that somebody said something of, which come first; or every one."""
    open_ones = [case for case in cases if every or not by_people(case.verified_by) or case.id in remarks]
    return sorted(open_ones, key=lambda case: case.id not in remarks)


def review_sheet(cases: Sequence[Case], golden: str, remarks: Remarks = NO_REMARKS) -> tuple[Sheet, ReviewKey]:
    """The sheet of these cases. InputError where there is none."""
    if not cases:
        raise InputError(f"{golden}: people have verified every case; --all reviews them again")
    hashes = {case.id: case_hash(case) for case in cases}
    id = content_hash(hashes)[:8]
    items = tuple(
        SheetItem(case.id, case_parts(case, remarks), tuple(q.name for q in QUESTIONS), values=_values(case))
        for case in cases
    )
    return Sheet(id, "Golden cases to review", ADVICE, QUESTIONS, items), ReviewKey(id, golden, hashes)


def case_hash(case: Case) -> str:
    """Hash of what a person reviews: everything but who verified it and where it stands."""
    return content_hash([case.question, case.accept, case.key_points, case.evidence, case.kind, case.category])


def shown_hash(case: Case) -> str:
    """The same of a case as the page of a run shows it: there the documents of its evidence may have other names."""
    quotes = [item.quote for item in case.evidence]
    return content_hash([case.question, case.accept, case.key_points, quotes, case.kind, case.category])


def case_parts(case: Case, remarks: Remarks = NO_REMARKS) -> tuple[SheetPart, ...]:
    """What a person reads of a case."""
    quotes = [f"{item.doc or item.id}: {item.quote or '(the whole of it)'}" for item in case.evidence]
    accepted = "\n".join(case.accept) if case.accept else "(none: the pages do not answer it)"
    return (
        SheetPart("question", case.question),
        SheetPart("pages", "\n".join(quotes) or f"(no quote; source: {case.source or 'not named'})"),
        SheetPart("accepted", accepted),
        SheetPart("kind", f"{case.kind}, {case.category}, {case.split}"),
        *((SheetPart("said", "\n".join(remarks[case.id])),) if case.id in remarks else ()),
    )


def _values(case: Case) -> dict[str, str]:
    return {
        "new_question": case.question,
        "new_accept": "\n".join(case.accept),
        "new_key_points": "\n".join(case.key_points),
    }


# --- what comes back ----------------------------------------------------------------------------------------------


def read_decisions(paths: Sequence[Path], key: ReviewKey, cases: Sequence[Case], who: str | None = None) -> Decisions:
    """The decisions of filled review sheets; a decision on a case that is another one by now is left out and named.

    Raises:
        InputError: another sheet, an unknown case or word, a field that was changed without `mend`, nothing to take.
    """
    by_id, decisions, changed = {case.id: case for case in cases}, list[ReviewDecision](), list[str]()
    for path in paths:
        sheet, rows = read_sheet(path, [*(q.name for q in QUESTIONS), HASH], (DECISION.name,), who)
        if sheet != key.sheet:
            raise InputError(f"{legible(path)}: of sheet {sheet}, the key is of {key.sheet}; name the key with --key")
        for row in rows:
            case, text = by_id.get(row.item), row.values.get(HASH)
            if text is None and row.item not in key.cases:
                raise InputError(f"{row.where}: case '{legible(row.item)}' is not in this sheet; take the row out")
            if case is None or (shown_hash(case) != text if text else case_hash(case) != key.cases[row.item]):
                changed.append(row.item)
            else:
                decisions.append(_decision(row, case))
    if not decisions:
        what = f"every case was edited since: {', '.join(map(legible, changed))}; review them again" if changed else (
            "nothing is decided; fill in the column 'decision'")  # fmt: skip
        raise InputError(f"{', '.join(map(legible, paths))}: {what}")
    return Decisions(tuple(decisions), tuple(dict.fromkeys(changed)))


def _decision(row: FilledRow, case: Case) -> ReviewDecision:
    answer = row.values[DECISION.name].casefold()
    if answer not in WORDS:
        raise InputError(f"{row.where}: decision is '{legible(answer)}', expected accept, mend or reject")
    word, before = WORDS[answer][0], _values(case)
    changes = {FIELDS[name]: text for name, text in row.values.items() if name in FIELDS and text != before[name]}
    if changes and word != "mend":
        raise InputError(f"{row.where}: {', '.join(changes)} changed, and the decision is {word}; write mend")
    if word == "mend" and not changes:
        raise InputError(f"{row.where}: the decision is mend, and nothing is changed; change a field, or accept")
    today = time.strftime("%Y-%m-%d")
    return ReviewDecision(
        case.id, word, row.rater, today, {k: _field(k, v) for k, v in changes.items()}, row.values.get("note", "")
    )


def _field(name: str, text: str) -> str | tuple[str, ...]:
    return text.strip() if name == "question" else tuple(line.strip() for line in text.splitlines() if line.strip())


def apply_decisions(golden: Path, decisions: Sequence[ReviewDecision]) -> ReviewOutcome:
    """Write the decisions into a golden set; rejected cases go to a file beside it.

    Raises:
        InputError: a decision on a case that the set does not have, or one after which a case is none.
    """
    by_case: dict[str, list[ReviewDecision]] = {}
    for decision in decisions:
        by_case.setdefault(decision.case, []).append(decision)
    remaining: list[JsonObject] = []
    gone: list[JsonObject] = []
    for where, row in checked_rows(golden, "case"):
        own = by_case.pop(str(row["id"]), [])
        rejection = next((decision for decision in own if decision.word == "reject"), None)
        if rejection is not None:
            gone.append({**row, "rejected_by": rejection.verified_by, "reason": rejection.note})
        else:
            remaining.append(_reviewed(row, own, where))
    if by_case:
        raise InputError(f"{golden}: no case '{legible(min(by_case))}' in it")
    if gone:
        file = rejected_file(golden)
        before = read_bytes(file).decode() if is_file(file) else ""
        write_atomic(file, before + "".join(map(row_line, gone)))
    write_rows(golden, remaining)
    words = [decision.word for decision in decisions]
    still = sum(not by_people(str(row.get("verified_by") or "")) for row in remaining)
    return ReviewOutcome(words.count("accept"), words.count("mend"), len(gone), still, len(remaining))


def _reviewed(row: JsonObject, decisions: Sequence[ReviewDecision], where: str) -> JsonObject:
    """The row with what its reviewers changed, and their names; the row as it was where nobody decided on it."""
    if not decisions:
        return row
    people = [str(row["verified_by"])] if by_people(str(row.get("verified_by") or "")) else []
    changes = {name: list(v) if isinstance(v, tuple) else v for d in decisions for name, v in d.changes.items()}
    new = [d.verified_by for d in decisions if d.verified_by not in "".join(people)]  # a file may be read twice
    after = {**row, **changes, "verified_by": "; ".join([*people, *new])}
    after = {name: value for name, value in after.items() if value != [] or name in row}
    if not row_check("case")(after) or (row.get("kind") != "unanswerable" and not after.get("accept")):
        raise InputError(f"{where}: mended, it would be no case: a question and accepted answers are needed")
    return after


def take_in(drafts: Path, golden: Path) -> int:
    """Move the cases that people have verified from a file of drafts into the golden set; returns how many.

    Golden first: a command that is killed between the two leaves a case in both, and the next one takes it out here.
    """
    rows = [row for _, row in checked_rows(drafts, "case")]
    there = [row for _, row in checked_rows(golden, "case")] if is_file(golden) else []
    ids = {row["id"] for row in there}
    verified = [row for row in rows if by_people(str(row.get("verified_by") or ""))]
    if verified:
        write_rows(golden, [*there, *(row for row in verified if row["id"] not in ids)])
        write_rows(drafts, [row for row in rows if row not in verified])
    return len(verified)


def rejected_file(golden: Path) -> Path:
    """Where rejected cases of a golden set lie."""
    return golden.with_name(f"{golden.stem}.rejected.jsonl")


def rejected_cases(golden: Path) -> int:
    """How many cases people have taken out of a golden set."""
    file = rejected_file(golden)
    return len(lines_of(read_bytes(file))) if is_file(file) else 0


def read_review_key(path: Path) -> ReviewKey:
    """The key of a review sheet."""
    return decode(read_bytes(path), ReviewKey, str(path))
