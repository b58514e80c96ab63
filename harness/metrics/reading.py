"""A reading: one case beside one arm's answer, with the parts that several metrics look at.

Each part is computed when the first metric asks for it, and once: of the twenty metrics four need the claim detector,
six the evidence in the passages shown, three the correctness.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from harness.evidence.carry import ItemShares
from harness.metrics.acceptance import accepted
from harness.metrics.grammar import Grammar, grammar_for
from harness.metrics.retrieval import Carried, carried_items
from harness.metrics.support import Support, supports
from harness.metrics.words import normal_words
from harness.scenario.style import StyleRules
from harness.structured import without_marks
from harness.types import Answer, Case, Unscored


@dataclass(frozen=True, slots=True)
class Grounds:
    """The claims of an answer as a classifier found them."""

    share: float | None  # of them that a shown passage supports; None where the answer claims nothing
    unsupported: bool  # at least one is not


@dataclass(frozen=True)
class Reading:
    """A case and an answer to it. Whether a part means anything for the case is left to the metric that asks.

    What models say of an answer was asked beforehand, by steps of the run; here it is read.
    """

    case: Case
    answer: Answer
    similarity: float | Unscored | None = None  # to its nearest reference sentence; None: nobody embedded it
    style: StyleRules | None = None  # the house style; None: the scenario has none
    grounds: Grounds | Unscored | None = None  # by a classifier; None: claims are read by the rules
    judged: Mapping[str, float | Unscored] | None = None  # metric -> what the judge gave; None: there is no judge

    @property
    def by_style(self) -> bool:
        """Whether the case is scored by the house style, not by an accepted value."""
        return self.style is not None and self.case.category == "tone" and "tone" in self.style.categories

    @cached_property
    def text(self) -> str:
        """The answer without its citation marks."""
        return without_marks(self.answer.text)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Normalised words of everything a reader sees: the answer and the other text fields of its object."""
        fields = (self.answer.parsed or {}).values()
        return normal_words("\n".join([self.text, *(value for value in fields if isinstance(value, str))]))

    @cached_property
    def accepted(self) -> bool:
        """Whether the text gives one of the case's accepted answers."""
        return accepted(self.text, self.case.accept, [*self.case.key_points, self.case.question])

    @cached_property
    def claims(self) -> tuple[Support, ...]:
        """Every claim of the answer, judged against the passages that were shown."""
        passages = [hit.passage for hit in self.answer.hits]
        grammar = None if isinstance(self.grammar, str) else self.grammar
        return tuple(supports(self.answer.text, passages, self.case.question, grammar=grammar))

    @cached_property
    def grammar(self) -> Grammar | str:
        """The grammar for the claims in the language of answer and passages, or why there is none."""
        return grammar_for(self.text, self.case.question, [hit.passage.text for hit in self.answer.hits])

    @cached_property
    def in_prompt(self) -> Carried:
        """For each passage in the prompt, in prompt order, the evidence items it carries."""
        return carried_items(self.case.evidence, [hit.passage for hit in self.answer.hits])

    @cached_property
    def cited(self) -> tuple[ItemShares | None, ...]:
        """For each cited label the evidence items its passage carries; None for a label that was not in the prompt."""
        by_label = {f"S{i}": items for i, items in enumerate(self.in_prompt, start=1)}
        return tuple(by_label.get(label) for label in self.answer.cited)
