"""Filled sheets read back: rows of people -> ratings of answers, by the key -> a file of labels beside the scenario."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

from harness.errors import InputError
from harness.files.input_file import is_file, legible, read_bytes
from harness.ratings.answer_sheet import DECISIVE, QUESTIONS, RUBRICS, KeyRow, SheetKey
from harness.ratings.labels import ENDING, FOLDER, GOLDEN_WORDS, GoldenRating, LabelFile, Rating, merged, read_labels
from harness.ratings.table_file import FilledRow, read_sheet
from harness.record.codec import decode, to_json, write_atomic

KEY_ENDING = ".key.json"
_WORDS = {"yes": True, "right": True, "no": False, "wrong": False, "unsure": None}
_NUMBERS = re.compile(r"\d+(?:[\s,;]+\d+)*")


def sheet_id(sheets: Sequence[Path]) -> str:
    """The id of the sheet that these files are of. InputError where they are of several."""
    ids = {read_sheet(path, [], [])[0] for path in sheets}
    if len(ids) != 1:
        raise InputError(f"{', '.join(map(legible, sheets))}: of different sheets; read those of one sheet together")
    return ids.pop()


def find_key(sheets: Sequence[Path], key: Path | None) -> SheetKey:
    """The key that belongs to filled sheets: the one that is named, or the one beside them that has their id.

    Raises:
        InputError: no such key, or more than one sheet.
    """
    sheet = sheet_id(sheets)
    folders = dict.fromkeys(path.parent for path in sheets)
    candidates = [key] if key else [file for folder in folders for file in sorted(folder.glob(f"*{KEY_ENDING}"))]
    broken: list[InputError] = []
    for file in candidates:
        try:
            read = decode(read_bytes(file), SheetKey, str(file), "take the key that harness judge sheet wrote")
        except InputError as error:
            broken.append(error)  # of another sheet perhaps
            continue
        if read.sheet == sheet:
            return read
    if broken:
        raise broken[0]
    where = f"{legible(key)}: of another sheet" if key else f"{legible(sheets[0])}: no key of sheet {sheet} beside it"
    raise InputError(f"{where}; name its key with --key (harness judge sheet wrote it)")


def read_ratings(sheets: Sequence[Path], key: SheetKey, rater: str | None = None) -> LabelFile:
    """The ratings of one or more filled sheets.

    Raises:
        InputError: an item that the sheet does not have, a word or number that it does not offer, nothing filled in.
    """
    names = [question.name for question in QUESTIONS]
    rows = [row for path in sheets for row in read_sheet(path, names, DECISIVE, rater)[1]]
    if not rows:
        raise InputError(f"{', '.join(map(legible, sheets))}: nothing is filled in")
    answers: dict[str, list[KeyRow]] = {}
    for entry in key.answers:
        answers.setdefault(entry.item, []).append(entry)
    golden = {entry.item: entry.case for entry in key.golden}
    ratings: list[Rating] = []
    labels: list[GoldenRating] = []
    for row in rows:
        if row.item in golden:
            labels.append(_golden(row, golden[row.item]))
        elif row.item in answers:
            ratings += [_rating(row, entry) for entry in answers[row.item]]
        else:
            raise InputError(f"{row.where}: no item '{legible(row.item)}' in this sheet; leave that column as it was")
    today = time.strftime("%Y-%m-%d")
    return LabelFile(key.sheet, key.run, today, key.frame, tuple(ratings), tuple(labels), key.drawn)


def _rating(row: FilledRow, entry: KeyRow) -> Rating:
    rubric = {question.name: _word(row, question.name) for question in RUBRICS.values()}
    return Rating(
        rater=row.rater,
        case=entry.case,
        arm=entry.arm,
        answer=entry.answer,
        stratum=entry.stratum,
        correct=_word(row, "correct"),
        statements=entry.statements,
        unsupported=_unsupported(row, entry.statements),
        note=row.values.get("note", ""),
        rubric={name: met for name, met in rubric.items() if met is not None},
    )


def _word(row: FilledRow, question: str) -> bool | None:
    word = row.values.get(question, "unsure").casefold()
    if word not in _WORDS:
        raise InputError(f"{row.where}: {question} is '{legible(word)}', expected yes, no or unsure")
    return _WORDS[word]


def _unsupported(row: FilledRow, statements: int) -> int | None:
    """How many statements are unsupported; None where that was left open."""
    text = row.values.get("unsupported")
    if text is None or not statements:
        return None
    if not _NUMBERS.fullmatch(text.strip()):
        raise InputError(
            f"{row.where}: unsupported is '{legible(text)}', expected numbers of statements, or 0 for none"
        )
    numbers = {int(number) for number in re.findall(r"\d+", text)}
    if numbers == {0}:
        return 0
    if not numbers <= set(range(1, statements + 1)):
        wrong = min(numbers - set(range(1, statements + 1)))
        raise InputError(f"{row.where}: no statement {wrong}; the answer has {statements}, and 0 alone means none")
    return len(numbers)


def _golden(row: FilledRow, case: str) -> GoldenRating:
    word = row.values.get("golden", "").casefold()
    choice = next((choice for choice in GOLDEN_WORDS if choice == word), None)
    if choice is None:
        raise InputError(f"{row.where}: golden is '{legible(word)}', expected one of: {', '.join(GOLDEN_WORDS)}")
    return GoldenRating(row.rater, case, choice, row.values.get("note", ""))


def keep_labels(scenario: Path, labels: LabelFile) -> Path:
    """Write labels beside their scenario, with those of the same sheet that were read before; where they lie."""
    name = f"{labels.run}-{labels.sheet}" if labels.drawn else labels.sheet
    file = scenario / FOLDER / f"{name}{ENDING}"
    whole = merged(read_labels(file), labels) if is_file(file) else labels
    write_atomic(file, to_json(whole, indent=1) + "\n")
    return file
