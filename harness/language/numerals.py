"""Numbers as other languages write them: digits of all scripts, Han numbers, number words, decimal commas."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from harness.language.rows import Language, Numerals
from harness.language.scripts import MARKS
from harness.language.table import LANGUAGES

_HAN_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "萬": 10_000, "亿": 10**8, "億": 10**8}
_HAN_SIGNS = "".join([*_HAN_DIGITS, *_HAN_SCALES])
# signs of a number that stand in words which count nothing: 一般 (in general), 一定 (surely), 万一 (in case)
_HAN_WORDS = (
    "一般|一定|一样|一樣|一起|一直|统一|統一|一致|唯一|万一|萬一|第一时间|一旦|一些|进一步|十分|千万|三明治|百分之"
)
_DOT_GROUPS = r"(?<![\d.,])([1-9]\d{0,2})((?:\.\d{3})+)(?!\d|[.,]\d{3})"
_DECIMAL_COMMA = r"(?<![\d.,])(\d+(?: \d{3})*),(\d{1,2}|\d{4,})(?![\d,])"
_PLURAL_N = r"\b([^\W\d_]{2,}e)n\b"
_ARABIC_MARKS = str.maketrans({"٫": ".", "٬": ",", "٪": "%"})


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def plain_digits(text: str) -> str:
    """The text with the digits of every script as 0 to 9, and Arabic's own decimal and thousands marks as ours."""
    if text.isascii():
        return text
    text = text.translate(_ARABIC_MARKS)
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() and not c.isascii() else c for c in text)


def plain_han(text: str) -> str:
    """The text with its Han numbers in digits: 可以借十三天 -> 可以借 13 天."""
    if text.isascii():
        return text
    pattern = _compiled(f"(?P<word>{_HAN_WORDS})|(?:\\d+(?:\\.\\d+)?[万萬亿億]|[{_HAN_SIGNS}]+)")
    return pattern.sub(lambda m: m[0] if m["word"] else f" {_han_value(m[0])} ", text)


def _han_value(text: str) -> str:
    """十三 -> 13, 两千五百 -> 2500, 3万 -> 30000; signs without a scale are digits in a row: 二〇二六 -> 2026."""
    if text[0].isdigit() and text[0].isascii():
        return f"{float(text[:-1]) * _HAN_SCALES[text[-1]]:.4f}".rstrip("0").rstrip(".")
    if not any(sign in _HAN_SCALES for sign in text):
        return "".join(str(_HAN_DIGITS[sign]) for sign in text)
    total = part = digit = 0
    for sign in text:
        if sign in _HAN_DIGITS:
            digit = digit * 10 + _HAN_DIGITS[sign]
        elif (scale := _HAN_SCALES[sign]) < 10_000:
            part, digit = part + max(digit, 1) * scale, 0
        else:
            total, part, digit = total + max(part + digit, 1) * scale, 0, 0
    return str(total + part + digit)


def with_points(text: str) -> str:
    """A text of such a language with its numbers as in English, and without the n of its plurals."""
    return _compiled(_PLURAL_N).sub(r"\1", plain_formats(text))


def plain_formats(text: str) -> str:
    """A text of such a language with its numbers as in English: `1.000,50` -> `1000.50`."""
    text = re.sub(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3})", " ", text)
    text = _compiled(_DOT_GROUPS).sub(lambda m: m[0].replace(".", ""), text)
    return _compiled(_DECIMAL_COMMA).sub(lambda m: f"{m[1].replace(' ', '')}.{m[2]}", text)


# --- number words ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Words:
    values: Mapping[str, float]  # word or run of words -> its value
    pattern: re.Pattern[str] | None  # a number in words


def plain_numerals(text: str, language: Language) -> str:
    """The text with the number words of its language in digits, from 2 on: `vier Tage` -> `4 Tage`."""
    numbers = _number_words(language.code)
    if numbers.pattern is None:
        return text
    return numbers.pattern.sub(lambda m: _value_of(m[0].casefold(), numbers.values), text)


def ones(language: Language) -> frozenset[str]:
    """Words for 1, which are articles in many languages."""
    numerals = language.claims.numerals if language.claims else Numerals()
    return frozenset(form for group in numerals.one.casefold().split() for form in group.split("|"))


@cache
def _number_words(code: str) -> _Words:
    claims = LANGUAGES[code].claims
    numerals = claims.numerals if claims else Numerals()
    values: dict[str, float] = {}
    small = _forms(numerals.small, range(2, 100))
    tens = _forms(numerals.tens, range(20, 100, 10))
    for forms in (small, tens, _forms(numerals.zero, (0,)), _forms(numerals.hundreds, range(200, 1000, 100))):
        values |= forms
    values |= _forms(numerals.hundred, (100,)) | _forms(numerals.thousand, (1000,))
    values |= _forms(numerals.million, (1_000_000,))
    one = dict.fromkeys(ones(LANGUAGES[code]), 1)
    if numerals.fused:
        values |= _fused(numerals, small | one, tens)
        values |= _fused_scales(numerals, values | one)
    if numerals.half:
        values |= {f"{word}{numerals.half}": n + 0.5 for word, n in (small | one).items() if n < 20}
    if not values:
        return _Words({}, None)
    part = "|".join(re.escape(word).replace(r"\ ", r"[ -]") for word in sorted(values, key=len, reverse=True))
    joiner = "|".join(word.strip() for word in numerals.joiner.split("|") if word)
    apart = joiner and (not numerals.fused or numerals.joiner[0] == " ")
    between = rf"(?:[ -]|[ ](?:{joiner})[ ]?)" if apart else "[ -]"
    alone = "|".join(map(re.escape, one)) or part
    # 1 counts behind a larger number alone: `vingt et un`, `сорок один`
    return _Words(
        values | one, re.compile(rf"(?i)(?<![\w{MARKS}.-])(?:{part})(?:{between}(?:{part}|{alone}))*(?![\w{MARKS}-])")
    )


def _forms(row: str, numbers: Sequence[int]) -> dict[str, int]:
    groups = row.casefold().split()
    return {form.replace("_", " "): n for group, n in zip(groups, numbers, strict=False) for form in group.split("|")}


def _fused(numerals: Numerals, small: Mapping[str, int], tens: Mapping[str, int]) -> Mapping[str, int]:
    """21 to 99 as one word: fünfundzwanzig, ventidue (a vowel before a vowel falls), yirmibeş and yirmi beş."""
    units = [(word, n) for word, n in small.items() if n < 10]
    fused: dict[str, int] = {}
    for ten, value in tens.items():
        for unit, n in units:
            for joiner in numerals.joiner.split("|"):
                word = f"{unit}{joiner}{ten}" if numerals.fused == "unit first" else f"{ten}{joiner}{unit}"
                fused[word] = value + n
            if numerals.fused == "ten first":
                fused[f"{ten} {unit}"] = value + n
                if unit[0] in "aeiou":
                    fused[f"{ten[:-1]}{unit}"] = value + n
    return fused


def _fused_scales(numerals: Numerals, values: Mapping[str, float]) -> Mapping[str, float]:
    """Hundreds and thousands as one word: zweihundert, duemila."""
    units = [(word, n) for word, n in values.items() if 1 < n < 10 and " " not in word]
    fused: dict[str, float] = {}
    for scale, value in (_forms(numerals.hundred, (100,)) | _forms(numerals.thousand, (1000,))).items():
        for unit, n in units:
            fused[f"{unit}{scale}"] = n * value
    hundreds = [(word, n) for word, n in fused.items() if n < 1000] + list(_forms(numerals.hundred, (100,)).items())
    tails = [(word, n) for word, n in values.items() if 1 < n < 100 and " " not in word]
    return fused | {f"{head}{tail}": n + m for head, n in hundreds for tail, m in tails}


def _value_of(text: str, values: Mapping[str, float]) -> str:
    """A run of number words as numbers: smaller ones behind a larger one are added, scales multiply."""
    out: list[float] = []
    total, part, last = 0.0, 0.0, 0.0  # thousands so far, below a thousand, the word before
    for n in _split(text, values):
        if n >= 1000 and last:
            total, part = total + part * n, 0.0
        elif n == 100 and 0 < part < 10:
            part *= 100
        elif last and (
            last >= 1000
            or (last % 100 == 0 and n < 100)
            or (last % 10 == 0 and n < 10 < last)
            or (last in (60, 80) and n < 20)
        ):
            part += n
        elif last:
            out.append(total + part)
            total, part = 0.0, n
        else:
            part = n
        last = n
    return " ".join(f"{n:.10g}" for n in [*out, total + part])


def _split(text: str, values: Mapping[str, float]) -> list[float]:
    """The values of the words of a run, the longest known runs first; joiners count nothing."""
    parts = re.split(r"[ -]+", text)
    numbers: list[float] = []
    at = 0
    while at < len(parts):
        for size in (3, 2, 1):
            word = " ".join(parts[at : at + size])
            if word in values:
                numbers.append(values[word])
                at += min(size, len(parts) - at)
                break
            # ו and و stand joined to the number behind them
            if size == 1 and word[1:] in values:
                numbers.append(values[word[1:]])
                at += 1
                break
        else:
            at += 1
    return numbers
