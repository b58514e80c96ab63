"""Texts as normalised words: what two ways of writing one answer have in common.

`"The fee is $1,250.00 (since March 2nd, 2026)"` becomes `fee is 1250 dollar since 2026 month3 day2`. In use, the same
normalisation is applied to both sides of every comparison.

Extends the normalisation of the SQuAD evaluation (Rajpurkar et al. 2016: case, punctuation, articles) by Unicode
compatibility forms, number words to twenty, thousands separators, currencies, dates and plurals.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
}
ARTICLES = frozenset({"a", "an", "the"})
_MONTH_NAMES = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTHS = {name: index for index, name in enumerate(_MONTH_NAMES, start=1)}
_MONTHS |= {name[:3]: index for name, index in _MONTHS.items()} | {"sept": 9}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY = r"(0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_CURRENCIES = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen"}
_UNITS = {"usd": "dollar", "eur": "euro", "gbp": "pound", "jpy": "yen", "pct": "percent"}

_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DAY_FIRST = re.compile(rf"\b{_DAY}[ \t]+(?:of[ \t]+)?({_MONTH})\b\.?(?:[ \t]*,?[ \t]+(\d{{4}})\b)?")
# only a short month can be an abbreviation with a full stop; 'in April. 4 bikes ...' is no date
_MONTH_FIRST = re.compile(rf"\b({_MONTH})(?:(?<!\w{{5}})\.)?[ \t]+{_DAY}\b(?:[ \t]*,?[ \t]+(\d{{4}})\b)?")
_MONEY = re.compile(r"([$€£¥])\s*(\d[\d.,]*\d|\d)")
_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})((?:[,\u00a0\u202f']\d{3})+)(?![\d])")
_POSSESSIVE = re.compile(r"(?<=\w)'s\b")
_UNIT_GLUED = re.compile(r"(?<![\w.-])(\d+(?:\.\d+)?)(?!(?:st|nd|rd|th)\b)([a-z]{1,3})\b")
_WORD = re.compile(r"[^\W_]*\d(?:\.\d+)+|[^\W_]+(?:_+[^\W_]+)*")  # an underscore joins: LABEL_A is one word


def normal_words(text: str) -> tuple[str, ...]:
    """The text's words, normalised, in order; articles are left out."""
    return _normal_words(text)


@lru_cache(maxsize=8192)
def _normal_words(text: str) -> tuple[str, ...]:
    return tuple(
        word for raw in _WORD.findall(_unified(text)) if raw not in ARTICLES for word in [_normal_word(raw)] if word
    )


def _unified(text: str) -> str:
    """The text with case, compatibility forms, currencies, percent signs, dates and digit groups written in one way."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("−", "-")
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    text = text.replace("n't", " not")
    text = _ISO_DATE.sub(lambda m: _date(m[1], int(m[2]), m[3]), text)
    text = _DAY_FIRST.sub(lambda m: _date(m[3], _MONTHS[m[2]], m[1]), text)
    text = _MONTH_FIRST.sub(lambda m: _date(m[3], _MONTHS[m[1]], m[2]), text)
    text = _MONEY.sub(lambda m: f"{m[2]} {_CURRENCIES[m[1]]}", text).replace("%", " percent ")
    text = _THOUSANDS.sub(lambda m: m[1] + re.sub(r"\D", "", m[2]), text)
    return _UNIT_GLUED.sub(r"\1 \2", _POSSESSIVE.sub("", text))


def _date(year: str | None, month: int, day: str) -> str:
    """A date in words: year first, so that a date with its year also holds the same date without it."""
    return f" {year or ''} month{month} day{int(day)} "


def _normal_word(word: str) -> str:
    if word in NUMBER_WORDS:
        return NUMBER_WORDS[word]
    if word[0].isdigit():
        return _normal_number(word)
    return _singular(_UNITS.get(word, word))


def _normal_number(word: str) -> str:
    """A number in one way: `05` -> `5`, `9.50` -> `9.5`, `1250.00` -> `1250`; versions (`2.10.3`) stay as they are."""
    whole, dot, rest = word.partition(".")
    if not word.replace(".", "").isdecimal() or "." in rest:
        return word
    rest = rest.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{rest}" if dot and rest else "")


def _singular(word: str) -> str:
    """The word without its plural s, from four letters on, so that '14 days' and 'a 14-day trial' meet."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    return word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]


def positions(words: Sequence[str], run: Sequence[str]) -> list[int]:
    """Where `run` stands in `words`, whole and contiguous; empty when it does not or is itself empty."""
    size, goal = len(run), list(run)
    if not size:
        return []
    return [i for i in range(len(words) - size + 1) if list(words[i : i + size]) == goal]
