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

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from harness.metrics.grammar import ENGLISH, Grammar, grammar_for, is_question
from harness.metrics.wording import (
    ReadClaim,
    ReadLine,
    ReadPassage,
    ReadWindow,
    grams_of,
    is_number,
    read_claim,
    read_passage,
)
from harness.stats import numbers
from harness.structured import without_marks
from harness.types import Passage

THRESHOLD = 0.7
PHRASES = 0.1  # weight of the word pairs, and again of the word triples, that stand in the window as they are
EXCHANGED = 2  # neighbouring words of a line, at most, in whose place a claim may have others
NEW_WORDS = 0.5  # share of the claim's content words, beyond the question's own, that must stand in the window

_POLARITY = "it denies what the passage affirms, or affirms what the passage denies"
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
class _Asked:
    """The texts that a claim is judged against."""

    passages: Sequence[Passage]
    question: str
    threshold: float
    grammar: Grammar


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
    needs = read_claim(claim, material.question, grammar)
    texts = [read_passage(passage.title, passage.text, grammar) for passage in material.passages]
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


def _against(claim: ReadClaim, text: ReadPassage, grammar: Grammar) -> tuple[float, str]:
    """The score of a claim against one passage and, where a test failed outright, why."""
    missing = sorted(claim.facts - text.words - claim.from_question)
    if missing:
        return 0.0, f"'{missing[0]}' does not stand in the passage"
    scores = (_cover(claim, window, text.title, grammar) for window in text.windows)
    return max(scores, default=(0.0, "the passage is empty"))


def _cover(claim: ReadClaim, window: ReadWindow, title: frozenset[str], grammar: Grammar) -> tuple[float, str]:
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


def _contradicted(claim: ReadClaim, lines: Sequence[ReadLine], grammar: Grammar) -> str:
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


def _outdone(claim: ReadClaim, lines: Sequence[ReadLine], grammar: Grammar) -> str:
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
            rivals = [w for w in line.facts if is_number(w) == is_number(fact) and stem(w) not in frame]
            if rivals and not line.facts & new and len(frame & line.words) > own:
                return f"a passage that speaks of this gives '{min(rivals)}' instead of '{fact}'"
    return ""


def _exchanged(claim: ReadClaim, lines: Sequence[ReadLine], grammar: Grammar) -> str:
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


def _exchange(claim: ReadClaim, line: ReadLine, vocabulary: frozenset[str], grammar: Grammar) -> tuple[int, str | None]:
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


def _share(words: Sequence[str], size: int, window: ReadWindow) -> float:
    grams = grams_of(words, size)
    return sum(gram in window.grams for gram in grams) / len(grams) if grams else 1.0
