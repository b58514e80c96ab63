"""Scripts: which one a letter is of, which are written without spaces, which marks are part of a letter."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

# scripts written without spaces between words: Han, Hiragana, Katakana; Thai, Lao, Burmese, Khmer
SIGNS = (
    # Chinese and Japanese
    r"\u3005\u3007\u3040-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003134f"
)
TAILED = r"\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u1000-\u102a\u1780-\u17b3"
UNSPACED = SIGNS + TAILED
# signs that are part of a letter there, not an accent: vowels of Indic and South-East Asian scripts
_MARKED = ((0x0900, 0x1100), (0x1780, 0x1800))
MARKS = "".join(c for start, end in _MARKED for c in map(chr, range(start, end)) if unicodedata.category(c)[0] == "M")
DOTLESS = str.maketrans({"I": "ı", "İ": "i"})  # the lower case of Turkish
HANGUL = "\uac00-\ud7a3"
_POINTED = range(0x0590, 0x0700)  # Hebrew and Arabic: vowel points may be left out
_LAST_ACCENTED = 0x0590  # Latin, Greek, Cyrillic: their accents are left out
_KIN = {"KATAKANA": "HIRAGANA", "HALFWIDTH": "HIRAGANA", "KATAKANA-HIRAGANA": "HIRAGANA", "FULLWIDTH": "LATIN"}


@cache
def unspaced() -> re.Pattern[str]:
    """One sign of such a script, with its marks."""
    return re.compile(f"[{UNSPACED}][{MARKS}]*")


@lru_cache(maxsize=20_000)
def script_of(letter: str) -> str | None:
    """The script of a letter by the first word of its Unicode name (`LATIN`, `CJK`); None for what is no letter."""
    if not letter.isalpha():
        return None
    name = unicodedata.name(letter, "").partition(" ")[0]
    return _KIN.get(name, name) or None


def is_word(text: str) -> bool:
    """Whether it is letters alone, with the marks that belong to them."""
    return text.isalpha() or (bool(text) and all(unicodedata.category(c)[0] in "LM" for c in text))


def is_unspaced(letter: str) -> bool:
    return letter > "\u0e00" and bool(unspaced().match(letter))


def counts_as_half(word: str) -> bool:
    """Whether a word is a single sign of an unspaced script: about two of them make a word."""
    return bool(word) and word > "\u0e00" and bool(unspaced().fullmatch(word))


def plain_letters(text: str) -> str:
    """The text without accents, where they are accents, and without the vowel points of Hebrew and Arabic."""
    if text.isascii():
        return text
    return "й".join(map(_without_accents, unicodedata.normalize("NFC", text).split("й")))  # a letter, no accent


def _without_accents(text: str) -> str:
    return unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", text) if not _is_accent(c)))


def _is_accent(sign: str) -> bool:
    code = ord(sign)
    return bool(unicodedata.combining(sign)) and (code < _LAST_ACCENTED or code in _POINTED)
