"""The rating sheet of a run: a blind, seeded part of its answers, and the golden labels that are worth a second look.

    sheet, key = answer_sheet(run, cases, SheetRequest(per_arm=60, audit=20, seed=7))

The sheet says nothing of arms: an answer that several arms gave is one item, items stand in random order, and which
arm gave which stands in the key, which is not for raters. What the arms were shown is there to be read.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harness.errors import InputError
from harness.files.hashing import content_hash
from harness.metrics.judged import rubrics
from harness.metrics.reading import Reading
from harness.ratings.audit import doubtful_labels
from harness.ratings.draw import Drawn, draw
from harness.ratings.form import Sheet, SheetItem, SheetPart, SheetQuestion
from harness.ratings.labels import NO_LABELS, Labels, answer_hash
from harness.record.files import StoredRun
from harness.record.score_table import Row, ScoreTable, tabulate
from harness.types import Answer, Case

CORRECT = SheetQuestion(
    "correct",
    "Does it answer the question rightly?",
    "choice",
    {"yes": "right", "no": "wrong", "unsure": "can't tell"},
    "Right: it says what an accepted answer says, in whatever words, and nothing that contradicts it.",
)
UNSUPPORTED = SheetQuestion(
    "unsupported",
    "Which statements do the pages not support?",
    "statements",
    {},
    "Numbers of the statements that no page above says or implies, with spaces between: 1 3. Write 0 where all are.",
)
_MEETS = {"yes": "yes", "no": "no", "unsure": "can't tell"}
RUBRICS: Mapping[str, SheetQuestion] = {  # metric of a judge -> what people are asked in its place, with the same words
    "deepeval_tone": SheetQuestion("tone", "Is it in the tone that the house wants?", "choice", _MEETS),
    "deepeval_completeness": SheetQuestion("complete", "Is it complete?", "choice", _MEETS),
    "deepeval_criteria": SheetQuestion("criteria", "Does it meet what is asked of it?", "choice", _MEETS),
}
GOLDEN = SheetQuestion(
    "golden",
    "Is the accepted answer itself right?",
    "choice",
    {"right": "right", "wrong": "wrong", "unclear": "unclear"},
    "Asked where every system missed the question, or where the accepted answer and a judge do not agree.",
)
NOTE = SheetQuestion("note", "Anything to add", "line")
QUESTIONS = (CORRECT, UNSUPPORTED, *RUBRICS.values(), GOLDEN, NOTE)
DECISIVE = tuple(question.name for question in QUESTIONS if question is not NOTE)
ADVICE = (
    "Judge each answer by itself. Who or what gave it is not told, and some answers are alike.",
    "Leave open what you cannot judge: an open item is better than a guess.",
    "Use the pages shown, not what you know besides.",
)
NO_ANSWER = "(The pages hold no answer. Right is to say so.)"
NO_PAGES = "(This answer was given without pages.)"


@dataclass(frozen=True, slots=True)
class SheetRequest:
    """What a sheet is to hold."""

    per_arm: int  # answers of each arm
    audit: int  # golden labels at most
    seed: int
    arms: tuple[str, ...] = ()  # none: every arm that could be shipped


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One answer behind an item of the sheet."""

    item: str
    case: str
    arm: str
    answer: str  # hash
    stratum: str
    statements: int


@dataclass(frozen=True, slots=True)
class GoldenKey:
    """One golden label behind an item of the sheet."""

    item: str
    case: str
    why: str  # what raised the doubt


@dataclass(frozen=True, slots=True)
class SheetKey:
    """What a sheet does not say; whoever reads it back needs this."""

    sheet: str
    run: str
    scenario: str  # its folder, as the run was given it
    seed: int
    frame: Mapping[str, Mapping[str, int]]  # arm -> stratum -> answers that could be drawn
    answers: tuple[KeyRow, ...]
    golden: tuple[GoldenKey, ...]
    drawn: bool = True  # False: whoever filled it in chose what to rate


def answer_sheet(
    run: StoredRun, cases: Sequence[Case], request: SheetRequest, labels: Labels = NO_LABELS
) -> tuple[Sheet, SheetKey]:
    """The sheet and its key; golden labels that `labels` say something against are asked about.

    Raises:
        InputError: an arm that the run does not have, or nothing that could be rated.
    """
    tested = {case.id: case for case in cases if case.split == "test"}
    answers = {(t.arm, t.case_id): t.answer for t in run.traces if t.answer and not t.probe and t.case_id in tested}
    table = tabulate(run.scores)
    outcomes = {arm: _outcomes(arm, answers, table) for arm in _arms(run, request.arms)}
    if not any(outcomes.values()):
        raise InputError(f"{run.folder}: no answer to a test question, so there is nothing to rate")
    rows = draw(outcomes, request.per_arm, request.seed)
    doubts = doubtful_labels(run, tested, table, request.audit, request.seed, labels)
    return _numbered(run, tested, answers, rows, doubts, request.seed, _frame(outcomes), table)


def _arms(run: StoredRun, names: Sequence[str]) -> tuple[str, ...]:
    by_name = {arm.name: arm for arm in run.record.arms}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise InputError(f"{run.folder}: no arm '{unknown[0]}' in this run; its arms: {', '.join(by_name)}")
    return tuple(names) or tuple(name for name, arm in by_name.items() if not arm.beside)


def _outcomes(arm: str, answers: Mapping[tuple[str, str], Answer], table: ScoreTable) -> dict[str, str]:
    success, support = table.get((arm, "task_success"), {}), table.get((arm, "groundedness"), {})
    return {case: outcome(case, success, support) for name, case in answers if name == arm}


def outcome(case: str, success: Row, support: Row) -> str:
    """What the scores say of an answer, as far as errors depend on it: `success, all supported`."""
    word = {1.0: "success", 0.0: "failure"}.get(success.get(case) or 0.0, "failure")
    word = "unscored" if success.get(case) is None else word
    value = support.get(case)
    if value is None:
        return f"{word}, no statements judged"
    return f"{word}, {'all' if value >= 1 else 'some' if value > 0 else 'none'} supported"


def _frame(outcomes: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, int]]:
    frame: dict[str, dict[str, int]] = {}
    for arm, by_case in outcomes.items():
        counts = frame.setdefault(arm, {})
        for stratum in by_case.values():
            counts[stratum] = counts.get(stratum, 0) + 1
    return frame


def _numbered(
    run: StoredRun,
    cases: Mapping[str, Case],
    answers: Mapping[tuple[str, str], Answer],
    rows: Sequence[Drawn],
    doubts: Mapping[str, str],
    seed: int,
    frame: Mapping[str, Mapping[str, int]],
    table: ScoreTable,
) -> tuple[Sheet, SheetKey]:
    """Items in an order that tells nothing, and the key to them."""
    words = rubrics(run.record.models.judge)
    by_text: dict[tuple[str, str], list[Drawn]] = {}
    for row in rows:
        by_text.setdefault((row.case, answer_hash(cases[row.case], answers[row.arm, row.case])), []).append(row)
    places: list[tuple[str, str] | str] = [*sorted(by_text), *sorted(doubts)]
    random.Random(f"order {seed}").shuffle(places)
    items: list[SheetItem] = []
    keys: list[KeyRow] = []
    golden: list[GoldenKey] = []
    for number, place in enumerate(places, start=1):
        name = f"{number:03}"
        if isinstance(place, str):
            items.append(_golden_item(name, cases[place], _texts_of(place, answers)))
            golden.append(GoldenKey(name, place, doubts[place]))
            continue
        group = by_text[place]
        by_judge = [of for of in words if any(row.case in table.get((row.arm, of), {}) for row in group)]
        item = _answer_item(name, cases[place[0]], answers[group[0].arm, place[0]], by_judge)
        items.append(item)
        keys += [KeyRow(name, row.case, row.arm, place[1], row.stratum, len(item.statements)) for row in group]
    id = content_hash([run.folder.name, seed, keys, golden])[:8]
    sheet = Sheet(id, "Answers to rate", ADVICE, _questions(words), tuple(items))
    return sheet, SheetKey(id, run.folder.name, run.record.scenario.dir, seed, frame, tuple(keys), tuple(golden))


def _questions(words: Mapping[str, str]) -> tuple[SheetQuestion, ...]:
    """What this sheet asks, a judge's rubric in the scenario's own words."""
    own = {RUBRICS[of].name: replace(RUBRICS[of], help=text) for of, text in words.items()}
    others = {question.name for question in RUBRICS.values()} - set(own)
    return tuple(own.get(question.name, question) for question in QUESTIONS if question.name not in others)


def _answer_item(name: str, case: Case, answer: Answer, by_judge: Sequence[str]) -> SheetItem:
    """One answer.

    Args:
        by_judge: metrics of a judge by the scenario's own words that have a value of it.
    """
    statements: tuple[str, ...] = ()
    if answer.hits and not answer.refused:
        statements = tuple(claim.claim for claim in Reading(case, answer).claims)
    pages = "\n\n".join(f"[S{i}] {hit.passage.title}\n{hit.passage.text}" for i, hit in enumerate(answer.hits, start=1))
    parts = (
        SheetPart("question", case.question),
        SheetPart("pages", pages or NO_PAGES),
        SheetPart("answer", answer.text),
        SheetPart("accepted", _accepted(case)),
    )
    rubrics_here = [RUBRICS[of].name for of in by_judge]
    questions = ("correct", *(["unsupported"] if statements else []), *rubrics_here, "note")
    return SheetItem(name, parts, questions, statements)


def _golden_item(name: str, case: Case, texts: Sequence[str]) -> SheetItem:
    quotes = "\n".join(f"{item.doc or item.id}: {item.quote or '(the whole of it)'}" for item in case.evidence)
    parts = (
        SheetPart("question", case.question),
        SheetPart("pages", quotes or "(No page is named as evidence.)"),
        SheetPart("answer", "\n".join(f"- {text}" for text in texts) or "(no answer)"),
        SheetPart("accepted", _accepted(case)),
    )
    return SheetItem(name, parts, ("golden", "note"))


def _accepted(case: Case) -> str:
    if case.kind == "unanswerable":
        return NO_ANSWER
    points = f"\nshould mention: {'; '.join(case.key_points)}" if case.key_points else ""
    return " / ".join(case.accept) + points


def _texts_of(case: str, answers: Mapping[tuple[str, str], Answer]) -> list[str]:
    """What the systems answered, each text once, in an order that tells nothing."""
    return sorted({answer.text for (_, id), answer in answers.items() if id == case})
