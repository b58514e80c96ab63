"""The ends of sentences, in every script."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from harness.language.rows import Language

# stops that end a sentence with or without a space behind them
STOPS = "。！？．｡؟۔।॥։။።፧᙮"
_CLOSING = "」』”’）】〉》»\"')\\]"
_QUOTED_ON = "とっ、，,"  # after a quote in Japanese: the sentence goes on
# behind them a long sentence of a script without spaces may be cut
CLAUSES = "，、；：،؛"
_OTHER_STOP = rf"(?<=[{STOPS}])(?:[{_CLOSING}]+(?![{_QUOTED_ON}]))?\s*(?![{STOPS}{_CLOSING}…])"
_ELLIPSIS = rf"(?<=……)[{_CLOSING}]*(?![{STOPS}…{_CLOSING}])"
_LATIN_STOP = r"(?<=[.!?])[\"')\]]*\s+"
_QUOTED_STOP = r"(?<=[.!?…])(?:[ \u00a0\u202f]?»|[\"')\]”’“‹›])*\s+(?![a-zà-þ»])"


@cache
def english_border() -> re.Pattern[str]:
    """The border between two sentences of an English text; the stops of other scripts end one there as well."""
    return re.compile(f"{_LATIN_STOP}|{_OTHER_STOP}|{_ELLIPSIS}")


@cache
def clause_border() -> re.Pattern[str]:
    """White space, and the commas of scripts without spaces."""
    return re.compile(rf"\s+|(?<=[{CLAUSES}])(?!\s)")


@lru_cache(maxsize=64)
def border(language: Language | None) -> re.Pattern[str]:
    """The border between two sentences of a language: abbreviations and quotes are its own.

    A passage of an English document is named after its text, and so English is cut as it always was.
    """
    if language is None or language.code == "en":
        return english_border()
    whole = {word for word in language.abbreviations.split() if word}
    looks = "".join(rf"(?<!(?<![^\W_]){re.escape(word)}\.)" for word in sorted(whole, key=len, reverse=True))
    # a number with a full stop is an ordinal where a word in lower case or a month follows: am 3. Mai
    ordinal = r"(?<!(?<!\d)\d\.)(?<!(?<!\d)\d\d\.)" if language.code in _ORDINALS else ""
    return re.compile(rf"(?i:{looks}){ordinal}{_QUOTED_STOP}|{_OTHER_STOP}|{_ELLIPSIS}")


_ORDINALS = frozenset({"de", "da", "no", "cs", "sk", "hu", "fi", "et", "hr", "pl", "tr"})
