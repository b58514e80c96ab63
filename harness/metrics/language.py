"""Plain English for the claim detector: sentences, stems, and the words that carry no facts of their own."""

from __future__ import annotations

import re

from harness.metrics.words import normal_words

_SUFFIXES = ("ization", "ation", "ing", "ied", "ies", "ers", "er", "ed", "es", "ly", "s", "e")
_SENTENCE = re.compile(r"(?<=[.!?;])['\")\]]*\s+(?=\S)")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|mr|mrs|ms|dr|st|no|vs|approx|inc|jr)\.$", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-*•#>]+|\d{1,2}[.)](?=\s))\s*")
_SHORTEST_STEM = 3  # letters


def stem(word: str) -> str:
    """The word without one common English ending; at least three letters stay. Numbers and codes stay whole."""
    if not word.isalpha():
        return word
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            return word[: -len(suffix)]
    return word


def stems(text: str) -> tuple[str, ...]:
    """The stems of the text's normalised words, in order."""
    return tuple(map(stem, normal_words(text)))


def sentences(text: str) -> list[str]:
    """Sentences, lines, list items and table rows, without bullets; an abbreviation's full stop ends nothing."""
    return [sentence for line in text.splitlines() for sentence in _in_line(_BULLET.sub("", line))]


def without_bullet(line: str) -> str:
    """A line without the sign or number of a list item."""
    return _BULLET.sub("", line)


def _in_line(line: str) -> list[str]:
    sentences: list[str] = []
    for piece in _SENTENCE.split(line):
        if sentences and _ABBREVIATION.search(sentences[-1]):
            sentences[-1] += f" {piece.strip()}"
        elif piece.strip():
            sentences.append(piece.strip())
    return sentences


STOP_STEMS = frozenset(
    stems(
        "and or but if of to in on at by for from with as is are was were be been being it its this that these those "
        "he she they them his her their i you we us our your my me him do does did have has had will would can could "
        "should may might must not no so than then there here which who whom whose what when where why how all any "
        "both each more most some such only own same too very just also about into over after before per yes sure "
        "well okay absolutely really indeed thanks however"
    )
)
NEGATIONS = frozenset(stems("not no never without none nor neither cannot"))
