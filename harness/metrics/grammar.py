"""The grammar of a language for the claim detector: words, stems, denials and names; English and the others.

English is read as it always was. In another language, denials and numbers are first written in one way
(`harness.language.denials`); a denial reaches over its clause, on both sides, since it stands before the verb in
some languages and behind it in others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import harness.metrics.language as english
from harness.language.denials import DENIAL, clauses, plainly
from harness.language.detect import language_of, sure_language_of
from harness.language.numerals import ones
from harness.language.rows import Language
from harness.language.sentences import border
from harness.language.stems import stem_of
from harness.language.table import LANGUAGES
from harness.metrics.words import normal_words

_NOT_ONLY = ("only",)  # "not only X" affirms X
_NEGATION_REACH = 4  # words after an English negation that it can be about
_SAMPLE = 2000  # letters of each passage that tell its language
_QUESTION = ("?", "？", "؟")


@dataclass(frozen=True, slots=True)
class Denied:
    """The denials of a text."""

    words: frozenset[str] = frozenset()  # stems within reach of a denial
    twice: frozenset[str] = frozenset()  # those within reach of two, where two are another matter than one

    def agrees(self, other: Denied, words: frozenset[str]) -> bool:
        """Whether the other text denies these words as this one, a claim, denies."""
        once, twice = bool(other.words & words), bool(other.twice & words)
        return bool(self.words) == once and bool(self.twice) == twice


class Grammar:
    """English."""

    language: Language = LANGUAGES["en"]
    conjunctions = re.compile(r"\s*(?:;|,?\s(?:and|but|while|whereas)\s)\s*", re.IGNORECASE)
    joint = "and"  # what joins two parts again
    stop: frozenset[str] = english.STOP_STEMS
    denied_alone = False  # whether a word that passages only ever deny may not be affirmed
    smoothing = 4  # words added to a claim's length, so that two missing small words do not sink a short sentence

    def words(self, text: str) -> tuple[str, ...]:
        """Normalised words: the form in which facts are compared."""
        return normal_words(text)

    def stems(self, text: str) -> tuple[str, ...]:
        return english.stems(text)

    def stem(self, word: str) -> str:
        """The stem of a normalised word."""
        return english.stem(word)

    def sentences(self, text: str) -> list[str]:
        return english.sentences(text)

    def denied(self, sentences: Sequence[str], words: Sequence[str]) -> Denied:
        """The denials of neighbouring sentences; their stems are at hand."""
        return Denied(
            frozenset(
                word
                for i, negation in enumerate(words)
                if negation in english.NEGATIONS and tuple(words[i + 1 : i + 2]) != _NOT_ONLY
                for word in words[i + 1 : i + 1 + _NEGATION_REACH]
                if word not in self.stop
            )
        )

    def weight(self, word: str) -> float:
        """The weight of a word in a claim's wording."""
        return 1.0

    def with_ones(self, words: frozenset[str]) -> frozenset[str]:
        """The words of a passage, and what they give beside themselves."""
        return words

    def is_name(self, tokens: Sequence[str], at: int, titled: bool) -> bool:
        """Whether a token is a name: a capital opens every sentence, so the first needs a text of capitals alone."""
        return tokens[at][0].isupper() and not self.stop.issuperset(self.stems(tokens[at])) and (at > 0 or titled)


class OtherGrammar(Grammar):
    """A language of the table that has rules for claims."""

    denied_alone = True

    def __init__(self, language: Language) -> None:
        assert language.claims is not None
        self.language, self._claims = language, language.claims
        going_on = language.claims.goes_on.split()
        self.joint = going_on[0] if going_on else ","
        self.conjunctions = re.compile(
            rf"\s*(?:[;；؛]|,?\s(?:{'|'.join(map(re.escape, going_on)) or '(?!)'})\s)\s*", re.IGNORECASE
        )
        if language.script in ("CJK", "HIRAGANA"):
            self.smoothing = 1  # a word is two signs: one missing word is two missing signs

    @cached_property
    def stop(self) -> frozenset[str]:  # type: ignore[override]
        return frozenset(self.stems(self.language.common)) | {DENIAL}

    def words(self, text: str) -> tuple[str, ...]:
        return tuple(self.stem(word) for word in normal_words(plainly(text, self.language)))

    def stems(self, text: str) -> tuple[str, ...]:
        return self.words(text)

    def stem(self, word: str) -> str:
        return word if word == DENIAL else stem_of(word, self.language)

    def sentences(self, text: str) -> list[str]:
        lines = (english.without_bullet(line) for line in text.splitlines())
        pieces = (piece for line in lines for piece in _cut(line, border(self.language)))
        return [part.strip() for piece in pieces for part in re.split(r"[;；؛]", piece) if part.strip()]

    def denied(self, sentences: Sequence[str], words: Sequence[str]) -> Denied:
        once: set[str] = set()
        affirmed: set[str] = set()
        twice: set[str] = set()
        for stems in (self.words(clause) for text in sentences for clause in clauses(text, self.language)):
            content = [word for word in stems if word not in self.stop]
            (once if DENIAL in stems else affirmed).update(content)
            if self._claims.counted and stems.count(DENIAL) > 1:
                twice.update(content)
        # 'drinks, but no meals are sold': what another clause affirms is not what this one denies
        return Denied(frozenset(once - affirmed or once), frozenset(twice))

    def weight(self, word: str) -> float:
        return 0.5 if word in self.stop else 1.0  # articles and prepositions change with the case of a noun

    def with_ones(self, words: frozenset[str]) -> frozenset[str]:
        return words | {"1"} if words & self._ones else words

    @cached_property
    def _ones(self) -> frozenset[str]:
        return frozenset(word for one in ones(self.language) for word in self.words(one))

    @cached_property
    def _titles(self) -> frozenset[str]:
        return frozenset(self._claims.titles.casefold().split())

    def is_name(self, tokens: Sequence[str], at: int, titled: bool) -> bool:
        token = tokens[at]
        if self.language.script not in ("LATIN", "CYRILLIC"):
            return token[0].isascii() and token[0].isalpha()  # a word in Latin letters among others
        if not self.language.capital_nouns:
            return super().is_name(tokens, at, titled)
        # every noun has a capital: a name stands behind a title or a bare preposition, or beside another name
        if not token[0].isupper():
            return False
        before = tokens[at - 1] if at else ""
        after = tokens[at + 1] if at + 1 < len(tokens) else ""
        return before.casefold() in self._titles or (at > 1 and before[0].isupper()) or (at > 0 and after[:1].isupper())


def _cut(text: str, separator: re.Pattern[str]) -> list[str]:
    ends = [m.end() for m in separator.finditer(text) if m.end() > 0]
    bounds = [0, *(end for end in ends if end < len(text)), len(text)]
    return [text[a:b] for a, b in pairwise(bounds) if text[a:b].strip()]


ENGLISH = Grammar()


@lru_cache(maxsize=64)
def grammar_of(code: str) -> Grammar | None:
    """The grammar of a language; None where the table has no rules for its claims."""
    if code == "en":
        return ENGLISH
    return OtherGrammar(LANGUAGES[code]) if LANGUAGES[code].claims else None


def grammar_for(answer: str, question: str, passages: Sequence[str]) -> Grammar | str:
    """The grammar for an answer and its passages, or the reason why there is none.

    Where nothing tells a language (`ERR-4021`), it is read as English: numbers, names and words are compared.
    """
    of_passages = language_of(*(text[:_SAMPLE] for text in passages)) if passages else None
    of_answer = sure_language_of(answer)
    if (
        of_passages
        and of_answer
        and of_answer.code != of_passages.code
        and sure_language_of(*(text[:_SAMPLE] for text in passages))
    ):
        return f"the answer is {of_answer.name}, its passages are {of_passages.name}: their words can not be compared"
    language = of_passages or language_of(question, answer)
    grammar = grammar_of(language.code) if language else ENGLISH
    return grammar if grammar is not None else f"no rules for {language.name if language else ''}"


def is_question(sentence: str) -> bool:
    """Whether a sentence asks, and so asserts nothing."""
    return sentence.endswith(_QUESTION)
