"""What users and reviewers left behind -> exchanges: thumbs, edited answers, a stronger model's answers after critique.

    {"question": "How long?", "answer": "A week.", "thumb": "down", "edited_answer": "5 days."}
    -> "How long?" answered "5 days.", with "A week." as the answer that was rejected

A thumb up makes an answer an example; a thumb down makes it the worse one of a pair where somebody said what is better:
by an edit, or by a thumb up for another answer to the same question. Nothing else is learned from a thumb down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.errors import InputError
from harness.golden.importers.cells import missing, plain_text
from harness.golden.importers.drafts import ISO_DATE
from harness.golden.importers.tables import Row, Table
from harness.tuning.instructions import InstructionPair, Unusable, maybe_text, text_in

QUESTIONS = ("question", "query", "prompt", "user", "user_input", "message", "input")
ANSWERS = ("answer", "response", "output", "completion", "reply", "assistant", "draft")
THUMBS = ("thumb", "thumbs", "feedback", "vote", "rating", "liked")
EDITS = ("edited_answer", "edited", "correction", "corrected_answer", "edited_output")
REVISIONS = ("revision", "revised", "revised_answer", "final_answer", "after_critique")
APPROVALS = ("approved", "reviewed", "accepted")
TIMES = ("timestamp", "created_at", "date", "time")
# fmt: off
UP = frozenset({"up", "thumbs_up", "thumbs up", "like", "liked", "good", "positive", "yes", "true", "1", "+1", "👍"})
DOWN = frozenset({"down", "thumbs_down", "thumbs down", "dislike", "disliked", "bad", "negative", "no", "false", "-1",
                  "0", "👎"})
# fmt: on


def read_thumbs(row: Row, where: str) -> InstructionPair:
    """A row of a log with thumbs, as `by_question` leaves it."""
    if (why := plain_text(row.get("_unusable"))) is not None:
        raise Unusable(why)
    better = maybe_text(_cell(row, EDITS))
    answer = text_in(_cell(row, ANSWERS))
    if better is not None:
        return _pair(row, better, answer)
    if _thumb(row) is not True:
        raise Unusable("no thumb up, and nobody said what is better")
    return _pair(row, answer, maybe_text(row.get("_rejected")))


def read_edits(row: Row, where: str) -> InstructionPair:
    """An answer as a person edited it, and as it was."""
    return _pair(row, text_in(_cell(row, EDITS)), maybe_text(_cell(row, ANSWERS)))


def read_critique(row: Row, where: str) -> InstructionPair:
    """A stronger model's answer after critique; only what a person approved, where the file says who did."""
    approval = _cell(row, APPROVALS)
    if not missing(approval) and (plain_text(approval) or "").casefold() in DOWN:
        raise Unusable("no person approved it")
    better = maybe_text(_cell(row, REVISIONS))
    if better is None:
        raise Unusable("no answer after the critique")
    notes = ("nobody is said to have reviewed it",) if missing(approval) else ()
    return _pair(row, better, maybe_text(_cell(row, ANSWERS)), notes)


def _pair(row: Row, output: str, rejected: str | None, notes: tuple[str, ...] = ()) -> InstructionPair:
    if rejected is not None and rejected.strip() == output.strip():
        rejected = None  # an edit that changed nothing, a critique that found nothing
    return InstructionPair(text_in(_cell(row, QUESTIONS)), output, rejected, timestamp=time_of(row), notes=notes)


def time_of(row: Row) -> str | None:
    """When a row is from; None where it does not say, or in no form that is understood."""
    text = plain_text(_cell(row, TIMES)) or ""
    return text if ISO_DATE.match(text) else None


def by_question(table: Table) -> Sequence[tuple[str, Row]]:
    """The rows of a log with what others of the same question say: an answer that was liked has one beside it that was
    not.

    Raises:
        InputError: thumbs on a scale, of which nobody says from where on they are up.
    """
    _check_scale(table)
    groups: dict[str, list[tuple[str, Row]]] = {}
    for where, row in table.rows:
        groups.setdefault(" ".join(text_in(_cell(row, QUESTIONS)).casefold().split()), []).append((where, row))
    return [place for group in groups.values() for place in _compared(group)]


def _compared(group: Sequence[tuple[str, Row]]) -> Iterator[tuple[str, Row]]:
    thumbs: dict[str, set[bool]] = {}
    for _, row in group:
        if (thumb := _thumb(row)) is not None:
            thumbs.setdefault(text_in(_cell(row, ANSWERS)).strip(), set()).add(thumb)
    worse = [answer for answer, votes in thumbs.items() if votes == {False}]
    for where, row in group:
        answer = text_in(_cell(row, ANSWERS)).strip()
        if maybe_text(_cell(row, EDITS)) is None and len(thumbs.get(answer, ())) == 2:
            yield where, {**row, "_unusable": "people disagree about this answer"}
        elif worse and _thumb(row):
            yield where, {**row, "_rejected": worse[0]}
        else:
            yield where, row


def _check_scale(table: Table) -> None:
    for where, row in table.rows:
        text = (plain_text(_cell(row, THUMBS)) or "").casefold()
        if text and _word(text) not in UP | DOWN:
            raise InputError(
                f"{where}: '{text[:40]}' is no thumb; expected up or down (also 1 and -1, like, good, true, ...): "
                "write which marks are up"
            )


def _thumb(row: Row) -> bool | None:
    """Up, down, or nothing said."""
    word = _word((plain_text(_cell(row, THUMBS)) or "").casefold())
    return True if word in UP else False if word in DOWN else None


def _word(text: str) -> str:
    """A whole number that passed through a spreadsheet is a number again."""
    return text.removesuffix(".0")


def _cell(row: Mapping[str, Any], names: Sequence[str]) -> Any:
    """The first of these columns that has a value."""
    return next((row[name] for name in names if name in row and not missing(row[name])), None)
