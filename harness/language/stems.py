"""Words without their endings: by Snowball's stemmers, and for Hebrew by a few rules of our own, which has none."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from harness.language.rows import Language

if TYPE_CHECKING:
    from Stemmer import Stemmer  # type: ignore[import-not-found,import-untyped,unused-ignore]

_LEAST = 3  # letters of a Hebrew word that remain when a prefix is taken off
_FINALS = str.maketrans("ךםןףץ", "כמנפצ")


@functools.cache
def _stemmer(algorithm: str) -> Stemmer:
    from Stemmer import Stemmer

    return Stemmer(algorithm)


def stemmed(word: str, algorithm: str) -> str:
    """The stem of a word in lower case."""
    return str(_stemmer(algorithm).stemWord(word))


def stem_of(word: str, language: Language) -> str:
    """The stem of a word in lower case; numbers, codes and words of a language without a stemmer stay whole."""
    if language.code == "he":
        return hebrew_stem(word)
    return word if language.stemmer is None or any(map(str.isdigit, word)) else stemmed(word, language.stemmer)


def hebrew_stem(word: str) -> str:
    """The word without one prefix (and, the, in, to, from, that, as) and without the ending of a feminine or plural."""
    word = word.translate(_FINALS)
    bare = word[1:] if word[:1] in tuple("והבלמשכ") and len(word) > _LEAST else word
    for ending in ("ימ", "ות", "ה", "ת"):
        if bare.endswith(ending) and len(bare) - len(ending) >= _LEAST:
            return bare[: -len(ending)]
    return bare
