"""The language of a text: by its script, and within a script by its commonest words.

Libraries were weighed against this and left: on short English texts ("The plan costs 5 euros.") both py3langid and
lingua name Catalan or Somali, one takes a second to load and the other 950 MB of memory, and the common words are
needed for claims anyway (docs/languages.md).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from harness.language.rows import Language
from harness.language.scripts import MARKS, script_of
from harness.language.table import ENGLISH, LANGUAGES, OF_SCRIPT

_LEAST = 1.5  # common words, each counted by how few languages share it, before a Latin language is named
_SURE = 3  # common words from which a text is surely of a language
_CLEARLY = 1.2  # and by so much more than English
_WORDS = re.compile(rf"[^\W\d_](?:[^\W\d_]|[{MARKS}])*")
_SAMPLE = 20_000  # letters of a text that are looked at
_KANA = 0.05  # share of kana from which a text with Han signs is Japanese: a Chinese page quotes a name now and then


def language_of(*texts: str) -> Language | None:
    """The language that the texts are in together; None where nothing tells, as in `ERR-4021` or `Ada Keller`."""
    return _language_of("\n".join(text[:_SAMPLE] for text in texts))


def sure_language_of(*texts: str) -> Language | None:
    """The same, and None for English too where one common word is all that speaks for it."""
    text = "\n".join(text[:_SAMPLE] for text in texts)
    language = _language_of(text)
    if language is None or language.script != "LATIN":
        return language
    common = sum(word in language.telling_words for word in _WORDS.findall(text.casefold()))
    return language if common >= _SURE else None


@lru_cache(maxsize=4096)
def _language_of(text: str) -> Language | None:
    if text.isascii():
        return _by_words(text, "LATIN")
    shares = script_shares(text)
    script = max(shares, key=lambda name: shares[name], default=None)
    if script == "LATIN" and len(shares) > 1:  # a Chinese page about an API has more Latin letters than signs
        second = max((name for name in shares if name != "LATIN"), key=lambda name: shares[name])
        script = second if 2 * _weight(second) * shares[second] > shares["LATIN"] else script
    if script in ("CJK", "HIRAGANA"):
        signs = shares.get("CJK", 0.0) + shares.get("HIRAGANA", 0.0)
        return LANGUAGES["ja" if shares.get("HIRAGANA", 0.0) > _KANA * signs else "zh"]
    return _by_words(text, script) if script else None


def _weight(script: str) -> float:
    """Words that a letter stands for, beside Latin: a sign of an unspaced script is half a word."""
    return 2.5 if script in ("CJK", "HIRAGANA", "HANGUL") else 1.0


def script_shares(text: str) -> Mapping[str, float]:
    """The share of each script among the letters."""
    counts: Counter[str] = Counter()
    for letter, n in Counter(text).items():
        if script := script_of(letter):
            counts[script] += n
    total = sum(counts.values())
    return {script: n / total for script, n in counts.most_common()}


def _by_words(text: str, script: str) -> Language | None:
    scores: dict[str, float] = defaultdict(float)
    shared, marked = _readers(script), _letters(script)
    lower = text.casefold()
    for word in _WORDS.findall(lower):
        for code in shared.get(word, ()):
            scores[code] += 1 / len(shared[word])
    if not lower.isascii():
        for letter, code in marked.items():
            scores[code] += lower.count(letter) / 2
    best = max(scores, key=scores.__getitem__, default=None)
    if script != "LATIN":
        return LANGUAGES[best] if best else OF_SCRIPT.get(script)
    # English is what every text was taken for before there were others: another language has to be sure
    sure = best is not None and scores[best] >= _LEAST and scores[best] > _CLEARLY * scores["en"]
    return LANGUAGES[best] if best and (best == "en" or sure) else None


@cache
def _readers(script: str) -> Mapping[str, tuple[str, ...]]:
    """Common word -> the languages of a script that have it."""
    readers: dict[str, tuple[str, ...]] = {}
    for row in LANGUAGES.values():
        if row.script == script:
            for word in row.telling_words:
                readers[word] = (*readers.get(word, ()), row.code)
    return readers


@cache
def _letters(script: str) -> Mapping[str, str]:
    """Letter -> the language of a script that alone has it."""
    rows = [row for row in LANGUAGES.values() if row.script == script]
    owners = Counter(letter for row in rows for letter in row.letters)
    return {letter: row.code for row in rows for letter in row.letters if owners[letter] == 1}


def main_language(texts: Iterable[str]) -> Language:
    """The language of most of a corpus's texts, by their length; English where nothing tells."""
    sizes: Counter[str] = Counter()
    for text in texts:
        language = language_of(text)
        if language is not None:
            sizes[language.code] += min(len(text), _SAMPLE)
    return LANGUAGES[sizes.most_common(1)[0][0]] if sizes else ENGLISH
