"""Sentences of passages that a question can be asked for, drawn by seed, a document at a time.

    topics(passages, seed=7)     # one sentence of every document, then a second one of each, ...

A document's own order depends on its own text alone: a page that changes changes what is drawn from it and no other.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import zip_longest

from harness.drafts.draft import Topic
from harness.evidence.fold import fold, stands
from harness.files.hashing import content_hash
from harness.metrics.grammar import ENGLISH, Grammar, grammar_for, is_question
from harness.metrics.wording import facts
from harness.types import Passage

FEWEST_WORDS = 6  # of a sentence; shorter ones are headings and labels
MOST_WORDS = 40
FEWEST_CONTENT = 3  # stems that carry meaning, beyond the title's
# sentences that say nothing without the one before, or send the reader on
_LEANING = re.compile(
    r"(?:this|these|that|those|it|they|he|she|such|here|there|also|then|however|otherwise|see|note|for more|"
    r"for example|e\.g|the following|as (?:shown|described))\b",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.!。！।۔。][\"'”’)\]]*$")
_EMPTY_PLACE = re.compile(r"\s[.,;:)]|\(\s*\)|,\s*,")  # where a picture or link stood: 'tap , and then ...'


def topics(passages: Sequence[Passage], seed: int) -> list[Topic]:
    """Every sentence that a draft can be made of, documents taking turns.

    A sentence that stands in several documents belongs to the first by name, since only one can be its evidence.
    """
    by_doc: dict[str, dict[str, Topic]] = defaultdict(dict)
    owner: dict[str, str] = {}
    for passage in sorted(passages, key=lambda passage: (passage.doc, passage.id)):
        for sentence in quotable(passage):
            key = fold(sentence).text
            if owner.setdefault(key, passage.doc) == passage.doc:
                by_doc[passage.doc].setdefault(key, Topic((passage,), (sentence,)))
    docs = sorted(by_doc, key=lambda doc: content_hash([seed, doc]))
    rows = [
        sorted(by_doc[doc].values(), key=lambda topic: (_plainness(topic), content_hash([seed, topic.quotes])))
        for doc in docs
    ]
    return [topic for turn in zip_longest(*rows) for topic in turn if topic is not None]


def quotable(passage: Passage) -> list[str]:
    """The sentences of a passage that stand for themselves, as they are written there."""
    grammar = grammar_of(passage)
    title = frozenset(grammar.stems(passage.title))
    return [
        sentence
        for sentence in grammar.sentences(passage.text)
        if _stands_alone(sentence, title, grammar) and stands(sentence, passage.text)
    ]


def grammar_of(passage: Passage) -> Grammar:
    """How a passage is read; as English where its language has no rules."""
    grammar = grammar_for("", "", [passage.text])
    return ENGLISH if isinstance(grammar, str) else grammar


def _stands_alone(sentence: str, title: frozenset[str], grammar: Grammar) -> bool:
    words = len(sentence.split())
    if not FEWEST_WORDS <= words <= MOST_WORDS or is_question(sentence) or not _ENDS.search(sentence):
        return False
    if _LEANING.match(sentence) or _EMPTY_PLACE.search(sentence):
        return False
    content = {stem for stem in grammar.stems(sentence) if stem not in grammar.stop}
    return len(content - title) >= FEWEST_CONTENT


def _plainness(topic: Topic) -> bool:
    """Whether a sentence gives no number, name or code; those that do are asked for first."""
    return not facts(topic.quotes[0], grammar_of(topic.passages[0]))


def both(first: Topic, second: Topic) -> Topic:
    """A topic of two passages."""
    return Topic((*first.passages, *second.passages), (*first.quotes, *second.quotes))
