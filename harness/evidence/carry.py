"""The share of an evidence item that a passage carries: all, or the part of a quote that a cut left in this passage.

A quote that is longer than a passage, or that was cut in two, stands in none as a whole: `cut_items` marks it.
A passage then carries the part that it ends with, begins with or is; it counts from half of the quote or PIECE signs
on, and recall counts the shares. Beside a passage that holds the whole quote no part counts: passages overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from harness.evidence.fold import fold, quote_parts, spans, stands
from harness.types import Case, Evidence, Passage

PIECE = 40  # folded signs, about a short sentence: a part this long counts, however long the quote
_SHORTEST = 10  # folded signs at the edge of a passage that are looked at

QuoteShare = tuple[float, float]  # from, to: of the item, 0 to 1
# number of the evidence item -> the parts of it that a passage carries
ItemShares = Mapping[int, tuple[QuoteShare, ...]]
WHOLE: tuple[QuoteShare, ...] = ((0.0, 1.0),)


def carries(item: Evidence, passage: Passage) -> bool:
    """Whether the passage carries the evidence item, or enough of it to count."""
    return bool(shares_of(item, passage))


def shares_of(item: Evidence, passage: Passage) -> tuple[QuoteShare, ...]:
    """The parts of an evidence item that a passage carries; empty where it carries too little or nothing."""
    if item.id is not None:
        return WHOLE if item.id in (passage.id, passage.doc) else ()
    if passage.doc != item.doc:
        return ()
    if item.quote is None or stands(item.quote, passage.text):
        return WHOLE
    if not item.cut:
        return ()
    parts, text = quote_parts(item.quote), fold(passage.text).text
    size = sum(map(len, parts))
    ranges: list[tuple[int, int]] = []
    at = 0
    for part in parts:
        # a space at the cut belongs to nobody
        ranges += [(at + low - (part[low - 1 : low] == " "), at + high) for low, high in _of_part(part, text)]
        at += len(part)
    enough = sum(high - low for low, high in ranges) >= size / 2 or any(high - low >= PIECE for low, high in ranges)
    return tuple((low / size, high / size) for low, high in ranges) if ranges and enough else ()


def _of_part(part: str, text: str) -> list[tuple[int, int]]:
    """The signs of a part of the quote that stand in a passage: all, those that it is, or those at its two edges."""
    if part in text:
        return [(0, len(part))]
    if len(text) >= _SHORTEST and (at := part.find(text)) >= 0:
        return [(at, at + len(text))]
    ends = _shared(part, text)  # the passage ends with the beginning of the quote
    starts = _shared(text, part)  # the passage starts with the end of the quote
    return [(0, ends)] * bool(ends) + [(len(part) - starts, len(part))] * bool(starts)


def _shared(first: str, second: str) -> int:
    """The length of the longest beginning of `first` with which `second` ends, of at least so many signs; else 0."""
    edge = second[-_SHORTEST:]
    if len(edge) < _SHORTEST:
        return 0
    at = first.rfind(edge)
    while at >= 0:
        size = at + _SHORTEST
        if second.endswith(first[:size]):
            return size
        at = first.rfind(edge, 0, size - 1)
    return 0


def quote_places(item: Evidence, passage: Passage) -> tuple[tuple[int, int], ...]:
    """The places in a passage's text of an evidence item's quote, or of the parts of it that the passage carries."""
    shares = shares_of(item, passage)
    if item.quote is None or not shares:
        return ()
    if shares == WHOLE:
        return spans(item.quote, passage.text)
    place, whole = fold(passage.text), "".join(quote_parts(item.quote))
    pieces = [whole[round(low * len(whole)) : round(high * len(whole))] for low, high in shares]
    ranges = [(at, at + len(piece)) for piece in pieces if (at := place.text.find(piece)) >= 0]
    return tuple(place.span(at, to) for at, to in ranges)


def cut_items(evidence: Iterable[Evidence], passages: Mapping[str, Sequence[Passage]]) -> tuple[Evidence, ...]:
    """The evidence, its quotes that no passage holds as a whole marked as cut.

    Args:
        passages: those of the index, by document.
    """
    return tuple(replace(item, cut=_is_cut(item, passages.get(item.doc or "", ()))) for item in evidence)


def _is_cut(item: Evidence, passages: Sequence[Passage]) -> bool:
    quote = item.quote
    return quote is not None and not any(stands(quote, passage.text) for passage in passages)


def cut_cases(cases: Iterable[Case], passages: Iterable[Passage]) -> tuple[Case, ...]:
    """The cases with `cut_items` done to their evidence."""
    by_doc: dict[str, list[Passage]] = {}
    for passage in passages:
        by_doc.setdefault(passage.doc, []).append(passage)
    return tuple(replace(case, evidence=cut_items(case.evidence, by_doc)) for case in cases)


def mark_cut(cases: Iterable[Case], cut: Mapping[str, tuple[int, ...]]) -> tuple[Case, ...]:
    """The cases with these of their evidence items marked as cut."""
    return tuple(_marked(case, cut[case.id]) if case.id in cut else case for case in cases)


def _marked(case: Case, numbers: tuple[int, ...]) -> Case:
    return replace(case, evidence=tuple(replace(e, cut=i in numbers) for i, e in enumerate(case.evidence)))


def item_shares(evidence: Sequence[Evidence], passage: Passage) -> ItemShares:
    """The evidence items that a passage carries, by their numbers."""
    rows = ((i, shares_of(item, passage)) for i, item in enumerate(evidence))
    return {i: shares for i, shares in rows if shares}


def covered(rows: Iterable[ItemShares]) -> float:
    """The number of evidence items that the passages carry together, parts of quotes as shares of one."""
    shares: dict[int, list[QuoteShare]] = {}
    for row in rows:
        for i, parts in row.items():
            shares.setdefault(i, []).extend(parts)
    return sum(map(_union, shares.values()))


def _union(shares: Iterable[QuoteShare]) -> float:
    """The length that the shares cover together."""
    total = reach = 0.0
    for low, high in sorted(shares):
        total += max(0.0, high - max(low, reach))
        reach = max(reach, high)
    return 1.0 if total > 1 - 1e-9 else total
