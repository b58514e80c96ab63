"""An answer found in its quote: the shortest stretch of the quote that holds its words, with all steps and items.

span_in("backup Accounts", "From Settings, tap Accounts and backup > Accounts.")   # 'Accounts and backup > Accounts'
span_in("Tuesday", "The desk closes on Monday.")                                     # None
"""

from __future__ import annotations

import re
from collections import Counter

from harness.metrics.words import normal_words

_TOKEN = re.compile(r"\S+")
_EDGE = ',;:()[]"“”'
# a way through menus: 'Settings > Accounts and backup > Accounts', as long as it goes on
_VERBS = r"(?:Tap|Select|From|Open|Go|Press|Choose|Touch|Click|In|On|To|Swipe|See|Use)\b"
_STEP = rf"(?!{_VERBS})[A-Z][\w/&'’+-]*(?: (?!(?:tap|to|press|select|then)\b)[\w/&'’+-]+){{0,5}}?"
_LAST = r"[A-Z][\w/&'’+-]*(?: [\w/&'’+-]+){0,6}?(?= (?:to|and|for|then|in|on|or tap)\b|[^\w /&'’+-]|$)"
_WAY = re.compile(rf"{_STEP}(?: ?> ?{_STEP})*? ?> ?(?:{_LAST})(?! ?>)")
_REST = re.compile(r"(?:,[^.;:!?]*?)?,? (?:and|or) [^.;:!?]+")  # the other items of a list, the next steps


def span_in(answer: str, quote: str) -> str | None:
    """The stretch of a quote that says an answer; None where a word of the answer does not stand there."""
    goal = Counter(normal_words(answer))
    if not goal:
        return None
    tokens = [(match.start(), match.end(), Counter(normal_words(match[0]))) for match in _TOKEN.finditer(quote)]
    best: tuple[int, int] | None = None
    for first in range(len(tokens)):
        words: Counter[str] = Counter()
        for last in range(first, len(tokens)):
            words += tokens[last][2]
            if goal <= words:
                if best is None or last - first < best[1] - best[0]:
                    best = first, last
                break
    if best is None:
        return None
    start, end = tokens[best[0]][0], tokens[best[1]][1]
    for way in _WAY.finditer(quote):
        if way.start() < end and start < way.end():
            start, end = min(start, way.start()), max(end, way.end())
    if rest := _REST.match(quote, end):  # one step or item of several is no whole answer
        end = rest.end()
    return quote[start:end].strip(_EDGE + " ").removesuffix(".").strip(_EDGE)
