"""Texts held against accepted answers and key points.

An accepted value must stand in the text as a whole run of normalised words, not denied there, and not one of many.
Matching words cannot tell a paraphrase; golden cases list the accepted ways of saying it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.metrics.words import normal_words, positions

ROOM = 50  # words around an accepted value; longer answers recite instead of answering
ROOM_PER_WORD = 4  # more room for every word of the accepted value
MOST_RIVALS = 3  # other short items in the same enumeration, beyond which the answer is a list to choose from
RIVAL_WORDS = 4  # an item of an enumeration is at most this long
DENIALS = frozenset({"not", "never", "nor", "without", "no longer", "rather than", "instead of"})
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_ITEM_END = re.compile(r"[,;\n•|]|\s(?:and|or)\s|\s-\s")
_LONG_POINT = 3  # key points of more words than this may be said in other order and with other small words
POINT_SHARE = 0.75  # of a long key point's words, beside all of its numbers


def accepted(text: str, accept: Sequence[str], known: Sequence[str] = ()) -> bool:
    """Whether the text gives one of the accepted answers rather than a list or a recital that happens to hold it.

    Args:
        text: the answer, without citation marks.
        accept: accepted answers.
        known: what may be said beside them (key points, the question): never a rival, and allowed its room.
    """
    values = [run for run in map(normal_words, accept) if run]
    beside = [word for part in known for word in normal_words(part)]
    words = normal_words(text)
    if not any(_stated(words, run) for run in values):
        return False
    room = ROOM + ROOM_PER_WORD * max(map(len, values)) + len(beside)
    own = {word for run in values for word in run} | set(beside)
    return len(words) <= room and _rivals(text, values, own) <= MOST_RIVALS


def _stated(words: Sequence[str], run: Sequence[str]) -> bool:
    """Whether the run stands somewhere without a denial right before it: '14 days, not 30' states 14, not 30."""
    return any(not _denied(words, i) for i in positions(words, run))


def _denied(words: Sequence[str], at: int) -> bool:
    """Whether a denial is at most one word away ('does not last 30 days'); a number or 'but' ends its reach."""
    before = list(words[max(0, at - 3) : at])
    while any(word == "but" or word.isdigit() for word in before):
        before.pop(0)
    phrases = {" ".join(before[i : i + 2]) for i in range(len(before) - 1)}
    return bool(DENIALS & ({*before[-2:]} | phrases))


def _rivals(text: str, values: Sequence[Sequence[str]], own: set[str]) -> int:
    """The number of short items beside the accepted value in its sentence; the fewest, where several state it."""
    sentences = [part for part in _SENTENCE_END.split(text) if any(_stated(normal_words(part), run) for run in values)]
    return min((_foreign_items(sentence, own) for sentence in sentences), default=0)


def _foreign_items(sentence: str, own: set[str]) -> int:
    items = [words for words in map(normal_words, _ITEM_END.split(sentence)) if words]
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
