"""References that are sentences: accepted answers that cannot be looked for word for word in an answer.

    is_reference(["3 days"])                              # False: it stands in an answer or not
    is_reference(["A kayak may be lent for 3 days."])     # True: 'You may borrow one for three days' is as right

Importers bring many. Where one accepted answer is short, it decides, as ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.language.scripts import UNSPACED
from harness.types import Case

CLOSED = 5  # words from which a text with a closing full stop is a sentence
WITH_VERB = 7  # words from which one without a full stop is, where it has a verb of the commonest
LONG = 14  # words from which any text is
_SIGNS_A_WORD = 2  # of a script without spaces
ADVICE = "give it 'key_points' or a short accepted answer"

_UNSPACED = re.compile(f"[{UNSPACED}]")
_WORD = re.compile(r"[^\W_][\w.'’-]*")
_END = re.compile(r"[.!?。！？।؟۔…][\"'”’»)\]」』]*\s*$")
_SHORT_FORM = re.compile(
    r"\b(?:[A-Z]\w{0,3}|etc|approx|max|min|p\.m|a\.m)\.$"
)  # 'Jr.', 'Inc.', 'p.m.' close no sentence
# fmt: off
_VERBS = frozenset({
    "is", "are", "was", "were", "be", "been", "can", "may", "must", "shall", "should", "will", "would", "could", "has",
    "have", "had", "does", "do", "did", "ist", "sind", "war", "waren", "kann", "können", "muss", "müssen", "wird",
    "werden", "wurde", "hat", "haben", "est", "sont", "était", "peut", "peuvent", "doit", "doivent", "es", "son", "era",
    "puede", "pueden", "debe", "deben", "è", "sono", "può", "possono", "deve",
})
# fmt: on


def is_reference(accept: Sequence[str]) -> bool:
    """Whether every accepted answer is a sentence, so that none can be looked for word for word."""
    return bool(accept) and all(map(is_sentence, accept))


def is_sentence(text: str) -> bool:
    """Whether a text is a sentence: closed by a full stop, with one of the commonest verbs, or long.

    Two signs of a script without spaces count as a word.
    """
    text = text.strip()
    signs = len(_UNSPACED.findall(text))
    tokens = _WORD.findall(_UNSPACED.sub(" ", text))
    words = len(tokens) + signs / _SIGNS_A_WORD
    closed = bool(_END.search(text)) and not _SHORT_FORM.search(text)
    verb = any(token.casefold() in _VERBS for token in tokens)
    return words >= LONG or (words >= CLOSED and closed) or (words >= WITH_VERB and verb)


@dataclass(frozen=True, slots=True)
class References:
    """The number of cases whose reference is a sentence, and how they are scored."""

    by_points: tuple[str, ...]  # places of the cases that key points decide
    undecided: tuple[str, ...]  # of those that an answer in other words leaves unscored
    of: int  # cases with accepted answers

    @property
    def says(self) -> str:
        """The note on them before anything runs; empty where every case can be scored."""
        if not self.undecided:
            return ""
        many = "accept only sentences" if len(self.undecided) > 1 else "accepts only a sentence"
        unscored = f"{len(self.undecided)} of {self.of} cases {many}: an answer in other words stays unscored"
        return f"{unscored}; {ADVICE}"


def references(cases: Iterable[Case]) -> References:
    """The references among these cases."""
    answered = [case for case in cases if case.accept]
    long = [case for case in answered if is_reference(case.accept)]
    by_points = tuple(case.where for case in long if case.key_points)
    return References(by_points, tuple(case.where for case in long if not case.key_points), len(answered))
