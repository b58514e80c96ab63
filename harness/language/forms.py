"""Texts of any script in one form, before words are compared.

`"可以借十三天"` becomes `可 以 借 13 天`, `"3일입니다"` becomes `3 일`. Rules for the commonest forms, no dictionaries.
"""

from __future__ import annotations

import re
from functools import cache

from harness.language.numerals import plain_digits, plain_han
from harness.language.scripts import HANGUL, MARKS, UNSPACED, plain_letters

_ENDINGS = "입니다|이에요|예요|이다|에서|에게|으로|까지|부터|이며|이고|은|는|이|가|을|를|에|의|와|과|도|만|로"


@cache
def _sign() -> re.Pattern[str]:
    return re.compile(rf"([{UNSPACED}][{MARKS}]*)")


@cache
def _after_digit() -> re.Pattern[str]:
    return re.compile(rf"(?<=\d)(?=[{HANGUL}])")


@cache
def _hangul() -> re.Pattern[str]:
    return re.compile(rf"(\d ?)?([{HANGUL}]+)")


@cache
def _endings() -> re.Pattern[str]:
    return re.compile(rf"(?:{_ENDINGS})$")


def one_script(text: str) -> str:
    """Accents left out where they are accents, digits of all scripts in one, signs of unspaced scripts as words."""
    if text.isascii():
        return text
    text = _sign().sub(r" \1 ", plain_han(plain_digits(plain_letters(text))))
    return _hangul().sub(
        lambda m: (m[1] or "") + _without_endings(m[2], 1 if m[1] else 2), _after_digit().sub(" ", text)
    )


def _without_endings(word: str, least: int) -> str:
    """A Korean word without its particles, of at least so many syllables."""
    while (match := _endings().search(word)) and match.start() >= least:
        word = word[: match.start()]
    return word
