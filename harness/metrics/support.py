"""The claim detector: does a passage support a claim? Deterministic, no model, well under a millisecond a claim.

A claim is one sentence of an answer. It is supported if one passage passes three tests:

1. facts: every number, name and code of the claim stands in that passage (or in its title, or in the question);
2. polarity: the sentence that carries the claim is not denied where the claim affirms, or the other way round;
3. wording: some stretch of `WINDOW` sentences of the passage covers the claim's words well enough.

A sentence that joins facts of two passages is also supported if each of its parts is. Where the threshold comes from,
what this reaches against human labels and what it cannot see: `docs/grounding.md`, `benchmarks/grounding.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from harness.metrics.language import FIRST_PERSON, NEGATIONS, STOP_STEMS, sentences, stem, stems
from harness.metrics.words import normal_words
from harness.stats import numbers
from harness.structured import without_marks
from harness.types import Passage

THRESHOLD = 0.7
WINDOW = 2  # sentences of a passage that may carry one claim together
SMOOTHING = 4  # words added to the claim's length, so that two missing small words do not sink a short sentence
PHRASES = 0.1  # weight of the word pairs, and again of the word triples, that stand in the window as they are
NEW_WORDS = 0.5  # share of the claim's content words, beyond the question's own, that must stand in the window
SPEAKER_PENALTY = 0.1  # for an opinion: the answer speaks of itself in the first person and the passage does not

_POLARITY = "it denies what the passage affirms, or affirms what the passage denies"
_NOT_ONLY = ("only",)  # "not only X" affirms X
_NEGATION_REACH = 4  # words after a negation that it can be about
_PART = re.compile(r"\s*(?:;|,?\s(?:and|but|while|whereas)\s)\s*", re.IGNORECASE)
_TOKEN = re.compile(r"[^\s.,;:!?()\[\]\"“”]+")
_LEAST_PART = 2  # content words of the smallest part of a sentence that can be a claim of its own


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
    content: frozenset[str]  # stems that carry meaning, beyond the question's
    facts: frozenset[str]  # numbers, names and codes, as normalised words
    numbers: frozenset[str]  # those of them that hold a digit
    denied: frozenset[str]  # stems within reach of a negation
    speaker: bool
    from_question: frozenset[str]  # stems and facts that the question itself holds
    frame: frozenset[str]  # what claim and question speak of: their content stems without the numbers


@dataclass(frozen=True, slots=True)
class _Window:
    words: frozenset[str]
    grams: frozenset[tuple[str, ...]]  # pairs and triples
    denied: frozenset[str]  # stems within reach of a negation


@dataclass(frozen=True, slots=True)
class _Line:
    own: frozenset[str]  # its stems and the title's
    words: frozenset[str]  # the same and those of its heading
    facts: frozenset[str]  # its numbers, names and codes
    denied: frozenset[str]  # its stems within reach of a negation


def supports(text: str, passages: Sequence[Passage], question: str = "", threshold: float = THRESHOLD) -> list[Support]:
    """The judgement of every claim of an answer; empty where it claims nothing (an empty text, questions alone)."""
    return [support(claim, passages, question, threshold) for claim in claims(text)]


def claims(text: str) -> list[str]:
    """The sentences of an answer that assert something, without citation marks; questions assert nothing."""
    parts = sentences(without_marks(text))
    return [part for part in parts if not part.endswith("?") and not STOP_STEMS.issuperset(stems(part))]


def support(claim: str, passages: Sequence[Passage], question: str = "", threshold: float = THRESHOLD) -> Support:
    """The judgement of one claim; if it fails as a whole, its parts are judged, each against its own best passage."""
    whole = _best(claim, passages, question, threshold)
    parts = _parts(claim)
    if whole.supported or len(parts) < 2 or len(passages) < 2:
        return whole
    judgements = [_best(part, passages, question, threshold) for part in parts]
    if not all(part.supported for part in judgements):
        return whole
    weakest = min(judgements, key=lambda part: part.score)
    return Support(claim, True, weakest.score, weakest.passage, "")


def _best(claim: str, passages: Sequence[Passage], question: str, threshold: float) -> Support:
    needs = _read_claim(claim, question)
    scores = [(*_against(needs, passage), index) for index, passage in enumerate(passages)]
    if not scores:
        return Support(claim, False, 0.0, None, "no passage was given")
    score, reason, index = max(scores, key=lambda item: (item[0], -item[2]))
    lines = [line for passage in passages for line in _read_passage(passage.title, passage.text)[3]]
    against = (_outdone(needs, lines) or _contradicted(needs, lines)) if score >= threshold else ""
    if against:
        return Support(claim, False, 0.0, index, against)
    if score >= threshold:
        return Support(claim, True, score, index, "")
    covered, least = numbers.against(score, threshold, "", ">=")
    return Support(claim, False, score, index, reason or f"its wording is covered to {covered}, below {least}")


def _against(claim: _Claim, passage: Passage) -> tuple[float, str]:
    """The score of a claim against one passage and, where a test failed outright, why."""
    words, title, windows, _ = _read_passage(passage.title, passage.text)
    missing = sorted(claim.facts - words - claim.from_question)
    if missing:
        return 0.0, f"'{missing[0]}' does not stand in the passage"
    return max((_cover(claim, window, title) for window in windows), default=(0.0, "the passage is empty"))


def _cover(claim: _Claim, window: _Window, title: frozenset[str]) -> tuple[float, str]:
    stray = sorted(claim.numbers - window.words - title - claim.from_question)
    if stray:
        return 0.0, f"'{stray[0]}' does not stand where the passage speaks of this"
    vocabulary = window.words | title | claim.from_question
    fresh = len(claim.content & (window.words | title)) / len(claim.content) if claim.content else 1.0
    if fresh < NEW_WORDS:
        return 0.0, "most of what it adds to the question does not stand together in the passage"
    if bool(claim.denied) != bool(window.denied.intersection(claim.words)):
        return 0.0, _POLARITY
    missing = sum(word not in vocabulary for word in claim.words)
    words = 1 - missing / (len(claim.words) + SMOOTHING)
    pairs, triples = _share(claim.words, 2, window), _share(claim.words, 3, window)
    score = (1 - 2 * PHRASES) * words + PHRASES * (pairs + triples)
    speaks = claim.speaker and not FIRST_PERSON & window.words
    return max(0.0, score - SPEAKER_PENALTY * speaks), ""


def _contradicted(claim: _Claim, lines: Sequence[_Line]) -> str:
    """The reason where every line that speaks most closely of the claim's matter is of the other polarity, else ""."""
    closest = max((len(claim.frame & line.own) for line in lines), default=0)
    top = [line for line in lines if len(claim.frame & line.own) == closest]
    agree = any(bool(line.denied.intersection(claim.words)) == bool(claim.denied) for line in top)
    return "" if agree or not closest else _POLARITY


def _outdone(claim: _Claim, lines: Sequence[_Line]) -> str:
    """The reason where another line speaks more closely of the same thing and gives another number or name, else "".

    'The notice is 30 days' is not supported by 'The trial is 30 days' beside 'The notice is 14 days', although all of
    its new words stand there.
    """
    new = claim.facts - claim.from_question
    frame = claim.frame - set(map(stem, new))
    for fact in sorted(new):
        own = max((len(frame & line.words) for line in lines if stem(fact) in line.words), default=0)
        for line in lines:
            rivals = [w for w in line.facts if _is_number(w) == _is_number(fact) and stem(w) not in frame]
            if rivals and not line.facts & new and len(frame & line.words) > own:
                return f"a passage that speaks of this gives '{min(rivals)}' instead of '{fact}'"
    return ""


def _is_number(word: str) -> bool:
    return any(character.isdigit() for character in word)


def _share(words: Sequence[str], size: int, window: _Window) -> float:
    grams = _grams(words, size)
    return sum(gram in window.grams for gram in grams) / len(grams) if grams else 1.0


@lru_cache(maxsize=4096)
def _read_claim(claim: str, question: str) -> _Claim:
    words, named_facts = stems(claim), facts(claim)
    content = frozenset(word for word in words if word not in STOP_STEMS)
    question_words = frozenset(stems(question)) | frozenset(normal_words(question))
    # An answer that only says the question back adds nothing that could be given: 'Yes, it is 30 days' is the claim.
    from_question = question_words if content - question_words else frozenset()
    return _Claim(
        words=words,
        content=content - from_question,
        facts=named_facts,
        numbers=frozenset(word for word in named_facts if _is_number(word)),
        denied=_denied(words),
        speaker=bool(FIRST_PERSON.intersection(words)),
        from_question=from_question,
        frame=frozenset(w for w in content | question_words if w not in STOP_STEMS and w.isalpha()),
    )


@lru_cache(maxsize=4096)
def _read_passage(
    title: str, text: str
) -> tuple[frozenset[str], frozenset[str], tuple[_Window, ...], tuple[_Line, ...]]:
    """All words (for facts), the title's stems, the windows of neighbouring sentences, and the single sentences."""
    texts = sentences(text)
    parts = [stems(part) for part in texts]
    windows = [
        _window([word for part in parts[i : i + size] for word in part])
        for size in range(1, WINDOW + 1)
        for i in range(max(1, len(parts) - size + 1))
    ]
    head = frozenset(stems(title))
    return frozenset(normal_words(f"{title}\n{text}")), head, tuple(windows), tuple(_lines(texts, parts, head))


def _lines(texts: Sequence[str], parts: Sequence[tuple[str, ...]], title: frozenset[str]) -> Iterator[_Line]:
    """Each sentence with the words it borrows: the title's, and those of a line before it that holds no number.

    Such a line is a heading, a table's header or a question, and what follows is said about it.
    """
    borrowed: frozenset[str] = frozenset()
    for text, part in zip(texts, parts, strict=True):
        line_facts = facts(text)
        own = title | frozenset(part)
        yield _Line(own, own | borrowed, line_facts, _denied(part))
        borrowed = frozenset() if any(map(_is_number, line_facts)) else frozenset(part)


def _window(words: Sequence[str]) -> _Window:
    return _Window(frozenset(words), frozenset(_grams(words, 2) + _grams(words, 3)), _denied(words))


def _denied(words: Sequence[str]) -> frozenset[str]:
    return frozenset(
        word
        for i, negation in enumerate(words)
        if negation in NEGATIONS and tuple(words[i + 1 : i + 2]) != _NOT_ONLY
        for word in words[i + 1 : i + 1 + _NEGATION_REACH]
        if word not in STOP_STEMS
    )


def _grams(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + size]) for i in range(len(words) - size + 1)]


def facts(claim: str) -> frozenset[str]:
    """Numbers, names and codes as normalised words: what no other wording may replace.

    A capital opens every sentence, so the first word is a name only where all words have capitals ('Ada Keller').
    """
    tokens = _TOKEN.findall(claim)
    titled = all(token[0].isupper() or not token[0].isalpha() for token in tokens)
    names = [t for i, t in enumerate(tokens) if _is_code(t) or (_is_name(t) and (i > 0 or titled))]
    name_words = {word for token in names for word in normal_words(token) if not word.isdigit()}
    words = normal_words(claim)  # of the whole claim: 'June' in 'June 7' is part of a date there, and no name
    numbers = {word for word in words if _is_number(word)}
    return frozenset((name_words & set(words)) | numbers) - _incidental(claim)


def _incidental(claim: str) -> frozenset[str]:
    """Facts to leave out: the word 'one' is a pronoun more often than a number; the digit 1 is a number."""
    return frozenset({"1"}) if re.search(r"\bone\b", claim, re.IGNORECASE) and "1" not in claim else frozenset()


def _is_code(token: str) -> bool:
    return "_" in token or (len(token) > 1 and token.isupper())


def _is_name(token: str) -> bool:
    return token[0].isupper() and not STOP_STEMS.issuperset(stems(token))


def _parts(claim: str) -> list[str]:
    """The sentence cut at its conjunctions; parts too small to claim anything stay with the part before them."""
    parts: list[str] = []
    for piece in _PART.split(claim):
        content = [word for word in stems(piece) if word not in STOP_STEMS]
        if parts and len(content) < _LEAST_PART:
            parts[-1] = f"{parts[-1]} and {piece}"
        else:
            parts.append(piece)
    return parts
