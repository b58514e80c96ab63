"""Somebody's own material: a folder of 15 Markdown pages and 25 questions in a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

TOPICS = (
    "passports", "parking permits", "boat moorings", "market stalls", "garden plots", "dog licences", "street parties",
    "tree felling", "bulky waste", "library cards", "bicycle boxes", "swimming lessons", "meeting rooms",
    "fishing cards", "building plans",
)  # fmt: skip
QUESTIONS = 25


def fee(number: int) -> str:
    return f"{12 + 7 * number} euros"


def room(number: int) -> str:
    return f"room {101 + 3 * number}"


def write_handbook(folder: Path) -> Path:
    """Fifteen pages with three facts each."""
    folder.mkdir(parents=True)
    for number, topic in enumerate(TOPICS):
        facts = (
            f"The fee for {topic} is {fee(number)}.",
            f"The office for {topic} is in {room(number)}.",
            f"A request for {topic} takes {number + 2} working days.",
        )
        (folder / f"{topic.replace(' ', '-')}.md").write_text(f"# {topic.capitalize()}\n\n{' '.join(facts)}\n")
    return folder


def question_rows() -> list[tuple[str, str, str, str]]:
    """(question, answer, document, quote), as many as a first golden set has."""
    rows = []
    for number, topic in enumerate(TOPICS):
        page = f"{topic.replace(' ', '-')}.md"
        answer, office = fee(number), room(number)
        rows.append((f"What is the fee for {topic}?", answer, page, f"The fee for {topic} is {answer}."))
        rows.append((f"Where is the office for {topic}?", office, page, f"The office for {topic} is in {office}."))
    return rows[:QUESTIONS]


def write_questions(file: Path, header: Sequence[str], rows: Iterable[Sequence[str]], separator: str = ",") -> Path:
    with file.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream, delimiter=separator)
        table.writerow(header)
        table.writerows(rows)
    return file


def write_faq_csv(file: Path) -> Path:
    """Questions and answers alone: where the answers stand is not said."""
    return write_questions(file, ("Question", "Answer"), [row[:2] for row in question_rows()])
