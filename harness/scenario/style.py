"""style.yaml: the house style as data. Every rule is off until it is written.

    brands: [Halvenbrook, Cover Full]       # spelt so wherever they are said
    terms: {bike: [bicycle, cycle]}         # the house's word -> words that it replaces
    forbidden: [unfortunately]
    avoid_person: [first]
    most_words: 40

Read by `harness.scenario.load`, applied by `harness.metrics.style`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from harness.scenario.bounds import Sentence, above, between
from harness.types import CATEGORIES, Category

Person = Literal["first", "second"]
Phrases = tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Rubric:
    """What a judge holds answers to, in the house's words; without a judge nothing is asked."""

    tone: Sentence | None = None  # for the metric deepeval_tone
    completeness: Sentence | None = None  # for deepeval_completeness


@dataclass(frozen=True, slots=True)
class StyleRules:
    """How the house writes."""

    brands: Phrases = ()  # names, spelt exactly so wherever an answer says them
    terms: Mapping[Sentence, Phrases] = field(default_factory=dict)  # the house's word -> words not to be said for it
    codes: Phrases = ()  # every code in an answer is one of these; * stands for any run of signs: HD-*
    required: Phrases = ()  # said in every answer
    forbidden: Phrases = ()  # said in none
    avoid_person: tuple[Person, ...] = ()  # first: no I, we, our; second: no you, your. English
    openings: Phrases = ()  # an answer begins with one of these
    closings: Phrases = ()  # an answer ends with one of these
    least_words: Annotated[int, between(0, 100_000)] = 0
    most_words: Annotated[int, between(1, 100_000)] | None = None
    most_sentences: Annotated[int, between(1, 10_000)] | None = None
    most_grade: Annotated[float, above(0, 30)] | None = None  # Flesch-Kincaid: years of school to read it. English
    categories: tuple[Category, ...] = CATEGORIES  # of the cases whose answers are held to it
    rubric: Rubric = Rubric()  # for a judge

    @property
    def has_tone(self) -> bool:
        """Whether a rule says how an answer is to sound; those on names, words and codes are the glossary."""
        tone = (self.required, self.forbidden, self.avoid_person, self.openings, self.closings, self.least_words)
        return any(tone) or any(limit is not None for limit in (self.most_words, self.most_sentences, self.most_grade))
