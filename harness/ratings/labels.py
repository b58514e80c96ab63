"""Labels: what people say of answers and of golden cases, in files beside a scenario, found by every run of it.

    scenarios/helpdesk/labels/helpdesk-1f3a.labels.json

A label belongs to one answer by the hash of its question, its text and the passages that were shown: a run in which an
arm answers otherwise does not take it, and counts it as of another answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from harness.errors import InputError
from harness.files.hashing import content_hash
from harness.files.input_file import is_dir, legible, read_bytes
from harness.record.codec import decode
from harness.types import Answer, Case

FOLDER, ENDING = "labels", ".labels.json"
AGAIN = "read the filled sheet again (harness judge read), or take the file away"
GoldenWord = Literal["right", "wrong", "unclear"]
GOLDEN_WORDS: tuple[GoldenWord, ...] = ("right", "wrong", "unclear")


@dataclass(frozen=True, slots=True)
class Rating:
    """One person's judgement of one answer."""

    rater: str
    case: str
    arm: str
    answer: str  # hash of what was rated (`answer_hash`)
    stratum: str  # the outcome under which it was drawn
    correct: bool | None  # None: unsure, or not said
    statements: int  # that the answer makes; 0 where nothing was asked about them
    unsupported: int | None  # of these, by no page that was shown; None: not said
    note: str = ""
    rubric: Mapping[str, bool] = field(default_factory=dict)  # tone, complete, criteria -> whether it is met


@dataclass(frozen=True, slots=True)
class GoldenRating:
    """One person's judgement of one golden label."""

    rater: str
    case: str
    word: GoldenWord
    note: str = ""


@dataclass(frozen=True, slots=True)
class LabelFile:
    """The labels of one sheet."""

    sheet: str  # its id
    run: str
    made: str  # ISO date of the last reading
    frame: Mapping[str, Mapping[str, int]]  # arm -> stratum -> answers from which those to rate were drawn
    ratings: tuple[Rating, ...]
    golden: tuple[GoldenRating, ...] = ()
    drawn: bool = True  # False: a reader chose what to mark, in the page of a run, so that no figure rests on it


@dataclass(frozen=True, slots=True)
class Labels:
    """Every label of a scenario."""

    files: tuple[LabelFile, ...] = ()
    hash: str = ""  # of the files' content; empty where there are none

    @property
    def ratings(self) -> tuple[Rating, ...]:
        """Of answers that were drawn."""
        return tuple(rating for file in self.files if file.drawn for rating in file.ratings)

    @property
    def marks(self) -> tuple[Rating, ...]:
        """Of answers that readers came upon in the page of a run."""
        return tuple(rating for file in self.files if not file.drawn for rating in file.ratings)

    @property
    def golden(self) -> tuple[GoldenRating, ...]:
        return tuple(rating for file in self.files for rating in file.golden)

    @property
    def raters(self) -> Mapping[str, int]:
        """Who -> answers rated."""
        return Counter(rating.rater for rating in self.ratings)

    @property
    def chances(self) -> Mapping[tuple[str, str], float]:
        """(arm, stratum) -> the share of an arm's answers of one outcome that somebody rated."""
        cases: dict[tuple[str, str], set[str]] = {}
        for rating in self.ratings:
            cases.setdefault((rating.arm, rating.stratum), set()).add(rating.case)
        sizes = {
            (arm, stratum): max(file.frame.get(arm, {}).get(stratum, 0) for file in self.files)
            for arm, stratum in cases
        }
        return {place: min(1.0, len(ids) / (sizes[place] or len(ids))) for place, ids in cases.items()}


NO_LABELS = Labels()


def answer_hash(case: Case, answer: Answer) -> str:
    """What a label belongs to: the question, the answer's text, and the passages behind it."""
    return content_hash([case.question, answer.text, [[hit.passage.title, hit.passage.text] for hit in answer.hits]])


def label_files(scenario: Path) -> list[Path]:
    """The files of labels beside a scenario, in the order of their names."""
    folder = scenario / FOLDER
    return sorted(folder.glob(f"*{ENDING}")) if is_dir(folder) else []


def load_labels(scenario: Path) -> Labels:
    """Every label beside a scenario. InputError where a file is broken or no file of labels."""
    return of_files(tuple(read_labels(file) for file in label_files(scenario)))


def of_files(files: tuple[LabelFile, ...]) -> Labels:
    """The labels of these files together."""
    return Labels(files, content_hash(files) if files else "")


def read_labels(path: Path) -> LabelFile:
    """One file of labels. InputError where it is broken, or says what cannot be."""
    file = decode(read_bytes(path), LabelFile, str(path), AGAIN)
    fault = next(_faults(file), None)
    if fault is not None:
        raise InputError(f"{path}: {fault}; {AGAIN}")
    return file


def _faults(file: LabelFile) -> Iterator[str]:
    """What no reading of a sheet writes: a correction by it would be wrong without a word."""
    for rating in file.ratings:
        what = f"the rating of case {legible(rating.case)} by {legible(rating.rater)}"
        if rating.statements < 0 or not 0 <= (rating.unsupported or 0) <= rating.statements:
            yield f"{what} has {rating.unsupported} of {rating.statements} statements unsupported"
        if file.frame.get(rating.arm, {}).get(rating.stratum, 0) < 1:
            place = f"arm {legible(rating.arm)}, outcome '{legible(rating.stratum)}'"
            yield f"{what} is of {place}, of which the file says that no answer could be drawn"


def merged(before: LabelFile, more: LabelFile) -> LabelFile:
    """The labels of one sheet with those of further raters; who rated an item again is taken at the last word."""
    ratings = {(r.rater, r.case, r.arm): r for r in (*before.ratings, *more.ratings)}
    golden = {(r.rater, r.case): r for r in (*before.golden, *more.golden)}
    return replace(more, ratings=tuple(ratings.values()), golden=tuple(golden.values()))


def by_answer(ratings: Iterable[Rating]) -> dict[tuple[str, str], list[Rating]]:
    """(arm, case id) -> the ratings of its answer."""
    rows: dict[tuple[str, str], list[Rating]] = {}
    for rating in ratings:
        rows.setdefault((rating.arm, rating.case), []).append(rating)
    return rows


def faulty_labels(golden: Sequence[GoldenRating]) -> dict[str, tuple[GoldenRating, ...]]:
    """Case -> ratings, where as many people call its golden label wrong or unclear as right, or more."""
    by_case: dict[str, list[GoldenRating]] = {}
    for rating in golden:
        by_case.setdefault(rating.case, []).append(rating)
    return {
        case: tuple(rows) for case, rows in by_case.items() if 2 * sum(row.word != "right" for row in rows) >= len(rows)
    }
