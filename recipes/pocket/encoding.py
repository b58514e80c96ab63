"""Conversations and plain text as training rows: token ids, a loss weight each, and where answers should look.

A row's weights: 0.15 context, 2 answers, 4 the value in them, 0 where nothing can be learned. Its spans are what the
attention losses point to (`recipes/pocket/lean.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

from recipes.pocket import pages
from recipes.pocket.conversations import Message

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

CONTEXT_WEIGHT, ANSWER_WEIGHT, VALUE_WEIGHT = 0.15, 2.0, 4.0
# what stands before a sentence: the end of another, a passage's id, or a new line with its mark
SENTENCE = re.compile(rf"[.!?] (?=[A-Z])|(?:^|(?<=\n))\[S\d+\] |\n(?:{pages.MARK.pattern})?")

Range = tuple[int, int]  # first and end, of tokens or of characters


@dataclass(frozen=True)
class Span:
    """Positions `queries` (first, end) of a row that should attend to somewhere in `keys` (first, end)."""

    queries: Range
    keys: Range


@dataclass(frozen=True)
class Row:
    """Token ids with weights; `passages` is 0 for rows that are not reading rows, COPY_MARK for copy rows."""

    ids: tuple[int, ...]
    weights: tuple[float, ...]
    passages: int
    pointers: tuple[Span, ...] = ()  # from an answer's tokens to the sentence they are taken from
    headers: tuple[Span, ...] = ()  # from a passage's tokens to the number in its id
    mentions: tuple[Span, ...] = ()  # from a fact's tokens to the name of what it is about
    abouts: tuple[Span, ...] = ()  # from an answer's tokens to the name in its question
    words: tuple[Span, ...] = ()  # from an answer's tokens to the question's
    bags: tuple[Span, ...] = ()  # from a sentence's last tokens to its others
    starts: tuple[Span, ...] = ()  # from a passage's tokens to the first token of their sentence
    blocks: tuple[int, ...] = ()  # by token: 0 for what all questions share, else the question's number; empty: all 0
    copies: tuple[tuple[int, int], ...] = ()  # from before an answer's token to the passage's token it repeats


class Encoder:
    """Messages or raw text to ids with weights, by the chat template's own layout."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast) -> None:
        self.core = tokenizer.backend_tokenizer
        self.special = {name: self.core.token_to_id(f"<|{name}|>") for name in ("system", "user", "assistant", "end")}

    def text(self, text: str) -> list[int]:
        """Token ids of plain text."""
        ids: list[int] = self.core.encode(text, add_special_tokens=False).ids
        return ids

    def chat(
        self, messages: list[Message], passages: int, context: float = CONTEXT_WEIGHT, forked: bool = False
    ) -> Row:
        """A conversation; only the assistant's tokens and their end carry the answer weight. `forked`: every question
        follows the passages as if it were the only one."""
        draft = _Draft(self.special, context, forked)
        for message in messages:
            text = f" {message['content']}" if message["role"] == "assistant" else message["content"]
            encoded = self.core.encode(text, add_special_tokens=False)
            draft.add(message, text, encoded.ids, encoded.offsets)
        return draft.row(passages)

    def raw(self, parts: list[tuple[str, float]]) -> Row:
        """Plain text in parts, each with its weight; ends with the end token."""
        ids: list[int] = []
        weights: list[float] = []
        for text, weight in parts:
            tokens = self.text(text)
            ids += tokens
            weights += [weight] * len(tokens)
        return Row((*ids, self.special["end"]), (*weights, 0.2), 0)


@dataclass(frozen=True)
class _Turn:
    """One message among the tokens of a row."""

    text: str
    offsets: Sequence[Range]  # its characters, by token
    first: int  # position of its first token

    def at(self, characters: Range) -> Range:
        """The positions in the row that overlap a range of its characters."""
        left, right = _tokens(self.offsets, characters)
        return self.first + left, self.first + right

    @property
    def question_from(self) -> int:
        """Where its passages end: the character before the question's blank line."""
        return self.text.rindex("\n\nQuestion: ")


@dataclass
class _Draft:
    """A conversation on its way to a row: the tokens so far, and what later turns point back to."""

    special: Mapping[str, int]
    context: float
    forked: bool
    ids: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    pointers: list[Span] = field(default_factory=list)
    headers: list[Span] = field(default_factory=list)
    mentions: list[Span] = field(default_factory=list)
    abouts: list[Span] = field(default_factory=list)
    words: list[Span] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    copies: list[tuple[int, int]] = field(default_factory=list)
    instruction: _Turn | None = None  # the system message
    pages: _Turn | None = None  # the last message with passages
    sentences: list[int] = field(default_factory=list)  # characters where sentences begin in it
    question: Range | None = None  # tokens of the last question
    name: Range | None = None  # tokens of the name in it

    def add(self, message: Message, text: str, ids: list[int], offsets: Sequence[Range]) -> None:
        """Append a message."""
        spoken = message["role"] == "assistant"
        again = self.forked and self.pages is not None and not spoken  # one more question after the same passages
        self.ids += [*([] if again else [self.special[message["role"]]]), *ids, self.special["end"]]
        weight = ANSWER_WEIGHT if spoken else self.context
        self.weights += [0.0, *[weight] * (len(self.ids) - len(self.weights) - 1)]
        turn = _Turn(text, offsets, len(self.ids) - len(ids) - 1)
        if message["role"] == "system":
            self.instruction = turn
        if text.startswith("[S1] "):
            self._pages(turn, message)
        if message["role"] == "user":
            self._question(turn, message)
        if spoken:
            self._answer_words(turn)
        if self.blocks:
            self.blocks += [max(self.blocks[-1] + again, 1)] * (len(self.ids) - len(self.blocks))
        if message.get("value"):
            self._stress(turn, message["value"])
        if spoken and self.pages is not None and message.get("value") == "":
            self._refusal(turn, message["content"])
        if message.get("evidence"):
            self._evidence(turn, message["evidence"])
        if spoken and text.startswith(" {"):
            self._object(turn)

    def row(self, passages: int) -> Row:
        """The finished row."""
        starts = _starts(self.pages, sorted(set(self.sentences))) if self.pages else ()
        bags = [Span((s.queries[1] - 3, s.queries[1]), (s.queries[0], s.queries[1] - 3)) for s in starts if _long(s)]
        return Row(
            ids=tuple(self.ids), weights=tuple(self.weights), passages=passages, pointers=tuple(self.pointers),
            headers=tuple(self.headers), mentions=tuple(self.mentions), abouts=tuple(self.abouts),
            words=tuple(self.words), bags=tuple(bags), starts=starts, blocks=tuple(self.blocks),
            copies=tuple(self.copies),
        )  # fmt: skip

    def _pages(self, turn: _Turn, message: Message) -> None:
        self.pages = turn
        self.sentences = [m.end() for m in SENTENCE.finditer(turn.text[: turn.question_from])]
        self.headers += _headers(turn)
        self.mentions += _mentions(turn, message.get("mentions", ()))
        if self.forked:
            self.blocks = [0] * turn.at((turn.question_from + 2, len(turn.text)))[0]

    def _question(self, turn: _Turn, message: Message) -> None:
        about = message.get("about")
        self.name = turn.at(about) if about else None
        self.question = turn.at((turn.text.rfind("Question: ") + 1, len(turn.text))) if self.pages else None

    def _answer_words(self, turn: _Turn) -> None:
        if self.question:
            self.words.append(Span(self._predicting(turn), self.question))
        if self.name:
            self.abouts.append(Span(self._predicting(turn), self.name))

    def _stress(self, turn: _Turn, value: str) -> None:
        """Raises the weights of the tokens that spell the value: the rest of an answer is copied form."""
        begin = turn.text.find(value)
        if begin < 0:
            return
        for i, (left, right) in enumerate(turn.offsets):
            if left < begin + len(value) and right > begin:
                self.weights[turn.first + i] = VALUE_WEIGHT

    def _refusal(self, turn: _Turn, content: str) -> None:
        """A refusal looks at the start, where nothing stands, and its first tokens decide whether to refuse."""
        self.pointers.append(Span(self._predicting(turn), (0, 1)))
        self.weights[turn.first : turn.first + 2] = [VALUE_WEIGHT] * 2
        if self.instruction and (at := self.instruction.text.find(content)) >= 0:
            self.copies += self._repeats(turn, self.instruction.at((at, at + len(content))))

    def _evidence(self, turn: _Turn, evidence: Range) -> None:
        assert self.pages is not None, "evidence is a sentence of the last passages"
        self.sentences.append(evidence[0])
        self.pointers.append(Span(self._predicting(turn), self.pages.at(evidence)))
        self.copies += self._repeats(turn, self.pointers[-1].keys)

    def _object(self, turn: _Turn) -> None:
        """Keys and fixed words of an object stand in the system message."""
        known = {left for left, _ in self.copies}
        length = len(self.instruction.offsets) if self.instruction else 0
        self.copies += [pair for pair in self._repeats(turn, (1, 1 + length)) if pair[0] not in known]

    def _predicting(self, turn: _Turn) -> Range:
        """The positions that predict an answer's tokens: each one before its token."""
        return turn.first - 1, len(self.ids) - 2

    def _repeats(self, turn: _Turn, source: Range) -> list[tuple[int, int]]:
        """(position before a token of the answer, position of the same token in the source), for runs of two tokens or
        more and for the value's own."""
        first = turn.first
        answer, there = self.ids[first : len(self.ids) - 1], self.ids[slice(*source)]
        blocks = SequenceMatcher(None, answer, there, autojunk=False).get_matching_blocks()
        return [
            (first + block.a + i - 1, source[0] + block.b + i)
            for block in blocks
            for i in range(block.size)
            if block.size > 1 or self.weights[first + block.a] == VALUE_WEIGHT
        ]


def _tokens(offsets: Sequence[Range], characters: Range) -> Range:
    """The tokens (first, end) that overlap a range of characters."""
    touched = [i for i, (left, right) in enumerate(offsets) if left < characters[1] and right > characters[0]]
    return touched[0], touched[-1] + 1


def _headers(pages_turn: _Turn) -> list[Span]:
    """For every passage of a message: its tokens after the id, and the id's number."""
    text = pages_turn.text
    starts = [m.start() for m in re.finditer(r"(?:^|(?<=\n\n))\[S\d+\] ", text)]
    spans = []
    for left, right in zip(starts, [*starts[1:], pages_turn.question_from], strict=True):
        close = text.index("]", left)
        spans.append(Span(pages_turn.at((close + 1, right)), pages_turn.at((left + 2, close))))
    return spans


def _long(sentence: Span) -> bool:
    return sentence.queries[1] - sentence.queries[0] >= 6


def _mentions(pages_turn: _Turn, mentions: Sequence[tuple[Range, Range]]) -> list[Span]:
    """From the tokens of a sentence, as soon as the name was read, to that name."""
    spans = []
    for sentence, name in mentions:
        (left, right), keys = pages_turn.at(sentence), pages_turn.at(name)
        left = max(left, keys[1] - 1)
        if left < right:
            spans.append(Span((left, right), keys))
    return spans


def _starts(pages_turn: _Turn, sentences: list[int]) -> tuple[Span, ...]:
    """For every sentence of a message: its tokens, and its first token."""
    if not sentences:
        return ()
    ends = [*sentences, pages_turn.question_from]
    places = sorted({pages_turn.at((at, at + 1))[0] for at in ends})
    return tuple(Span((left, right), (left, left + 1)) for left, right in pairwise(places))
