"""A text with everything folded that is form and no content: marks of Markdown and HTML, quotes, dashes, case, Unicode.

    fold("**3 days**, see [loan](loan.md)").text      # '3 days, see loan'
    fold("A guest’s kayak is lent “as seen” – here").text     # "a guest's kayak is lent as seen here"

Every sign of the folded text knows where it stands in the original, so that what was matched can be shown there.
Digits, words and the signs between digits stay: 3.5 is not 35, and -5 is not 5.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from harness.evidence.signs import AROUND_SPACELESS, NOTHING, TIGHT_AFTER, TIGHT_BEFORE, TOKEN, folded_sign

GAP = re.compile(r"\s*(?:\[\s*(?:\.{3,}|…)\s*\]|\(\s*(?:\.{3,}|…)\s*\)|\.{3,}|…)\s*")
_END = ".,;:!?。！？"
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,31});")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text, and for each of its signs the place in the original that it comes from."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, at: int, to: int) -> tuple[int, int]:
        """The place in the original of the folded signs from `at` to before `to`."""
        return self.starts[at], self.ends[to - 1]


def without_breaks(text: str) -> str:
    """The text with white space in one way, and nothing else folded."""
    return " ".join(text.split())


@lru_cache(maxsize=16384)
def fold(text: str) -> Folded:
    """The text, folded, in one pass over its tokens: words with one space between, and none beside closing marks."""
    plain, places = _unescaped(text)
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    space, last = False, ""
    for sign, start, end in _signs(plain):
        if sign == " ":
            space = bool(out)
            continue
        if space and not _tight(last, sign[0]):
            out.append(" ")
            starts.append(start)
            ends.append(start)
        space, last = False, sign[-1]
        out.append(sign)
        if len(sign) == end - start:  # sign by sign, so that a part of it has its own place
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
        else:
            starts.extend([start] * len(sign))
            ends.extend([end] * len(sign))
    if places is None:
        return Folded("".join(out), tuple(starts), tuple(ends))
    return Folded("".join(out), tuple(places[i] for i in starts), tuple(places[i] for i in ends))


def _unescaped(text: str) -> tuple[str, list[int] | None]:
    """The text with its HTML entities as signs, and where each sign stood; None where nothing was escaped."""
    if "&" not in text or html.unescape(text) == text:
        return text, None
    out: list[str] = []
    places: list[int] = []
    at = 0
    for match in _ENTITY.finditer(text):
        sign = html.unescape(match[0])
        out += [text[at : match.start()], sign]
        places += [*range(at, match.start()), *[match.start()] * len(sign)]
        at = match.end()
    return "".join([*out, text[at:]]), [*places, *range(at, len(text) + 1)]


def _signs(text: str) -> Iterator[tuple[str, int, int]]:
    """(folded signs, start, end) of every token that leaves something; a space where words are divided."""
    for match in TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind in NOTHING:
            continue
        raw = match[0]
        sign = raw.lower() if kind == "plain" else folded_sign(kind, raw)
        if sign:
            yield sign, match.start(), match.end()


def _tight(last: str, first: str) -> bool:
    """Whether no space is written between two signs: before closing marks, and beside scripts without spaces."""
    if first in TIGHT_BEFORE or last in TIGHT_AFTER:
        return True
    return not (first.isascii() and last.isascii()) and bool(AROUND_SPACELESS.match(last + first))


@lru_cache(maxsize=4096)
def quote_parts(quote: str) -> tuple[str, ...]:
    """The folded parts of a quote, divided where it leaves something out (`...`, `[...]`); a last full stop is form."""
    parts = [fold(part).text for part in GAP.split(quote)]
    parts = [part for part in parts if part.strip(_END + " ")]
    return (*parts[:-1], parts[-1].rstrip(_END + " ")) if parts else ()


def stands(quote: str, text: str) -> bool:
    """Whether a text holds the whole quote: as it is, or folded, its parts in order where it leaves something out."""
    if without_breaks(quote) in without_breaks(text):
        return True
    return bool(spans(quote, text))


def spans(quote: str, text: str) -> tuple[tuple[int, int], ...]:
    """The places of the whole quote in the text: one span, or one for each of its parts; empty where it does not."""
    place = fold(text)
    whole = fold(quote).text
    at = place.text.find(whole) if whole else -1
    if at >= 0:
        return (place.span(at, at + len(whole)),)
    out: list[tuple[int, int]] = []
    at = 0
    parts = quote_parts(quote)
    for i, part in enumerate(parts):
        at = _find(place.text, part, at, last=i == len(parts) - 1)
        if at < 0:
            return ()
        out.append(place.span(at, at + len(part)))
        at += len(part)
    return tuple(out)


def _find(text: str, part: str, at: int, last: bool) -> int:
    """The place of a part; where its full stop was left out, no word or number may go on there."""
    while (at := text.find(part, at)) >= 0:
        end = at + len(part)
        if not last or not re.match(r"\w|[.,]\d", text[end : end + 2]):
            return at
        at += 1
    return -1
