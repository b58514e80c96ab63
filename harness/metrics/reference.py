"""Answers held against a reference that is a sentence: right, wrong where words can tell, else unscored.

'A kayak may be lent for 3 days.'    # to 'How long may a kayak be lent?'; what it adds is the value '3 days'
'3 days', 'You may borrow one for three days.'    # right: they state the value
'For 5 days.'                                     # wrong: another number of the same thing
'Until Friday.'                                   # unscored
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from harness.metrics.acceptance import accepted, mentions
from harness.metrics.language import STOP_STEMS, stem
from harness.metrics.words import ARTICLES, normal_words, positions
from harness.references import ADVICE
from harness.types import Case, Unscored

MOST = 4  # words of a value that a reference adds to its question
_UNSCORED = Unscored(f"the reference is a sentence, and the answer is in other words; {ADVICE}, or set a judge")
_NEGATIONS = frozenset({"not", "no", "never", "without", "only", "nor", "neither", "cannot", "except", "unless"})


def by_reference(text: str, words: Sequence[str], case: Case) -> float | Unscored:
    """1 or 0 where the reference decides, by the case's key points where it has them; Unscored where it cannot.

    Args:
        text: the answer, which states no accepted answer as it stands.
        words: normalised words of everything that the answer says.
    """
    if case.key_points:
        return float(all(mentions(words, point) for point in case.key_points))
    if any(positions(words, normal_words(reference)) for reference in case.accept):
        return 0.0  # it is recited or denied
    values = [value for reference in case.accept if (value := added_value(reference, case.question)) is not None]
    if any(accepted(text, [value], [case.question, *case.accept]) for value in values):
        return 1.0
    others = [_other_number(words, value) for value in values] or [False]
    same = [_same_but_numbers(words, normal_words(reference)) for reference in case.accept]
    return 0.0 if all(others) or any(same) else _UNSCORED


def added_value(reference: str, question: str) -> str | None:
    """The value that a reference adds to its question: a few words in a row with a number, or a name; None without one.

    A denial or a condition in it is more than a value.
    """
    tokens = reference.split()
    stems = {stem(word) for word in normal_words(question)} | STOP_STEMS
    new = [i for i, token in enumerate(tokens) if _adds(token, stems)]
    if not new:
        return None
    run = tokens[new[0] : new[-1] + 1]
    if len(run) > MOST or _NEGATIONS & {word for token in tokens for word in normal_words(token)}:
        return None
    value = " ".join(run).strip(".,;:!?\"'()")
    number = any(word[-1].isdigit() for word in normal_words(value))
    name = new[0] > 0 and all(re.match(r"\W*[A-Z]", token) for token in run)
    return value if number or name else None


def _adds(token: str, stems: Collection[str]) -> bool:
    return token.casefold() not in ARTICLES and any(stem(word) not in stems for word in normal_words(token))


def _other_number(words: Sequence[str], value: str) -> bool:
    """Whether the answer gives another number of the same thing, and the value's own nowhere."""
    own, measures = _measures(normal_words(value)), _measures(words)
    return any(
        number not in words and any(unit == other and n != number for n, other in measures) for number, unit in own
    )


def _measures(words: Sequence[str]) -> list[tuple[str, str]]:
    """(number, the word after it)."""
    return [(a, b) for a, b in pairwise(words) if a[-1].isdigit() and not b[-1].isdigit()]


def _same_but_numbers(words: Sequence[str], reference: Sequence[str]) -> bool:
    """Whether the answer is the reference word for word with another number in it."""
    if len(words) != len(reference):
        return False
    differing = [(a, b) for a, b in zip(words, reference, strict=True) if a != b]
    return bool(differing) and all(a[-1].isdigit() and b[-1].isdigit() for a, b in differing)
