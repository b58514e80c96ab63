"""Text -> search terms for BM25: case folded, stemmed, and aware of identifiers.

`getUserById failed with ERR-4021` -> get user by id getuserbyid fail with err 4021 err-4021

A corpus is analysed in its own language, and so is every question to it: German words by the German stemmer, 中文 as
signs and pairs of neighbouring signs (窑炉 -> 窑 炉 窑炉). Latin words of an English corpus are English.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise

from harness.language.detect import main_language
from harness.language.numerals import plain_digits
from harness.language.rows import Language
from harness.language.scripts import DOTLESS, HANGUL, MARKS, SIGNS, TAILED, UNSPACED, plain_letters, script_of
from harness.language.stems import stem_of, stemmed
from harness.language.table import ENGLISH, LANGUAGES, OF_SCRIPT

VERSION = 2  # stored with an index: terms of another analyser do not match
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
    text = unicodedata.normalize("NFKC", query)
    if not text.isascii():
        text = _without_joiners(text)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def corpus_language(texts: list[str]) -> Language:
    """The language that a corpus is analysed in, with its stemmer and its stop words."""
    return main_language(texts)


def terms(text: str, language: Language = ENGLISH) -> list[str]:
    """Search terms of a text, in order. Identifiers give their parts and themselves.

    Args:
        language: the corpus's, the same for its passages and for every question.
    """
    text = unicodedata.normalize("NFKC", text)
    if not text.isascii():
        text = plain_digits(_without_joiners(text))
    words: list[str] = []
    for match in _term().finditer(text):
        words += _word_terms(match.group(), language.code)
    return words


def _without_joiners(text: str) -> str:
    """The text without signs that are not seen: joiners, marks of direction, soft hyphens; a zero-width space stays."""
    return "".join(" " if c == "\u200b" else c for c in text if c == "\u200b" or unicodedata.category(c) != "Cf")


@functools.cache
def _term() -> re.Pattern[str]:
    letter = rf"[^\W_][{MARKS}\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670]*"
    return re.compile(rf"(?:{letter})+(?:[-_./'\u2019:@+#](?:{letter})+)*[+#]*")


@functools.lru_cache(maxsize=200_000)
def _word_terms(word: str, code: str) -> tuple[str, ...]:
    if word.isascii():
        row = LANGUAGES[code]
        return _latin_terms(word, row) if row.script == "LATIN" and code != "en" else _english_terms(word)
    if _runs_together().search(word):
        return tuple(t for run in _runs().findall(word) for t in _run_terms(run, code))
    script = next((s for c in word if (s := script_of(c)) not in (None, "LATIN")), "LATIN")
    latin = any(script_of(c) == "LATIN" for c in word)
    own = LANGUAGES[code]
    row = own if own.script == script or latin else OF_SCRIPT.get(script, ENGLISH)
    if latin or script == "LATIN":
        return _english_terms(word) if code == "en" or own.script != "LATIN" else _latin_terms(word, own)
    return tuple(t for part in _plain_part().findall(plain_letters(word)) for t in _plain_terms(part, row))


# --- Latin letters -----------------------------------------------------------------------------------------------


def _english_terms(word: str) -> tuple[str, ...]:
    plain = word.lower().replace("\u2019", "'")
    plain = plain[:-2] if plain.endswith("'s") else plain
    if plain.isalpha() and not _is_camel(word):
        return () if plain in STOP else (stemmed(plain, "english"),)
    parts = [p.lower() for p in _PART.findall(word)]
    stems = [stemmed(p, "english") for p in parts if p not in STOP and p != "s"]
    return (*stems, plain) if len(parts) > 1 else (plain,)


def _latin_terms(word: str, row: Language) -> tuple[str, ...]:
    """A word of another language in Latin letters; identifiers (`getUserById`, `ERR-4021`) as everywhere."""
    if word.isascii() and (_is_camel(word) or any(c in "_./:@+#" or c.isdigit() for c in word)):
        return _english_terms(word)
    parts = re.split(r"['\u2019]", word)
    stems = [t for part in parts for piece in re.split(r"[^\w]+", part) for t in _plain_terms(piece, row)]
    return (*stems, _without_accents(word.casefold())) if "-" in word else tuple(stems)


def _plain_terms(word: str, row: Language) -> tuple[str, ...]:
    """The stem of one word, without accents; nothing for a stop word."""
    lower = (word.translate(DOTLESS) if row.code == "tr" else word).casefold()
    if not lower or lower in row.common_words or lower in row.denials:
        return ()
    stem = _without_accents(stem_of(lower, row))
    # Hebrew's stems are rules of thumb: the word itself is a term beside its stem
    return (lower, stem) if row.code == "he" and stem != lower else (stem,)


def _without_accents(word: str) -> str:
    """The word without accents, so that it is found by who types none: `größe` and `grosse`, `ışık` and `isik`."""
    return word if word.isascii() else plain_letters(word).replace("ß", "ss").replace("ı", "i").replace("ё", "е")


def _is_camel(word: str) -> bool:
    return any(a.islower() and b.isupper() for a, b in pairwise(word))


@functools.cache
def _plain_part() -> re.Pattern[str]:
    return re.compile(rf"(?:[^\W_][{MARKS}]*)+")


# --- scripts without spaces, and Hangul, whose endings stand joined to the word ----------------------------------


@functools.cache
def _runs_together() -> re.Pattern[str]:
    return re.compile(f"[{UNSPACED}{HANGUL}]")


@functools.cache
def _runs() -> re.Pattern[str]:
    return re.compile(rf"[{SIGNS}]+|(?:[{TAILED}][{MARKS}]*)+|[{HANGUL}]+|[^{UNSPACED}{HANGUL}{MARKS}]+")


def _run_terms(run: str, code: str) -> tuple[str, ...]:
    if not _runs_together().match(run):
        return tuple(t for match in _term().finditer(run) for t in _word_terms(match.group(), code))
    size = 3 if re.match(f"[{TAILED}]", run) else 2
    return tuple(t for part in _stops().split(run) if part for t in _grams(part, size))


def _grams(run: str, size: int) -> list[str]:
    """Neighbouring letters, so many together, and Han signs alone as well, which are words; a shorter run is a term."""
    letters = _letters().findall(run)
    grams = ["".join(letters[i : i + size]) for i in range(max(1, len(letters) - size + 1))]
    return [*(sign for sign in letters if len(letters) > 1 and script_of(sign) == "CJK"), *grams]


@functools.cache
def _letters() -> re.Pattern[str]:
    return re.compile(rf".[{MARKS}]*")


@functools.cache
def _stops() -> re.Pattern[str]:
    """Question words and the like of these scripts: what stands before and behind one is no pair."""
    rows = (row for row in LANGUAGES.values() if row.script in ("CJK", "HIRAGANA", "THAI", "LAO", "KHMER", "MYANMAR"))
    words = {word for row in rows for word in row.common_words if len(word) > 1}
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))


Analyse = Callable[[str], list[str]]


def analyser(language: Language) -> Analyse:
    """Text -> terms in one language, for passages and questions alike."""
    return functools.partial(terms, language=language)
