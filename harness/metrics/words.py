"""Texts as normalised words: what two ways of writing one answer have in common.

`"The fee is $1,250.00 (since March 2nd, 2026)"` becomes `fee is 1250 dollar since 2026 month3 day2`. In use, the same
normalisation is applied to both sides of every comparison.

Extends the normalisation of the SQuAD evaluation (Rajpurkar et al. 2016: case, punctuation, articles) by Unicode
compatibility forms, number words, signs, thousands separators, currencies, units, dates and plurals.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from harness.language.forms import one_script
from harness.language.scripts import MARKS

# fmt: off
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
# fmt: on
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
NUMBER_WORDS = {word: value for value, word in enumerate(_ONES)}
NUMBER_WORDS |= {word: value for value, word in zip(range(20, 100, 10), _TENS, strict=True)}
_NUMERAL = "|".join([*NUMBER_WORDS, *_SCALES])
_NUMERALS = re.compile(rf"\b(?:{_NUMERAL})(?:(?:-|[ \t]+(?:and[ \t]+)?)(?:{_NUMERAL}))*\b")
_SCALED = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)[ -](hundred|thousand|million|billion)\b")
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
# months of other languages, without accents: dates in them have the day first
_FOREIGN_NAMES = (
    ("januar", "janvier", "enero", "gennaio"), ("februar", "fevrier", "febrero", "febbraio"),
    ("marz", "mars", "marzo"), ("avril", "abril", "aprile"), ("mai", "mayo", "maggio"),
    ("juni", "juin", "junio", "giugno"),
    ("juli", "juillet", "julio", "luglio"), ("aout", "agosto"), ("septembre", "septiembre", "settembre"),
    ("oktober", "octobre", "octubre", "ottobre"), ("novembre", "noviembre"),
    ("dezember", "decembre", "diciembre", "dicembre"),
)  # fmt: skip
_FOREIGN = {name: index for index, names in enumerate(_FOREIGN_NAMES, start=1) for name in names}
_CURRENCIES = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen", "₹": "rupee", "₩": "won"}
_UNITS = {"usd": "dollar", "eur": "euro", "gbp": "pound", "jpy": "yen", "pct": "percent"}
# short forms of units, which mean the unit after a number alone
_SHORT_UNITS = {
    "kg": "kilogram", "kilo": "kilogram", "kilos": "kilogram", "g": "gram", "km": "kilometer", "m": "meter",
    "cm": "centimeter",
    "mm": "millimeter", "l": "liter", "ml": "milliliter", "h": "hour", "hr": "hour", "hrs": "hour", "min": "minute",
    "mins": "minute", "sec": "second", "secs": "second", "s": "second", "gb": "gigabyte", "mb": "megabyte",
    "tb": "terabyte",
    "kb": "kilobyte", "yr": "year", "yrs": "year", "lb": "pound", "lbs": "pound", "oz": "ounce",
}  # fmt: skip
_SPELLINGS = {"kilometre": "kilometer", "metre": "meter", "centimetre": "centimeter", "litre": "liter"}
_FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75"}
_FRACTION = re.compile(r"(\d?)[ \u2009]?([½¼¾])")
# a capital A that is a letter and no article: an end or a mark follows, or a word that letters go with stands before
_LETTER_WORDS = (
    "option|answer|choice|vitamin|plan|class|type|group|grade|hepatitis|section|part|zone|terminal|gate|hall|block"
)
_LETTER_A = re.compile(
    rf"(?<![\w'’.])(?:A(?=[ \t]*(?:$|[.,;:!?)\]\"'”\n]|(?:is|was|or|and)\b))|(?<=\()[Aa](?=\)))|\A\W*\ba\b(?=\W*\Z)"
    rf"|\b(?P<before>(?i:{_LETTER_WORDS})[ \t]+)(?:A\b|a(?=[ \t]*(?:$|[.,;:!?)\n])))"
)
LETTER_A = "letter_a"

_ISO_DATE = re.compile(r"\b(\d{4})([-/.])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])\b")
_NUMBER_DATE = re.compile(r"(?<![\d./])(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?![\d/])")
_FOREIGN_DATE = re.compile(
    rf"\b(0?[1-9]|[12]\d|3[01])(?:\.|er)?[ \t]+(?:de[ \t]+)?({'|'.join(_FOREIGN)})\b(?:[ \t]+(?:de[ \t]+)?(\d{{4}})\b)?"
)
_DAY_FIRST = re.compile(rf"\b{_DAY}[ \t]+(?:of[ \t]+)?({_MONTH})\b\.?(?:[ \t]*,?[ \t]+(\d{{4}})\b)?")
# only a short month can be an abbreviation with a full stop; 'in April. 4 bikes ...' is no date
_MONTH_FIRST = re.compile(rf"\b({_MONTH})(?:(?<!\w{{5}})\.)?[ \t]+{_DAY}\b(?:[ \t]*,?[ \t]+(\d{{4}})\b)?")
_MONEY = re.compile(r"(\bminus)?([$€£¥₹₩])\s*(\d[\d.,]*\d|\d)")
_CODE_FIRST = re.compile(r"\b(usd|eur|gbp|jpy)\s*(\d[\d.,]*\d|\d)")
# groups of three (1,000 and 1 000 and 1'000), or of two before the last three (1,00,000)
_THOUSANDS = re.compile(
    r"(?<![\d.,])(?:(\d{1,3})((?:[,']\d{3})+)|([1-9]\d?)((?:,\d{2})+,\d{3})|"
    r"(?<!\d )([1-9]\d{0,2})((?: \d{3})+)(?! \d))(?!\d)"
)
_SIGN = re.compile(r"(?:(?<![^\s(\[=:\"'])(?<!\d )[-–]|\b(?:minus|negative)[ \t]+)(?=[$€£¥]?\d)")
_SIGNED_MONEY = re.compile(r"([$€£¥])[ \t]?[-–](?=\d)")
_BELOW_ZERO = re.compile(
    r"\b(\d+(?:\.\d+)?)((?:[ \t]*°[ \t]*c?|[ \t]+degrees?(?: celsius)?)?)[ \t]+below (?:0|freezing)\b"
)
_DEGREES = re.compile(r"(?<=\d)[ \t]*°[ \t]*(?:([cf])\b)?")
_NAMED = re.compile(r"(?<![\w+#])([a-z]\w*?)(\+\+|\+|#)(?![\w+#])")
_MARK_WORDS = {"++": "_plus_plus", "+": "_plus", "#": "_sharp"}
_GRADE_MINUS = re.compile(r"(?<![\w-])([a-f])-(?=$|[\s.,;:!?)\]](?![\d]))")
_CLOCK = re.compile(
    r"\b(?:(\d{1,2})(?:[:.](\d{2}))?[ \t]*(?:-|–|to|until)[ \t]*)?(\d{1,2})(?:[:.](\d{2}))?[ \t]*([ap])\.?[ \t]?m\b\.?"
)
_VERSION = re.compile(r"\bv\.?[ \t]?(?=\d)")
_POSSESSIVE = re.compile(r"(?<=\w)'s\b")
_UNIT_GLUED = re.compile(r"(?<![\w.-])(\d+(?:\.\d+)?)(?!(?:st|nd|rd|th)\b)([a-z]{1,3})\b")
_LETTER = rf"(?:[^\W_]|[{MARKS}])"
# an underscore joins: LABEL_A is one word
_WORD = re.compile(rf"{_LETTER}*\d(?:\.\d+)+|{_LETTER}+(?:_+{_LETTER}+)*")


def normal_words(text: str, exact: bool = False) -> tuple[str, ...]:
    """The text's words, normalised, in order; articles are left out.

    Args:
        text: any text.
        exact: the text is about versions: `3.10` is not `3.1`, and `v3.10` is `3.10`.
    """
    return _normal_words(text, exact)


@lru_cache(maxsize=8192)
def _normal_words(text: str, exact: bool) -> tuple[str, ...]:
    text = _unified(text)
    raws = _WORD.findall(_VERSION.sub("", text) if exact else text)
    words: list[str] = []
    for raw in raws:
        if raw in ARTICLES:
            continue
        if raw in _SHORT_UNITS and words and words[-1][-1].isdigit():
            raw = _SHORT_UNITS[raw]
        words.append(raw if exact and raw[0].isdigit() else _normal_word(raw))
    return tuple(filter(None, words))


def clocked(text: str) -> str:
    """The text with its times of day in 24 hours: `2 pm` is `14:00`, noon is `12:00`."""
    text = re.sub(r"\bmidnight\b", "0:00", re.sub(r"\b(?:12 )?noon\b", "12:00", text.casefold()))
    return _CLOCK.sub(_hours, text)


def _hours(match: re.Match[str]) -> str:
    start, start_minutes, end, minutes, half = match.groups()
    if not 1 <= int(end) <= 12:
        return match[0]
    clock = f"{int(end) % 12 + 12 * (half == 'p')}:{minutes or '00'}"
    if start is None:
        return clock
    same = 1 <= int(start) <= 12 and int(start) % 12 <= int(end) % 12  # '9 to 5 pm' does not say which 9
    return (f"{int(start) % 12 + 12 * (half == 'p')}:{start_minutes or '00'}" if same else start) + f" to {clock}"


def _unified(text: str) -> str:
    """The text with case, compatibility forms, numbers, signs, currencies and dates written in one way."""
    text = _FRACTION.sub(lambda m: f"{m[1] or ' 0'}{_FRACTIONS[m[2]]}", text)
    text = _LETTER_A.sub(lambda m: f"{m['before'] or ''} {LETTER_A} ", text)
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("−", "-")
    text = one_script(text)
    text = text.replace("n't", " not").replace("per cent", "percent")
    text = _dates(text)
    text = _THOUSANDS.sub(lambda m: re.sub(r"\D", "", m[0]), text)
    text = _NUMERALS.sub(lambda m: _numerals(m[0]), _SCALED.sub(lambda m: _product(m[1], m[2]), text))
    text = _SIGN.sub(" minus", _SIGNED_MONEY.sub(r"-\1", _BELOW_ZERO.sub(r"minus\1\2", text)))
    text = _CODE_FIRST.sub(r"\2 \1", _MONEY.sub(lambda m: f"{m[1] or ''}{m[3]} {_CURRENCIES[m[2]]}", text))
    for sign, name in _CURRENCIES.items():
        text = text.replace(sign, f" {name} ")
    text = _DEGREES.sub(lambda m: " degree " + {"c": "celsius ", "f": "fahrenheit "}.get(m[1], ""), text)
    text = _NAMED.sub(lambda m: m[1] + _MARK_WORDS[m[2]], _GRADE_MINUS.sub(r"\1_minus", text)).replace("%", " percent ")
    return _UNIT_GLUED.sub(r"\1 \2", _POSSESSIVE.sub("", text))


def _dates(text: str) -> str:
    text = _ISO_DATE.sub(lambda m: _date(m[1], int(m[3]), m[4]), text)
    text = _NUMBER_DATE.sub(_number_date, text)
    text = _FOREIGN_DATE.sub(lambda m: _date(m[3], _FOREIGN[m[2]], m[1]), text)
    text = _DAY_FIRST.sub(lambda m: _date(m[3], _MONTHS[m[2]], m[1]), text)
    return _MONTH_FIRST.sub(lambda m: _date(m[3], _MONTHS[m[1]], m[2]), text)


def _number_date(match: re.Match[str]) -> str:
    """14/03/2026 and 03/14/2026 and 03.04.2026 have one reading; 03/04/2026 has two and stays as it is."""
    first, mark, second, year = int(match[1]), match[2], int(match[3]), match[4]
    day, month = (first, second) if mark == "." or first > 12 or first == second else (second, first)
    if not (1 <= day <= 31 and 1 <= month <= 12) or (mark != "." and first != second and day <= 12):
        return match[0]
    return _date(year, month, str(day))


def _numerals(text: str) -> str:
    """Number words in digits: `one hundred and twenty-five` -> `125`; `two, three` stay two numbers."""
    out: list[str] = []
    total = part = last = -1  # -1: nothing yet
    for word in re.split(r"[\s-]+", text):
        if word == "and":
            if last not in _SCALES.values():  # 'two and three'
                out.append(_flushed(total, part) + " and")
                total = part = last = -1
            continue
        value = NUMBER_WORDS.get(word, _SCALES.get(word, -1))
        if word in _SCALES:
            if value == 100:
                part = max(part, 1) * 100
            else:
                total, part = max(total, 0) + max(part, 1) * value, -1
        elif part < 0 or (last >= 100) or (20 <= last < 100 and 0 < value < 10):
            part = max(part, 0) + value
        else:
            out.append(_flushed(total, part))
            total, part = -1, value
        last = value
    return " ".join(filter(None, [*out, _flushed(total, part)]))


def _flushed(total: int, part: int) -> str:
    return "" if total < 0 and part < 0 else str(max(total, 0) + max(part, 0))


def _product(number: str, scale: str) -> str:
    return f"{float(number) * _SCALES[scale]:.6f}".rstrip("0").rstrip(".")


def _date(year: str | None, month: int, day: str) -> str:
    """A date in words: year first, so that a date with its year also holds the same date without it."""
    return f" {year or ''} month{month} day{int(day)} "


def _normal_word(word: str) -> str:
    if word.startswith("minus") and word[5:6].isdigit():
        return "minus" + _normal_number(word[5:])
    if word[0].isdigit():
        return _normal_number(word)
    singular = _singular(_UNITS.get(word, word))
    return _SPELLINGS.get(singular, singular)


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
    """The places of `run` in `words`, whole and contiguous; empty when it does not or is itself empty."""
    size, goal = len(run), list(run)
    if not size:
        return []
    return [i for i in range(len(words) - size + 1) if list(words[i : i + size]) == goal]
