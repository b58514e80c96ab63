"""The claim detector: does a passage support a claim? Deterministic, no model, well under a millisecond a claim.

A claim is one sentence of an answer. It is supported if one passage passes four tests:

1. facts: every number, name and code of the claim stands in that passage (or in its title, or in the question);
2. polarity: the sentence that carries the claim is not denied where the claim affirms, or the other way round;
3. wording: some stretch of `WINDOW` sentences of the passage covers the claim's words well enough;
4. nothing exchanged: the line closest to the claim does not have other words in the place of some of its own.

A sentence that joins facts of two passages is also supported if each of its parts is. Where the threshold comes from,
what this reaches against human labels and what it cannot see: `docs/grounding.md`, `benchmarks/grounding.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from harness.language.scripts import is_word
from harness.metrics.grammar import ENGLISH, Denied, Grammar, grammar_for, is_question
from harness.stats import numbers
from harness.structured import without_marks
from harness.types import Passage

THRESHOLD = 0.7
WINDOW = 2  # sentences of a passage that may carry one claim together
PHRASES = 0.1  # weight of the word pairs, and again of the word triples, that stand in the window as they are
EXCHANGED = 2  # neighbouring words of a line, at most, in whose place a claim may have others
NEW_WORDS = 0.5  # share of the claim's content words, beyond the question's own, that must stand in the window

_POLARITY = "it denies what the passage affirms, or affirms what the passage denies"
_TOKEN = re.compile(r"[^\s.,;:!?()\[\]\"“”]+")
_LEAST_PART = 2  # content words of the smallest part of a sentence that can be a claim of its own
_NEAR = 4  # lines, at most, that are compared with a claim word by word


@dataclass(frozen=True, slots=True)
class Support:
    """The judgement of one claim against the passages."""

    claim: str
    supported: bool
    score: float  # 0 to 1: how well the best passage's wording covers it; 0 where a fact is missing
    passage: int | None  # index of the best passage, None where there is no passage
    reason: str  # why not, or ""


@dataclass(frozen=True, slots=True)
class _Claim:
    words: tuple[str, ...]  # stems, stop words included, in order
    said: tuple[str, ...]  # the same words as they are written
    content: frozenset[str]  # stems that carry meaning, beyond the question's
    facts: frozenset[str]  # numbers, names and codes, as normalised words
    numbers: frozenset[str]  # those of them that hold a digit
    denied: Denied
    from_question: frozenset[str]  # stems and facts that the question itself holds
    frame: frozenset[str]  # what claim and question speak of: their content stems without the numbers


@dataclass(frozen=True, slots=True)
class _Window:
    words: frozenset[str]
    grams: frozenset[tuple[str, ...]]  # pairs and triples
    denied: Denied


@dataclass(frozen=True, slots=True)
class _Text:
    """A passage as it is read."""

    words: frozenset[str]  # all of them, title included, in the form of facts
    title: frozenset[str]  # stems
    windows: tuple[_Window, ...]  # neighbouring sentences
    lines: tuple[_Line, ...]  # single sentences


@dataclass(frozen=True, slots=True)
class _Asked:
    """The texts that a claim is judged against."""

    passages: Sequence[Passage]
    question: str
    threshold: float
    grammar: Grammar


@dataclass(frozen=True, slots=True)
class _Line:
    order: tuple[str, ...]  # its stems as they follow each other
    own: frozenset[str]  # its stems and the title's
    words: frozenset[str]  # the same and those of its heading
    facts: frozenset[str]  # its numbers, names and codes
    denied: Denied


def supports(
    text: str,
    passages: Sequence[Passage],
    question: str = "",
    threshold: float = THRESHOLD,
    grammar: Grammar | None = None,
) -> list[Support]:
    """The judgement of every claim of an answer; empty where it claims nothing (an empty text, questions alone).

    Args:
        grammar: how texts are read; None: as their language asks, and as English where there are no rules for it.
    """
    if grammar is None:
        grammar_or_reason = grammar_for(text, question, [passage.text for passage in passages])
        grammar = ENGLISH if isinstance(grammar_or_reason, str) else grammar_or_reason
    return [support(claim, passages, question, threshold, grammar) for claim in claims(text, grammar)]


def claims(text: str, grammar: Grammar = ENGLISH) -> list[str]:
    """The sentences of an answer that assert something, without citation marks; questions assert nothing."""
    parts = grammar.sentences(without_marks(text))
    return [part for part in parts if not is_question(part) and not grammar.stop.issuperset(grammar.stems(part))]


def support(
    claim: str,
    passages: Sequence[Passage],
    question: str = "",
    threshold: float = THRESHOLD,
    grammar: Grammar = ENGLISH,
) -> Support:
    """The judgement of one claim; if it fails as a whole, its parts are judged, each against its own best passage."""
    material = _Asked(passages, question, threshold, grammar)
    whole = _best(claim, material)
    parts = _parts(claim, grammar)
    if whole.supported or len(parts) < 2 or len(passages) < 2:
        return whole
    judgements = [_best(part, material) for part in parts]
    if not all(part.supported for part in judgements):
        return whole
    weakest = min(judgements, key=lambda part: part.score)
    return Support(claim, True, weakest.score, weakest.passage, "")


def _best(claim: str, material: _Asked) -> Support:
    grammar, threshold = material.grammar, material.threshold
    needs = _read_claim(claim, material.question, grammar)
    texts = [_read_passage(passage.title, passage.text, grammar) for passage in material.passages]
    scores = [(*_against(needs, text, grammar), index) for index, text in enumerate(texts)]
    if not scores:
        return Support(claim, False, 0.0, None, "no passage was given")
    score, reason, index = max(scores, key=lambda item: (item[0], -item[2]))
    lines = [line for text in texts for line in text.lines]
    if score >= threshold:
        checks = (_outdone, _contradicted, _exchanged)
        against = next((why for check in checks if (why := check(needs, lines, grammar))), "")
        return Support(claim, False, 0.0, index, against) if against else Support(claim, True, score, index, "")
    covered, least = numbers.against(score, threshold, "", ">=")
    return Support(claim, False, score, index, reason or f"its wording is covered to {covered}, below {least}")


def _against(claim: _Claim, text: _Text, grammar: Grammar) -> tuple[float, str]:
    """The score of a claim against one passage and, where a test failed outright, why."""
    missing = sorted(claim.facts - text.words - claim.from_question)
    if missing:
        return 0.0, f"'{missing[0]}' does not stand in the passage"
    scores = (_cover(claim, window, text.title, grammar) for window in text.windows)
    return max(scores, default=(0.0, "the passage is empty"))


def _cover(claim: _Claim, window: _Window, title: frozenset[str], grammar: Grammar) -> tuple[float, str]:
    stray = sorted(claim.numbers - window.words - title - claim.from_question)
    if stray:
        return 0.0, f"'{stray[0]}' does not stand where the passage speaks of this"
    vocabulary = window.words | title | claim.from_question
    fresh = len(claim.content & (window.words | title)) / len(claim.content) if claim.content else 1.0
    if fresh < NEW_WORDS:
        return 0.0, "most of what it adds to the question does not stand together in the passage"
    if not claim.denied.agrees(window.denied, frozenset(claim.words)):
        return 0.0, _POLARITY
    missing = sum(grammar.weight(word) for word in claim.words if word not in vocabulary)
    words = 1 - missing / (sum(map(grammar.weight, claim.words)) + grammar.smoothing)
    pairs, triples = _share(claim.words, 2, window), _share(claim.words, 3, window)
    return (1 - 2 * PHRASES) * words + PHRASES * (pairs + triples), ""


def _contradicted(claim: _Claim, lines: Sequence[_Line], grammar: Grammar) -> str:
    """The reason where every line that speaks most closely of the claim's matter is of the other polarity, else ""."""
    if grammar.denied_alone and not claim.denied.words:
        affirmed = {word for line in lines for word in line.own - line.denied.words}
        denied = {word for line in lines for word in line.denied.words}
        if frozenset(claim.words) & (denied - affirmed):
            return _POLARITY
    closest = max((len(claim.frame & line.own) for line in lines), default=0)
    top = [line for line in lines if len(claim.frame & line.own) == closest]
    agree = any(claim.denied.agrees(line.denied, frozenset(claim.words)) for line in top)
    return "" if agree or not closest else _POLARITY


def _outdone(claim: _Claim, lines: Sequence[_Line], grammar: Grammar) -> str:
    """The reason where another line speaks more closely of the same thing and gives another number or name, else "".

    'The notice is 30 days' is not supported by 'The trial is 30 days' beside 'The notice is 14 days', although all of
    its new words stand there.
    """
    new = claim.facts - claim.from_question
    stem = grammar.stem
    frame = claim.frame - set(map(stem, new))
    for fact in sorted(new):
        own = max((len(frame & line.words) for line in lines if stem(fact) in line.words), default=0)
        for line in lines:
            rivals = [w for w in line.facts if _is_number(w) == _is_number(fact) and stem(w) not in frame]
            if rivals and not line.facts & new and len(frame & line.words) > own:
                return f"a passage that speaks of this gives '{min(rivals)}' instead of '{fact}'"
    return ""


def _exchanged(claim: _Claim, lines: Sequence[_Line], grammar: Grammar) -> str:
    """The reason where each line closest to the claim has other words in the place of some of its own, else "".

    'The Ember has a yellow frame' is not supported by 'The Ember has a red frame. Its bell is yellow.'
    """
    own, vocabulary = frozenset(claim.words) - grammar.stop, frozenset().union(*(line.own for line in lines))
    if len(own) < _LEAST_PART:
        return ""
    shared = max((len(own & line.own) for line in lines), default=0)
    near = [line for line in lines if len(own & line.own) == shared]
    exchanges = [_exchange(claim, line, vocabulary, grammar) for line in near[:_NEAR]]
    closest = max((count for count, _ in exchanges), default=0)
    words = [word for count, word in exchanges if count == closest]
    if closest < len(claim.words) / 2 or None in words:
        return ""
    return f"'{words[0]}' stands where the line closest to it has another word"


def _exchange(claim: _Claim, line: _Line, vocabulary: frozenset[str], grammar: Grammar) -> tuple[int, str | None]:
    """How many words of the claim stand in the line in the same order, and the last one that stands in the place of
    another: news to the question and to this line, yet the passages' own. A name of the title may stand anywhere."""
    steps = SequenceMatcher(None, claim.words, line.order, autojunk=False).get_opcodes()
    titles = line.own.difference(line.order).intersection(map(grammar.stem, claim.facts))
    word: str | None = None
    for at, (kind, start, end, first, last) in enumerate(steps):
        new = claim.content.intersection(claim.words[start:end]) - titles
        short, beside = max(end - start, last - first) <= EXCHANGED, steps[max(0, at - 1) : at + 2]
        if kind != "replace" or not short or not new or not any(step[0] == "equal" for step in beside):
            continue
        if new <= vocabulary.difference(line.order) and not grammar.stop.issuperset(line.order[first:last]):
            word = next(claim.said[i] for i in range(start, end) if claim.words[i] in new)
    return sum(end - start for kind, start, end, _, _ in steps if kind == "equal"), word


def _is_number(word: str) -> bool:
    return any(character.isdigit() for character in word)


def _share(words: Sequence[str], size: int, window: _Window) -> float:
    grams = _grams(words, size)
    return sum(gram in window.grams for gram in grams) / len(grams) if grams else 1.0


@lru_cache(maxsize=4096)
def _read_claim(claim: str, question: str, grammar: Grammar) -> _Claim:
    words, named_facts, stop = grammar.stems(claim), facts(claim, grammar), grammar.stop
    content = frozenset(word for word in words if word not in stop)
    question_words = frozenset(grammar.stems(question)) | frozenset(grammar.words(question))
    # An answer that only says the question back adds nothing that could be given: 'Yes, it is 30 days' is the claim.
    from_question = question_words if content - question_words else frozenset()
    return _Claim(
        words=words,
        said=grammar.words(claim),
        content=content - from_question,
        facts=named_facts,
        numbers=frozenset(word for word in named_facts if _is_number(word)),
        denied=grammar.denied([claim], words),
        from_question=from_question,
        frame=frozenset(w for w in content | question_words if w not in stop and is_word(w)),
    )


@lru_cache(maxsize=4096)
def _read_passage(title: str, text: str, grammar: Grammar) -> _Text:
    texts = grammar.sentences(text)
    parts = [grammar.stems(part) for part in texts]
    windows = [
        _window(texts[i : i + size], [word for part in parts[i : i + size] for word in part], grammar)
        for size in range(1, WINDOW + 1)
        for i in range(max(1, len(parts) - size + 1))
    ]
    head, words = frozenset(grammar.stems(title)), frozenset(grammar.words(f"{title}\n{text}"))
    return _Text(grammar.with_ones(words), head, tuple(windows), tuple(_lines(texts, parts, head, grammar)))


def _lines(
    texts: Sequence[str], parts: Sequence[tuple[str, ...]], title: frozenset[str], grammar: Grammar
) -> Iterator[_Line]:
    """Each sentence with the words it borrows: the title's, and those of a line before it that holds no number.

    Such a line is a heading, a table's header or a question, and what follows is said about it.
    """
    borrowed: frozenset[str] = frozenset()
    for text, part in zip(texts, parts, strict=True):
        line_facts = facts(text, grammar)
        own = title | frozenset(part)
        yield _Line(part, own, own | borrowed, line_facts, grammar.denied([text], part))
        borrowed = frozenset() if any(map(_is_number, line_facts)) else frozenset(part)


def _window(texts: Sequence[str], words: Sequence[str], grammar: Grammar) -> _Window:
    grams = frozenset(_grams(words, 2) + _grams(words, 3))
    return _Window(grammar.with_ones(frozenset(words)), grams, grammar.denied(texts, words))


def _grams(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
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
    numbers = {word for word in words if _is_number(word)}
    return frozenset((name_words & set(words)) | numbers) - _incidental(claim)


def _incidental(claim: str) -> frozenset[str]:
    """Facts to leave out: the word 'one' is a pronoun more often than a number; the digit 1 is a number."""
    return frozenset({"1"}) if re.search(r"\bone\b", claim, re.IGNORECASE) and "1" not in claim else frozenset()


def _is_code(token: str) -> bool:
    return "_" in token or (len(token) > 1 and token.isupper())


def _parts(claim: str, grammar: Grammar) -> list[str]:
    """The sentence cut at its conjunctions; parts too small to claim anything stay with the part before them."""
    parts: list[str] = []
    for piece in grammar.conjunctions.split(claim):
        content = [word for word in grammar.stems(piece) if word not in grammar.stop]
        if parts and len(content) < _LEAST_PART:
            parts[-1] = f"{parts[-1]} {grammar.joint} {piece}"
        else:
            parts.append(piece)
    return parts
