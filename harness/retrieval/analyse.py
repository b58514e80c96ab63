"""Text -> search terms for BM25: case folded, stemmed, and aware of identifiers.

`getUserById failed with ERR-4021` -> get user by id getuserbyid fail with err 4021 err-4021
"""

from __future__ import annotations

import functools
import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from Stemmer import Stemmer  # type: ignore[import-not-found,import-untyped,unused-ignore]

VERSION = 1  # stored with an index: terms of another analyser do not match
_TERM = re.compile(r"[^\W_]+(?:[-_./'\u2019:@+#][^\W_]+)*[+#]*", re.UNICODE)
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_A-Za-z]+")
# words that carry no topic; question words are among them, since questions are what is searched with
_STOP_WORDS = """
a an and are as at be been but by can could did do does for from had has have how i if in into is it its may me my no
not of on or our shall should so such than that the their them then there these they this those to was we were what
when where which while who whom why will with would you your
"""
STOP = frozenset(_STOP_WORDS.split())


def normalise(query: str) -> str:
    """A query as it is embedded and searched: Unicode NFKC, white space folded, control characters gone."""
    folded = unicodedata.normalize("NFKC", query)
    return " ".join("".join(c if c.isprintable() else " " for c in folded).split())


def terms(text: str) -> list[str]:
    """Search terms of a text, in order. Identifiers give their parts and themselves."""
    words: list[str] = []
    for match in _TERM.finditer(unicodedata.normalize("NFKC", text)):
        words += _word_terms(match.group())
    return words


@functools.lru_cache(maxsize=200_000)
def _word_terms(word: str) -> tuple[str, ...]:
    plain = word.lower().replace("\u2019", "'")
    plain = plain[:-2] if plain.endswith("'s") else plain
    if plain.isalpha() and not _is_camel(word):
        return () if plain in STOP else (_stem(plain),)
    parts = [p.lower() for p in _PART.findall(word)]
    stems = [_stem(p) for p in parts if p not in STOP and p != "s"]
    return (*stems, plain) if len(parts) > 1 else (plain,)


def _is_camel(word: str) -> bool:
    return any(a.islower() and b.isupper() for a, b in pairwise(word))


@functools.cache
def _stemmer() -> Stemmer:
    from Stemmer import Stemmer

    return Stemmer("english")


def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))
