"""What other scripts and languages need before words are compared: digits, words without spaces, decimal commas.

`"可以借十三天"` becomes `可 以 借 13 天`, `"3일입니다"` becomes `3 일`; `"1.000 Euro"` in a German answer becomes
`1000 Euro`. Rules for the commonest forms, no dictionaries.
"""

from __future__ import annotations

import re
import unicodedata

# scripts written without spaces between words: Han, Hiragana, Katakana; each sign is a word
UNSPACED = r"\u3005\u3007\u3040-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_UNSPACED = re.compile(rf"([{UNSPACED}])")
_HAN_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "萬": 10_000, "亿": 10**8, "億": 10**8}
_HAN_NUMBER = re.compile(f"[{''.join([*_HAN_DIGITS, *_HAN_SCALES])}]+")
_HANGUL_AFTER_DIGIT = re.compile(r"(?<=\d)(?=[\uac00-\ud7a3])")
_ENDINGS = re.compile(
    r"(?:입니다|이에요|예요|이다|에서|에게|으로|까지|부터|이며|이고|은|는|이|가|을|를|에|의|와|과|도|만|로)$"
)
_HANGUL = re.compile(r"(\d ?)?([\uac00-\ud7a3]+)")
# signs that are part of a letter there, not an accent: vowels of Indic and South-East Asian scripts
MARKS = "".join(c for c in map(chr, range(0x0900, 0x1100)) if unicodedata.category(c).startswith("M"))
_POINTED = range(0x0590, 0x0700)  # Hebrew and Arabic: vowel points may be left out
_LAST_ACCENTED = 0x0590  # Latin, Greek, Cyrillic: their accents are left out

_DOT_GROUPS = re.compile(r"(?<![\d.,])([1-9]\d{0,2})((?:\.\d{3})+)(?!\d|[.,]\d{3})")
_DECIMAL_COMMA = re.compile(r"(?<![\d.,])(\d+),(\d{1,2})(?![\d,])")
_PLURAL_N = re.compile(r"\b([^\W\d_]{2,}e)n\b")
_LETTERS = re.compile(r"[^\W\d_]+")
# fmt: off
_COMMA_LANGUAGES = frozenset({
    "der", "das", "und", "ist", "nicht", "ein", "eine", "für", "wie", "wann", "wo", "kostet", "beträgt", "dauert",
    "am", "im", "von", "den", "dem", "innerhalb", "frist", "welche", "le", "les", "est", "une", "des", "pour",
    "dans", "combien", "quel", "quelle", "et", "el", "los", "las", "una", "para", "cuánto", "cuesta", "il", "è",
    "per", "quanto", "het", "een", "niet", "voor", "hoeveel",
})
_ENGLISH = frozenset({
    "the", "is", "of", "and", "to", "a", "what", "how", "for", "it", "are", "with", "which",
})
# fmt: on


def one_script(text: str) -> str:
    """Accents left out where they are accents, digits of all scripts in one, signs of unspaced scripts as words."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", text) if not _is_accent(c)))
    text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() and not c.isascii() else c for c in text)
    text = _UNSPACED.sub(r" \1 ", _HAN_NUMBER.sub(lambda m: f" {_han_value(m[0])} ", text))
    return _HANGUL.sub(
        lambda m: (m[1] or "") + _without_endings(m[2], 1 if m[1] else 2), _HANGUL_AFTER_DIGIT.sub(" ", text)
    )


def _is_accent(sign: str) -> bool:
    code = ord(sign)
    return bool(unicodedata.combining(sign)) and (code < _LAST_ACCENTED or code in _POINTED)


def _han_value(text: str) -> str:
    """十三 -> 13, 两千五百 -> 2500; signs without a scale are digits in a row: 二〇二六 -> 2026."""
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


def _without_endings(word: str, least: int) -> str:
    """A Korean word without its particles, of at least so many syllables."""
    while (match := _ENDINGS.search(word)) and match.start() >= least:
        word = word[: match.start()]
    return word


def counts_as_half(word: str) -> bool:
    """Whether a word is a single sign of an unspaced script: about two of them make a word."""
    return len(word) == 1 and bool(_UNSPACED.match(word))


def decimal_comma(*texts: str) -> bool:
    """Whether the texts are in a language that writes 1.000,5 for 1,000.5."""
    words = [word for text in texts for word in _LETTERS.findall(text.casefold())]
    foreign = sum(word in _COMMA_LANGUAGES for word in words)
    return foreign > sum(word in _ENGLISH for word in words)


def with_points(text: str) -> str:
    """A text of such a language with its numbers as in English, and without the n of its plurals."""
    text = _DOT_GROUPS.sub(lambda m: m[0].replace(".", ""), text)
    return _PLURAL_N.sub(r"\1", _DECIMAL_COMMA.sub(r"\1.\2", text))
