"""Denials of every language in one word: `nicht`, `kein`, `不`, `ません`, `-mez` are written as `not`.

    plainly("Eine Verlängerung ist nicht möglich.", LANGUAGES["de"])    # eine verlängerung ist  not  möglich.
    plainly("电钻不能续借。", LANGUAGES["zh"])                            # 电钻 not 能续借。

What holds such letters and denies nothing (`nicht nur`, 不超过) stays as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from harness.language.numerals import plain_digits, plain_formats, plain_numerals
from harness.language.rows import Language
from harness.language.scripts import DOTLESS, MARKS
from harness.language.table import LANGUAGES

DENIAL = "not"


def plainly(text: str, language: Language) -> str:
    """The text in lower case with its denials as `not` and its numbers in digits, as English writes them."""
    text = plain_digits(unicodedata.normalize("NFKC", text))
    text = (text.translate(DOTLESS) if language.code == "tr" else text).casefold()
    text = _denials(language.code).sub(_denied, text)
    if language.comma:
        text = plain_formats(text)
    return plain_numerals(_plain_days(text, language), language)


def _plain_days(text: str, language: Language) -> str:
    """The text with its days of the week as `weekday1` to `weekday7`."""
    pattern, numbers = _days(language.code)
    return pattern.sub(lambda m: f" weekday{numbers[m[0]]} ", text)


@cache
def _days(code: str) -> tuple[re.Pattern[str], Mapping[str, int]]:
    claims = LANGUAGES[code].claims
    groups = (claims.days if claims else "").casefold().split()
    numbers = {form.replace("_", " "): n for n, group in enumerate(groups, 1) for form in group.split("|")}
    spaced = LANGUAGES[code].script not in ("CJK", "HIRAGANA", "HANGUL")
    before, after = (rf"(?<![\w{MARKS}])", rf"(?![\w{MARKS}])") if spaced else ("", "")
    words = "|".join(sorted(map(re.escape, numbers), key=len, reverse=True)) or "(?!)"
    return re.compile(f"{before}(?:{words}){after}"), numbers


def _denied(match: re.Match[str]) -> str:
    if match["keep"] is not None:
        return match[0] if match["rest"] is None else match["rest"]
    return f"{next((group for group in match.groups()[3:] if group), '')} {DENIAL} "


@cache
def _denials(code: str) -> re.Pattern[str]:
    claims = LANGUAGES[code].claims
    assert claims is not None  # who has no rules is not asked
    words = "|".join(sorted((re.escape(w.casefold()) for w in claims.denials.split()), key=len, reverse=True))
    before = rf"(?<![\w{MARKS}])"
    keep = claims.no_denials.casefold() or "(?!)"
    # of 'nicht nur' the denial goes and the rest stays; 不超过 stays whole
    rest = rf"{before}(?:{words})\s+(?P<rest>\S+(?:\s\S+)?)" if words else "(?!)(?P<rest>)"
    inside = claims.inside or "(?!)"
    plain = rf"{before}(?:{words})(?![\w{MARKS}])" if words else "(?!)"
    return re.compile(f"(?P<keep>(?=(?:{keep})){rest}|(?:{keep}))|(?P<word>{plain})|(?:{inside})")


def clauses(text: str, language: Language) -> list[str]:
    """A sentence cut at its commas and where another clause begins."""
    return [part for part in _clause(language.code).split(text) if part.strip()]


@cache
def _clause(code: str) -> re.Pattern[str]:
    claims = LANGUAGES[code].claims
    words = "|".join(map(re.escape, (claims.goes_on if claims else "").split())) or "(?!)"
    return re.compile(rf"(?<!\d)[,，、،](?!\d)|[;；:：؛]|(?<=\s)(?:{words})(?=\s)|(?<=\s)[-–](?=\s)", re.IGNORECASE)
