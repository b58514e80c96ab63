"""A draft: a question about passages, its answer, and the quotes that it rests on; and what became of all of them.

Draft(kind="lookup", question="How long is a kayak lent?", answers=("3 days",), quotes=("A kayak is lent for 3 days.",),
      passages=(loans,), maker="smollm2")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.evidence.fold import stands
from harness.files.hashing import content_hash
from harness.golden.verified import DRAFT_WORDS
from harness.types import Case, Evidence, Kind, Passage

RULE = "a rule"  # the maker of what no generator wrote


@dataclass(frozen=True, slots=True)
class Topic:
    """What a draft is to be about: sentences of passages that a question could ask for."""

    passages: tuple[Passage, ...]  # one, or two from which an answer is put together
    quotes: tuple[str, ...]  # one a passage, as it stands there

    @property
    def docs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(passage.doc for passage in self.passages))


@dataclass(frozen=True, slots=True)
class GoldenDraft:
    """A question that no person has read yet, with all that it rests on."""

    kind: Kind
    topic: Topic
    question: str
    answers: tuple[str, ...] = ()  # one a quote, in few words; none where nothing answers, or before it is answered
    maker: str = RULE  # who wrote the question: the name of a generator, or a rule
    base: str = ""  # the question that it was made of; empty where it was made of a quote

    @property
    def quotes(self) -> tuple[str, ...]:
        """What answers it; nothing where it has no answer."""
        return () if self.kind == "unanswerable" else self.topic.quotes

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The quotes with the documents that they stand in."""
        pairs = zip(self.topic.passages, self.quotes, strict=False)
        return tuple(Evidence(doc=passage.doc, quote=quote) for passage, quote in pairs)

    @property
    def id(self) -> str:
        """A name by content, so that the same draft is the same case in every file."""
        return f"draft-{content_hash([self.kind, self.question, self.topic.docs, self.quotes])[:10]}"

    @property
    def verified_by(self) -> str:
        return f"{DRAFT_WORDS} {self.maker}, read by nobody"


@dataclass(frozen=True, slots=True)
class Drop:
    """A draft that did not pass, for people who want to see why."""

    kind: Kind
    check: str  # name in CHECKS
    question: str  # as it was written; may be empty
    doc: str
    why: str


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """One check: how many drafts came to it and how many passed."""

    check: str
    entered: int
    passed: int


@dataclass(frozen=True, slots=True)
class Drafts:
    """Drafts that passed every check, and what became of the others."""

    drafts: tuple[GoldenDraft, ...]
    funnels: Mapping[Kind, tuple[FunnelRow, ...]] = field(default_factory=dict)  # by kind, in the order of the checks
    drops: tuple[Drop, ...] = ()
    documents: int = 0  # that were drawn from
    replies: int = 0  # that a generator was asked for
    remembered: int = 0  # of them, taken from earlier


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Questions that a draft may not repeat, each with its place."""

    golden: Sequence[tuple[str, str]] = ()  # of the golden set, of drafts under review and of rejected ones
    training: Sequence[tuple[str, str]] = ()  # prompts that are trained on
    evidence: Mapping[str, Sequence[str]] = field(default_factory=dict)  # document -> quotes that are spoken for

    def owns(self, topic: Topic) -> bool:
        """Whether a quote of the topic is spoken for, or holds one that is."""
        pairs = zip(topic.passages, topic.quotes, strict=True)
        return any(
            stands(quote, taken_quote) or stands(taken_quote, quote)
            for passage, quote in pairs
            for taken_quote in self.evidence.get(passage.doc, ())
        )


def draft_case(draft: GoldenDraft, split: str) -> Case:
    """The draft as a golden case. A draft of two passages accepts both answers together, and each is a key point."""
    points = draft.answers if len(draft.answers) > 1 else ()
    return Case(
        id=draft.id,
        question=draft.question,
        accept=(", ".join(draft.answers),) if draft.answers else (),
        key_points=points,
        evidence=draft.evidence,
        kind=draft.kind,
        category="tone" if draft.kind == "style" else "factual",
        split="dev" if split == "dev" else "test",
        source=draft.topic.docs[0],
        verified_by=draft.verified_by,
    )
