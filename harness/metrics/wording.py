"""A claim and a passage as they are read: stems, facts, what is denied, neighbouring sentences, single lines.

    read_claim("The notice is 14 days.", question, ENGLISH).facts      # frozenset({"14"})
    read_passage(passage.title, passage.text, ENGLISH).lines           # each sentence, with the words it borrows

Both are read once: every claim of a run meets the same passages, and every passage many claims.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from harness.language.scripts import is_word
from harness.metrics.grammar import ENGLISH, Denied, Grammar

WINDOW = 2  # sentences of a passage that may carry one claim together

_TOKEN = re.compile(r"[^\s.,;:!?()\[\]\"“”]+")


@dataclass(frozen=True, slots=True)
class ReadClaim:
    words: tuple[str, ...]  # stems, stop words included, in order
    said: tuple[str, ...]  # the same words as they are written
    content: frozenset[str]  # stems that carry meaning, beyond the question's
    facts: frozenset[str]  # numbers, names and codes, as normalised words
    numbers: frozenset[str]  # those of them that hold a digit
    denied: Denied
    from_question: frozenset[str]  # stems and facts that the question itself holds
    frame: frozenset[str]  # what claim and question speak of: their content stems without the numbers


@dataclass(frozen=True, slots=True)
class ReadWindow:
    words: frozenset[str]
    grams: frozenset[tuple[str, ...]]  # pairs and triples
    denied: Denied


@dataclass(frozen=True, slots=True)
class ReadLine:
    order: tuple[str, ...]  # its stems as they follow each other
    own: frozenset[str]  # its stems and the title's
    words: frozenset[str]  # the same and those of its heading
    facts: frozenset[str]  # its numbers, names and codes
    denied: Denied


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage."""

    words: frozenset[str]  # all of them, title included, in the form of facts
    title: frozenset[str]  # stems
    windows: tuple[ReadWindow, ...]  # neighbouring sentences
    lines: tuple[ReadLine, ...]  # single sentences


@lru_cache(maxsize=4096)
def read_claim(claim: str, question: str, grammar: Grammar) -> ReadClaim:
    """A sentence of an answer to a question."""
    words, named_facts, stop = grammar.stems(claim), facts(claim, grammar), grammar.stop
    content = frozenset(word for word in words if word not in stop)
    question_words = frozenset(grammar.stems(question)) | frozenset(grammar.words(question))
    # An answer that only says the question back adds nothing that could be given: 'Yes, it is 30 days' is the claim.
    from_question = question_words if content - question_words else frozenset()
    return ReadClaim(
        words=words,
        said=grammar.words(claim),
        content=content - from_question,
        facts=named_facts,
        numbers=frozenset(word for word in named_facts if is_number(word)),
        denied=grammar.denied([claim], words),
        from_question=from_question,
        frame=frozenset(w for w in content | question_words if w not in stop and is_word(w)),
    )


@lru_cache(maxsize=4096)
def read_passage(title: str, text: str, grammar: Grammar) -> ReadPassage:
    """A passage under its title."""
    texts = grammar.sentences(text)
    parts = [grammar.stems(part) for part in texts]
    windows = [
        _window(texts[i : i + size], [word for part in parts[i : i + size] for word in part], grammar)
        for size in range(1, WINDOW + 1)
        for i in range(max(1, len(parts) - size + 1))
    ]
    head, words = frozenset(grammar.stems(title)), frozenset(grammar.words(f"{title}\n{text}"))
    return ReadPassage(grammar.with_ones(words), head, tuple(windows), tuple(_lines(texts, parts, head, grammar)))


def _lines(
    texts: Sequence[str], parts: Sequence[tuple[str, ...]], title: frozenset[str], grammar: Grammar
) -> Iterator[ReadLine]:
    """Each sentence with the words it borrows: the title's, and those of a line before it that holds no number.

    Such a line is a heading, a table's header or a question, and what follows is said about it.
    """
    borrowed: frozenset[str] = frozenset()
    for text, part in zip(texts, parts, strict=True):
        line_facts = facts(text, grammar)
        own = title | frozenset(part)
        yield ReadLine(part, own, own | borrowed, line_facts, grammar.denied([text], part))
        borrowed = frozenset() if any(map(is_number, line_facts)) else frozenset(part)


def _window(texts: Sequence[str], words: Sequence[str], grammar: Grammar) -> ReadWindow:
    grams = frozenset(grams_of(words, 2) + grams_of(words, 3))
    return ReadWindow(grammar.with_ones(frozenset(words)), grams, grammar.denied(texts, words))


def grams_of(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + size]) for i in range(len(words) - size + 1)]


def facts(claim: str, grammar: Grammar = ENGLISH) -> frozenset[str]:
    """Numbers, names and codes as normalised words: what no other wording may replace.

    A capital opens every sentence, so the first word is a name only where all words have capitals ('Ada Keller').
    """
    normal_words = grammar.words
    tokens = _TOKEN.findall(claim)
    titled = all(token[0].isupper() or not token[0].isalpha() for token in tokens)
    names = [t for i, t in enumerate(tokens) if _is_code(t) or grammar.is_name(tokens, i, titled)]
    name_words = {word for token in names for word in normal_words(token) if not word.isdigit()}
    words = normal_words(claim)  # of the whole claim: 'June' in 'June 7' is part of a date there, and no name
    numbers = {word for word in words if is_number(word)}
    return frozenset((name_words & set(words)) | numbers) - _incidental(claim)


def _incidental(claim: str) -> frozenset[str]:
    """Facts to leave out: the word 'one' is a pronoun more often than a number; the digit 1 is a number."""
    return frozenset({"1"}) if re.search(r"\bone\b", claim, re.IGNORECASE) and "1" not in claim else frozenset()


def _is_code(token: str) -> bool:
    return "_" in token or (len(token) > 1 and token.isupper())


def is_number(word: str) -> bool:
    """Whether a word holds a digit."""
    return any(character.isdigit() for character in word)
