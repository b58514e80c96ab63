"""A language as a row: what search, sentence borders, numbers and claims need to know of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property


def words(text: str) -> frozenset[str]:
    """The words of a row, which stand there separated by spaces."""
    return frozenset(text.casefold().split())


@dataclass(frozen=True)
class Numerals:
    """Number words. A field's words stand in order; forms of one number are joined by `|`, words of one form by `_`."""

    small: str = ""  # 2, 3, 4, ...: as far as the language has words of their own
    tens: str = ""  # 20, 30, ... 90
    zero: str = ""
    one: str = ""  # articles in many languages: a passage that says so gives 1, a claim does not have to prove it
    hundred: str = ""
    hundreds: str = ""  # 200, 300, ... 900, where these are words of their own
    thousand: str = ""
    million: str = ""
    joiner: str = ""  # what stands between the parts: `und`, `y`
    half: str = ""  # what makes a half more of a number: sieben*einhalb*
    fused: str = ""  # `unit first`: fünfundzwanzig; `ten first`: ventidue; empty where a number is several words


@dataclass(frozen=True)
class Claims:
    """The rules of claims, beside common words: without them, groundedness in this language is unscored."""

    denials: str  # whole words that deny
    numerals: Numerals = field(default_factory=Numerals)
    inside: str = ""  # regular expression: a denial inside a word; its groups are kept as the word's stem
    days: str = ""  # Monday to Sunday: facts, though most languages write them without a capital
    counted: bool = False  # two denials in a clause are another matter than one: 未经培训不得使用
    no_denials: str = ""  # regular expression: what holds a denial's letters or words and denies nothing
    goes_on: str = ""  # conjunctions that begin a clause of its own
    titles: str = ""  # words before a name; used where every noun has a capital


@dataclass(frozen=True)
class Language:
    """One language."""

    code: str  # ISO 639-1
    name: str  # in English
    script: str  # of its letters, the first word of their names in Unicode
    common: str  # its commonest words, question words among them: what it is told by, and what search leaves out
    telling: str = ""  # more words that it is told by, which a search may be about: `kostet`
    stemmer: str | None = None  # Snowball's algorithm; None: there is none, or its words are cut in another way
    comma: bool = False  # writes 1.000,5 or 1 000,5 for 1,000.5
    abbreviations: str = ""  # words whose full stop ends no sentence
    capital_nouns: bool = False  # every noun has a capital, so that a capital makes no name
    letters: str = ""  # letters that no other language of its script here has: they settle what common words cannot
    claims: Claims | None = None

    @cached_property
    def common_words(self) -> frozenset[str]:
        return words(self.common)

    @cached_property
    def telling_words(self) -> frozenset[str]:
        return self.common_words | words(self.telling) | self.denials

    @cached_property
    def denials(self) -> frozenset[str]:
        return words(self.claims.denials) if self.claims else frozenset()
