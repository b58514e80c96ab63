"""The kinds of drafts: how each is made, by a generator or by a rule, and what it has to pass. KINDS is the table.

A lookup is made of a quote. Every other kind is made of lookups that passed: two of them together, one about a thing
that the documents do not know, one as a customer types it. Makers take turns: a rule fills what the generator leaves
open.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.drafts.checks import Bench
from harness.drafts.draft import RULE, GoldenDraft, Topic
from harness.drafts.quotes import both, grammar_of
from harness.drafts.wording import (
    QUESTION_TOKENS,
    both_prompt,
    message_of,
    open_prompt,
    paraphrase_prompt,
    question_of,
    question_prompt,
    style_prompt,
)
from harness.drills.rewording import reworded
from harness.files.hashing import content_hash
from harness.metrics.wording import facts
from harness.types import Kind

Maker = Callable[[Sequence[GoldenDraft], Bench, int], list[GoldenDraft]]  # lookups that passed -> new drafts

# parts of names that no language has: 'Vorlu', 'Kestam'
_BEGINNINGS = ("Vor", "Kes", "Tal", "Bre", "Mor", "Zan", "Quil", "Fen", "Dra", "Lum", "Pex", "Har")
_ENDINGS = ("lu", "tam", "vik", "dor", "nex", "sol", "rim", "bel", "gan", "tor", "wix", "mire")
_GREETINGS = ("Hi, {} Thanks!", "Hello, I'm in a hurry: {}", "Quick one: {}", "Sorry to bother you, {}")


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind of drafts."""

    title: str
    share: float  # of the cases, where nothing else is asked for
    makers: tuple[Maker, ...]  # in turn; none: it is written from quotes
    checks: tuple[str, ...]  # names in CHECKS, in order


def write_lookups(topics: Sequence[Topic], bench: Bench) -> list[GoldenDraft]:
    """A question for each topic, as the generator asks for its quote."""
    replies = bench.writer.write([question_prompt(topic) for topic in topics], QUESTION_TOKENS)
    name = bench.writer.name
    pairs = zip(topics, replies, strict=True)
    return [GoldenDraft("lookup", topic, question_of(reply), maker=name) for topic, reply in pairs]


def _both_by_generator(lookups: Sequence[GoldenDraft], bench: Bench, seed: int) -> list[GoldenDraft]:
    pairs = list(_pairs(lookups, bench))
    replies = bench.writer.write([both_prompt(a.question, b.question) for a, b in pairs], 2 * QUESTION_TOKENS)
    return [_of_two(a, b, question_of(reply), bench.writer.name) for (a, b), reply in zip(pairs, replies, strict=True)]


def _both_by_rule(lookups: Sequence[GoldenDraft], bench: Bench, seed: int) -> list[GoldenDraft]:
    return [_of_two(a, b, f"{a.question[:-1]}, and {_lower(b.question)}", RULE) for a, b in _pairs(lookups, bench)]


def _of_two(a: GoldenDraft, b: GoldenDraft, question: str, maker: str) -> GoldenDraft:
    base = f"{a.question} {b.question}"
    return GoldenDraft("multi_hop", both(a.topic, b.topic), question, (*a.answers, *b.answers), maker, base)


def _pairs(lookups: Sequence[GoldenDraft], bench: Bench) -> Iterator[tuple[GoldenDraft, GoldenDraft]]:
    """Lookups of different passages that speak of one thing, each in one pair at most."""
    open_ones = list(lookups)
    while open_ones:
        first = open_ones.pop(0)
        group = bench.group(first.topic.docs[0])
        near = (one for one in open_ones if bench.group(one.topic.docs[0]) == group)
        other = next((one for one in near if _related(first, one)), None)
        if other is not None:
            open_ones.remove(other)
            yield first, other


def _related(a: GoldenDraft, b: GoldenDraft) -> bool:
    """Whether two lookups are about different passages of one document, or share a name or a word of their titles."""
    (one,), (other,) = a.topic.passages, b.topic.passages
    if one.id == other.id:
        return False
    grammar = grammar_of(one)
    names = {word for word in facts(a.topic.quotes[0], grammar) & facts(b.topic.quotes[0], grammar) if word.isalpha()}
    titles = (set(grammar.stems(one.title)) & set(grammar.stems(other.title))) - grammar.stop
    return one.doc == other.doc or bool(names or titles)


def _open_by_generator(lookups: Sequence[GoldenDraft], bench: Bench, seed: int) -> list[GoldenDraft]:
    replies = bench.writer.write([open_prompt(draft.topic.passages[0]) for draft in lookups], QUESTION_TOKENS)
    name = bench.writer.name
    return [
        GoldenDraft("unanswerable", draft.topic, question_of(reply), (), name, draft.question)
        for draft, reply in zip(lookups, replies, strict=True)
    ]


def _open_by_rule(lookups: Sequence[GoldenDraft], bench: Bench, seed: int) -> list[GoldenDraft]:
    """Lookups about a thing that no document knows: a name of the question replaced, or one added."""
    return [
        GoldenDraft("unanswerable", draft.topic, _of_a_stranger(draft, seed), (), RULE, draft.question)
        for draft in lookups
    ]


def _of_a_stranger(draft: GoldenDraft, seed: int) -> str:
    draw = random.Random(content_hash([seed, draft.question]))
    stranger = draw.choice(_BEGINNINGS) + draw.choice(_ENDINGS)
    words = draft.question[:-1].split()
    names = [at for at, word in enumerate(words) if at > 0 and word[0].isupper() and word.isalpha() and len(word) > 2]
    if names:
        words[names[-1]] = stranger
        return f"{' '.join(words)}?"
    return f"{draft.question[:-1]} on the {stranger}?"


def _style_by_generator(lookups: Sequence[GoldenDraft], bench: Bench, seed: int) -> list[GoldenDraft]:
    replies = bench.writer.write([style_prompt(draft.question) for draft in lookups], 2 * QUESTION_TOKENS)
    return _otherwise("style", lookups, map(message_of, replies), bench.writer.name)


def _style_by_rule(lookups: Sequence[GoldenDraft], bench: Bench, seed: int) -> list[GoldenDraft]:
    def greeting(draft: GoldenDraft) -> str:
        return random.Random(content_hash([seed, draft.question])).choice(_GREETINGS)

    return _otherwise("style", lookups, (greeting(d).format(_lower(d.question)) for d in lookups), RULE)


def paraphrases_by_generator(lookups: Sequence[GoldenDraft], bench: Bench, seed: int) -> list[GoldenDraft]:
    """Each question in the generator's words."""
    replies = bench.writer.write([paraphrase_prompt(draft.question) for draft in lookups], QUESTION_TOKENS)
    return _otherwise("lookup", lookups, map(question_of, replies), bench.writer.name)


def paraphrases_by_rule(lookups: Sequence[GoldenDraft], bench: Bench, seed: int) -> list[GoldenDraft]:
    """Each question in other words by rule, as the drills do it."""
    return _otherwise("lookup", lookups, (reworded(d.question, f"{seed}:{d.id}") for d in lookups), RULE)


def _otherwise(kind: Kind, lookups: Sequence[GoldenDraft], questions: Iterable[str], maker: str) -> list[GoldenDraft]:
    """The same matter in another question."""
    pairs = zip(lookups, questions, strict=True)
    return [GoldenDraft(kind, d.topic, question, d.answers, maker, d.question) for d, question in pairs]


def _lower(question: str) -> str:
    """The question with its first letter small, where its first word is no name."""
    first = question.split(" ", 1)[0]
    return question[0].lower() + question[1:] if first[1:].islower() and first != "I" else question


_AGAIN = ("question", "repeat", "leak", "same matter", "retrieval")
KINDS: Mapping[Kind, KindRow] = {
    "lookup": KindRow(
        "one passage", 0.55, (), ("question", "quote", "repeat", "leak", "retrieval", "answer", "follows"),
    ),
    "multi_hop": KindRow(
        "two passages", 0.15, (_both_by_generator, _both_by_rule), (*_AGAIN, "both needed"),
    ),
    "unanswerable": KindRow(
        "nothing answers", 0.15, (_open_by_generator, _open_by_rule), ("question", "repeat", "leak", "silence"),
    ),
    "style": KindRow("house style", 0.15, (_style_by_generator, _style_by_rule), (*_AGAIN, "other words")),
}  # fmt: skip
PARAPHRASE = KindRow(
    "in other words", 0.0, (paraphrases_by_generator, paraphrases_by_rule),
    (*_AGAIN, "other words", "same answer"),
)  # fmt: skip
