"""Texts held against accepted answers and key points.

An accepted value must stand in the text as a whole run of normalised words, not denied there, and not one of many.
Matching words cannot tell a paraphrase; golden cases list the accepted ways of saying it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from harness.language.detect import language_of
from harness.language.numerals import plain_numerals, with_points
from harness.language.scripts import counts_as_half
from harness.metrics.words import clocked, normal_words, positions

ROOM = 50  # words around an accepted value; longer answers recite instead of answering
ROOM_PER_WORD = 4  # more room for every word of the accepted value
MOST_RIVALS = 3  # other short items in the same enumeration, beyond which the answer is a list to choose from
RIVAL_WORDS = 4  # an item of an enumeration is at most this long
# fmt: off
DENIALS = frozenset({
    "not", "never", "nor", "neither", "cannot", "without", "no longer", "rather than", "instead of",
    "nicht", "kein", "keine", "不", "没", "非",
})
# fmt: on
ENDS = frozenset({"but", "sondern", "only"})  # what follows them is meant
# after a denial they make a limit, which states its value: 'must not exceed 30 kg'
# fmt: off
LIMITS = frozenset({
    "exceed", "exceeding", "more", "less", "fewer", "over", "above", "below", "under", "later", "longer", "earlier",
    "beyond", "greater", "higher", "lower", "before", "until", "after", "just", "only",
})
# fmt: on
# what may stand before and after an answer of signs alone
_SIGN_BEFORE, _SIGN_AFTER = r"(?<![^\s\w\"'`(\[])", r"(?=[\s\w.,;:!?)\]\"'`]|$)"
_VERSIONS = re.compile(r"\b(?:versions?|releases?|firmware|v\.?\d[\w.]*)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
_ITEM_END = re.compile(r"[,;\n•|、，；]|\s(?:and|or)\s|\s-\s")
_LONG_POINT = 3  # key points of more words than this may be said in other order and with other small words
POINT_SHARE = 0.75  # of a long key point's words, beside all of its numbers


def accepted(text: str, accept: Sequence[str], context: Sequence[str] = ()) -> bool:
    """Whether the text gives one of the accepted answers rather than a list or a recital that happens to hold it.

    Args:
        text: the answer, without citation marks.
        accept: accepted answers.
        context: what may be said beside them (key points, the question): never a rival, and allowed its room.
    """
    language = language_of(text, *accept, *context)
    if language is not None and language.code != "en":
        text, *plain = (plain_numerals(part, language) for part in (text, *accept, *context))
        accept, context = plain[: len(accept)], plain[len(accept) :]
    if language is not None and language.comma:
        text, accept, context = with_points(text), list(map(with_points, accept)), list(map(with_points, context))
    if any(not normal_words(value) and _sign_stands(text, value) for value in accept):
        return True
    exact = any(map(_VERSIONS.search, (*accept, *context, text)))
    return _accepted(text, accept, context, exact) or _accepted(
        clocked(text), list(map(clocked, accept)), context, exact
    )


def _sign_stands(text: str, value: str) -> bool:
    """Whether an answer without a word or number (`!=`, `&&`) stands in the text as it is."""
    return bool(value.strip()) and bool(re.search(_SIGN_BEFORE + re.escape(value.strip()) + _SIGN_AFTER, text))


def _accepted(text: str, accept: Sequence[str], context: Sequence[str], exact: bool) -> bool:
    values = [run for run in (normal_words(value, exact) for value in accept) if run]
    beside = [word for part in context for word in normal_words(part, exact)]
    words = normal_words(text, exact)
    if not any(_stated(words, run) for run in values):
        return False
    room = ROOM + ROOM_PER_WORD * max(map(len, values)) + len(beside)
    own = {word for run in values for word in run} | set(beside)
    size = len(words) - sum(map(counts_as_half, words)) / 2
    return size <= room and _rivals(text, values, own, exact) <= MOST_RIVALS


def _stated(words: Sequence[str], run: Sequence[str]) -> bool:
    """Whether the run stands somewhere without a denial right before it: '14 days, not 30' states 14, not 30."""
    return any(not _denied(words, i) for i in positions(words, run))


def _denied(words: Sequence[str], at: int) -> bool:
    """Whether a denial is at most one word away ('does not last 30 days'); a number or 'but' ends its reach."""
    before = list(words[max(0, at - 3) : at])
    while any(word in ENDS or word[-1].isdigit() for word in before):
        before.pop(0)
    if any(one in DENIALS and other in LIMITS for one, other in pairwise(before)):
        return False
    phrases = {" ".join(before[i : i + 2]) for i in range(len(before) - 1)}
    return bool(DENIALS & ({*before[-2:]} | phrases))


def _rivals(text: str, values: Sequence[Sequence[str]], own: set[str], exact: bool) -> int:
    """The number of short items beside the accepted value in its sentence; the fewest, where several state it."""
    parts = {part: normal_words(part, exact) for part in _SENTENCE_END.split(text)}
    stated = [part for part, words in parts.items() if any(_stated(words, run) for run in values)]
    return min((_foreign_items(sentence, own, exact) for sentence in stated), default=0)


def _foreign_items(sentence: str, own: set[str], exact: bool) -> int:
    items = [words for words in (normal_words(item, exact) for item in _ITEM_END.split(sentence)) if words]
    return sum(1 for words in items if len(words) <= RIVAL_WORDS and not own.intersection(words))


def mentions(words: Sequence[str], point: str) -> bool:
    """Whether a key point is said: word for word, or for a long one by all its numbers and most of its words."""
    run = normal_words(point)
    if positions(words, run):
        return True
    if len(run) <= _LONG_POINT:
        return False
    present = set(words)
    numbers = {word for word in run if any(c.isdigit() for c in word)}
    return numbers <= present and sum(word in present for word in run) >= POINT_SHARE * len(run)
