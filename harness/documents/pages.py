"""Pages -> one text: lines that stand on every page are read once, page numbers not, words across borders joined."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from harness.documents.hyphens import join_divided

_EDGE = 3  # lines at the top and at the bottom of a page among which headers and footers are
_SHARE = 0.6  # of the pages carry a line: then it is furniture
_LONGEST = 150  # characters of a header or footer
_PAGE_WORD = (
    r"(?:page|p\.|pg\.?|seite|s\.|página|pagina|pág\.|pag\.|sida|side|strona|str\.|стр\.|страница|oldal|sayfa|第)"
)
_NUMBER = r"\d{1,4}"
_PAGE_NUMBER = re.compile(
    rf"^[\s\-–—|·•\[(]*(?:{_PAGE_WORD}\s*)?({_NUMBER})(?:\s*(?:of|von|de|sur|di|af|av|из|z|/|\|)\s*\d{{1,4}})?"
    rf"\s*(?:页|頁|ページ|쪽)?[\s\-–—|·•\])]*$",
    re.I,
)
_WITH_NUMBER = re.compile(
    rf"(?:{_PAGE_WORD}\s*{_NUMBER}\b(?:\s*(?:of|von|de|sur|di|af|av|из|z|/)\s*\d{{1,4}})?"
    rf"|[|·•–—]\s*{_NUMBER}\s*$|^\s*{_NUMBER}\s*[|·•–—])",
    re.I,
)
_ENDED = re.compile(r"[.!?:;。！？…][\"'”’»)\]]*$")


@dataclass(frozen=True, slots=True)
class _Furniture:
    """The lines of the edges that repeat, as they are compared."""

    tops: frozenset[str]
    bottoms: frozenset[str]


def join_pages(pages: Sequence[str]) -> str:
    """The text of a document's pages: headers once at its top, footers once at its end, page numbers left out."""
    lines = [[line.rstrip() for line in page.strip().split("\n")] for page in pages]
    furniture = _repeated(lines)
    tops: dict[str, str] = {}
    bottoms: dict[str, str] = {}
    rests = [_body(page, furniture, tops, bottoms) for page in lines]
    bodies = ["\n".join(rest).strip() for rest in _unnumbered(_unnumbered(rests, 0), -1)]
    parts = [*tops.values(), _continued([body for body in bodies if body]), *bottoms.values()]
    return join_divided("\n\n".join(part for part in parts if part))


def is_page_number(line: str) -> bool:
    return bool(_PAGE_NUMBER.match(line))


def _unnumbered(pages: list[list[str]], edge: int) -> list[list[str]]:
    """The pages without the numbers at one edge, where they count on from page to page."""
    numbers = {at: _number(page[edge]) for at, page in enumerate(pages) if page}
    steps = Counter(number - at for at, number in numbers.items() if number is not None)
    if not steps or steps.most_common(1)[0][1] < _least(len(pages)):
        return pages
    step = steps.most_common(1)[0][0]
    in_step = {at for at, number in numbers.items() if number is not None and number - at == step}
    rest = slice(1, None) if edge == 0 else slice(None, -1)
    return [page[rest] if at in in_step else page for at, page in enumerate(pages)]


def _number(line: str) -> int | None:
    match = _PAGE_NUMBER.match(line)
    return int(match.group(1)) if match else None


def _least(pages: int) -> int:
    """On how many pages a line stands that is furniture: on all, where there are only a few."""
    return max(2, pages if pages < 4 else round(pages * _SHARE))


def _repeated(pages: Sequence[list[str]]) -> _Furniture:
    """The lines that stand at the edge of most pages; of all, where there are only a few."""
    least = _least(len(pages))
    tops = Counter(key for page in pages for key in {_key(line) for _, line in _top(page)})
    bottoms = Counter(key for page in pages for key in {_key(line) for _, line in _bottom(page)})
    return _Furniture(*(frozenset(k for k, n in counts.items() if k and n >= least) for counts in (tops, bottoms)))


def _top(page: list[str]) -> Iterator[tuple[int, str]]:
    yield from ((at, line) for at, line in enumerate(page[: min(_EDGE, len(page) // 2)]) if line.strip())


def _bottom(page: list[str]) -> Iterator[tuple[int, str]]:
    most = min(_EDGE, len(page) // 2)
    yield from ((at, page[at]) for at in range(len(page) - most, len(page)) if page[at].strip())


def _key(line: str) -> str:
    """A line as it is compared: without its page number; empty where it is too long for furniture."""
    key = " ".join(_WITH_NUMBER.sub(" ", line).split())
    return key if len(line) <= _LONGEST else ""


def _body(page: list[str], furniture: _Furniture, tops: dict[str, str], bottoms: dict[str, str]) -> list[str]:
    """The lines of a page without its furniture, which is added to `tops` and `bottoms` the first time it is seen."""
    away: set[int] = set()
    for at, line in _top(page):
        if _key(line) in furniture.tops:
            away.add(at)
            tops.setdefault(_key(line), _key(line))
    for at, line in _bottom(page):
        if at not in away and _key(line) in furniture.bottoms:
            away.add(at)
            if _key(line) not in tops:
                bottoms.setdefault(_key(line), _key(line))
    return [line for at, line in enumerate(page) if at not in away and (line or at)]


def _continued(bodies: Sequence[str]) -> str:
    """Pages after each other: a sentence that goes on over the border is not cut by a blank line."""
    if not bodies:
        return ""
    text = bodies[0]
    for before, after in pairwise(bodies):
        goes_on = not _ENDED.search(before) and (after[0].islower() or before.endswith(("-", "\u00ad", "\u2010")))
        text += ("\n" if goes_on else "\n\n") + after
    return text
