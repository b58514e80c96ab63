"""Multiple-choice questions from a folder of MMLU csv files, and an even draw of them.

A row of `test/astronomy_test.csv` (Hendrycks et al. 2021), headerless `question,A,B,C,D,letter` or with a header and
answers 0-3: `What is 1+1?,1,2,3,4,B`.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from harness.errors import InputError
from harness.files.input_file import read_text

LETTERS = "ABCD"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ChoiceQuestion:
    """One multiple-choice question."""

    id: str  # subject/line
    subject: str
    text: str
    choices: tuple[str, str, str, str]
    answer: int  # 0 to 3


def read_folder(folder: Path) -> tuple[dict[str, list[ChoiceQuestion]], dict[str, list[ChoiceQuestion]]]:
    """Test and few-shot questions by subject from `test/` and `dev/` of a folder of MMLU csv files.

    Raises:
        InputError: no csv files, or a row that is not a question with four choices and an answer; file and line named.
    """
    test = {_subject(file): _read_csv(file) for file in sorted((folder / "test").glob("*.csv"))}
    if not test:
        raise InputError(f"{folder}: no test/*.csv in it; expected MMLU's layout, one csv a subject in test/ and dev/")
    if not any(test.values()):
        raise InputError(f"{folder}: no question in any test/*.csv; write a row of six columns for each")
    dev = {_subject(file): _read_csv(file) for file in sorted((folder / "dev").glob("*.csv"))}
    return test, dev


def _subject(file: Path) -> str:
    return file.stem.removesuffix("_test").removesuffix("_dev").removesuffix("_val")


def _read_csv(file: Path) -> list[ChoiceQuestion]:
    subject = _subject(file)
    try:
        rows = list(csv.reader(io.StringIO(read_text(file), newline=""), strict=True))
    except csv.Error as error:
        raise InputError(f"{file}: not a csv file: {error}") from None
    header = bool(rows) and [cell.strip().lower() for cell in rows[0]][:1] == ["question"]
    return [
        _question(row, subject, file, line)
        for line, row in enumerate(rows, start=1)
        if row and not (header and line == 1)
    ]


def _question(row: Sequence[str], subject: str, file: Path, line: int) -> ChoiceQuestion:
    if len(row) != 6:
        demand = "expected 6: question, four choices, the answer"
        raise InputError(f"{file}:{line}: {len(row)} columns, {demand}")
    empty = next((place for place in range(1, 5) if not row[place].strip()), None)
    if empty is not None:
        raise InputError(f"{file}:{line}: choice {LETTERS[empty - 1]} is empty; write what it says")
    answer = row[5].strip()
    names = tuple(zip(LETTERS, "0123", strict=True))
    place = next((i for i, pair in enumerate(names) if answer in pair), -1)
    if place < 0:
        raise InputError(f"{file}:{line}: the answer is {answer!r}, expected a letter A to D or a number 0 to 3")
    return ChoiceQuestion(f"{subject}/{line}", subject, row[0], (row[1], row[2], row[3], row[4]), place)


def spread(questions: Mapping[str, Sequence[T]], limit: int, seed: int) -> dict[str, list[T]]:
    """At most `limit` questions in all, as even over the subjects as their sizes allow, drawn with this seed.

    Subjects that have too few leave their share to the others; the draw of a subject does not depend on the others.
    """
    rest, share = limit, {}
    by_size = sorted(questions, key=lambda name: (len(questions[name]), name))
    for place, name in enumerate(by_size):
        share[name] = min(len(questions[name]), -(-rest // (len(by_size) - place)))
        rest -= share[name]
    return {name: _draw(questions[name], share[name], f"{seed}/{name}") for name in sorted(questions) if share[name]}


def _draw(questions: Sequence[T], count: int, seed: str) -> list[T]:
    places = sorted(random.Random(seed).sample(range(len(questions)), count))
    return [questions[place] for place in places]
