"""Likeness of questions: two are the same word for word, or by nearly all of their words.

Token Jaccard over normalised words without articles. Numbers and the capitalised words inside a sentence must agree,
so that 'What does the Reed plan cost?' and 'What does the Oak plan cost?' stay two questions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

SAME_SHARE = 0.8  # Jaccard index at which two wordings count as one question

_WORD = re.compile(r"\w+")
_SMALL = frozenset(_WORD.findall("a an the is are was were do does did of to for in on at and or please"))


class Likeness(Enum):
    SAME = "same"
    NEAR = "near"


def first_alike(question: str, earlier: Sequence[tuple[str, str]]) -> tuple[str, Likeness] | None:
    """The first of `known` (place, question) that asks the same, or None."""
    words, names = _read(question)
    near = None
    for where, other in earlier:
        others, other_names = _read(other)
        if words == others:
            return where, Likeness.SAME
        if near is None and names == other_names and _jaccard(words, others) >= SAME_SHARE:
            near = where, Likeness.NEAR
    return near


def stands_in(answer: str, text: str) -> bool:
    """Whether the answer's words, in whatever order, all stand in the text."""
    return _read(answer)[0] <= _read(text)[0]


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b) if a or b else 1.0


@lru_cache(maxsize=65536)
def _read(text: str) -> tuple[frozenset[str], frozenset[str]]:
    tokens = _WORD.findall(text)
    words = frozenset(token.casefold() for token in tokens) - _SMALL
    names = frozenset(t.casefold() for i, t in enumerate(tokens) if t[0].isdigit() or (i > 0 and t[0].isupper()))
    return words or frozenset(token.casefold() for token in tokens), names
