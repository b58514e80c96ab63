"""Training rows: the mixture of text kinds, tokenised with a loss weight per token, and batches of similar length.

A `Row` has token ids, one weight per token (0.15 context, 2 answers, 4 the value in them, 0 where nothing can be
learned), and the number of passages it holds when it is a reading row (0 otherwise), which the curriculum reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

from recipes.pocket import building, conversations, facts, instructions, pages
from recipes.pocket.conversations import Message

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

CONTEXT_WEIGHT, ANSWER_WEIGHT, VALUE_WEIGHT = 0.15, 2.0, 4.0
# what stands before a sentence: the end of another, a passage's id, or a new line with its mark
SENTENCE = re.compile(rf"[.!?] (?=[A-Z])|(?:^|(?<=\n))\[S\d+\] |\n(?:{pages.MARK.pattern})?")
COPY_MARK = -1  # `passages` of a copy row
POOL = 200  # rows drawn before they are sorted by length


@dataclass(frozen=True)
class Mixture:
    """Shares of row kinds; reading rows take the rest."""

    copy: float
    formed: bool  # copying works: copy rows use the whole vocabulary
    general: float = 0.12
    closed: float = 0.025
    forked: float = 0.75  # of the reading rows: every question right after the passages
    single: float = 0.15  # of the others: one question
    unstated: float = 0.16  # questions of the reading rows that no passage answers
    long: float = 0.0  # rows of 1,000 to 2,000 tokens


@dataclass(frozen=True)
class Span:
    """Positions `queries` (first, end) of a row that should attend to somewhere in `keys` (first, end)."""

    queries: tuple[int, int]
    keys: tuple[int, int]


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
        ids: list[int] = []
        weights: list[float] = []
        pointers: list[Span] = []
        headers: list[Span] = []
        copies: list[tuple[int, int]] = []
        shown: list[tuple[int, int]] = []  # characters of the last message with passages, by token
        first = 0  # position of that message's first token
        mentions: list[Span] = []
        words: list[Span] = []
        question: tuple[int, int] | None = None  # tokens of the last question
        abouts: list[Span] = []
        named: tuple[int, int] | None = None  # tokens of the name in the last question
        said = ""  # that message
        begun: list[int] = []  # characters where sentences begin in it
        ordered, orders = "", list[tuple[int, int]]()  # the system message, and its characters by token
        blocks: list[int] = []
        for message in messages:
            spoken = message["role"] == "assistant"
            text = f" {message['content']}" if spoken else message["content"]
            encoded = self.core.encode(text, add_special_tokens=False)
            if message["role"] == "system":
                ordered, orders = text, encoded.offsets
            weight = ANSWER_WEIGHT if spoken else context
            again = forked and bool(shown) and not spoken
            ids += [*([] if again else [self.special[message["role"]]]), *encoded.ids, self.special["end"]]
            weights += [0.0, *[weight] * (len(ids) - len(weights) - 1)]
            begin = len(ids) - len(encoded.ids) - 1
            if text.startswith("[S1] "):
                shown, first, said = encoded.offsets, begin, text
                begun = [m.end() for m in SENTENCE.finditer(text[: text.rindex("\n\nQuestion: ")])]
                headers += _headers(text, shown, first)
                mentions += _mentions(message.get("mentions", ()), shown, first)
                if forked:
                    blocks = [0] * (begin + _tokens(shown, (text.rindex("\n\nQuestion: ") + 2, len(text)))[0])
            if message["role"] == "user":
                about = message.get("about")
                inside = _tokens(encoded.offsets, about) if about else None
                named = (begin + inside[0], begin + inside[1]) if inside else None
                inside = _tokens(encoded.offsets, (text.rfind("Question: ") + 1, len(text))) if shown else None
                question = (begin + inside[0], begin + inside[1]) if inside else None
            if spoken and question:
                words.append(Span((begin - 1, len(ids) - 2), question))
            if spoken and named:
                abouts.append(Span((begin - 1, len(ids) - 2), named))
            if blocks:
                blocks += [max(blocks[-1] + again, 1)] * (len(ids) - len(blocks))
            if message.get("value"):
                self._stress(text, message["value"], weights, begin)
            if shown and spoken and message.get("value") == "":  # a refusal looks at the start, where nothing stands
                pointers.append(Span((begin - 1, len(ids) - 2), (0, 1)))
                weights[begin : begin + 2] = [VALUE_WEIGHT] * 2  # whether to refuse is decided here
                if (at := ordered.find(message["content"])) >= 0:
                    told = _tokens(orders, (at, at + len(message["content"])))
                    copies += _repeats(ids, weights, (begin, len(ids) - 1), (1 + told[0], 1 + told[1]))
            if message.get("evidence"):
                keys = _tokens(shown, message["evidence"])
                begun.append(message["evidence"][0])
                pointers.append(Span((begin - 1, len(ids) - 2), (first + keys[0], first + keys[1])))
                copies += _repeats(ids, weights, (begin, len(ids) - 1), pointers[-1].keys)
            if spoken and text.startswith(" {"):  # keys and fixed words of an object stand in the system message
                known = {left for left, _ in copies}
                named_there = _repeats(ids, weights, (begin, len(ids) - 1), (1, 1 + len(orders)))
                copies += [pair for pair in named_there if pair[0] not in known]
        starts = _starts(said, sorted(set(begun)), shown, first)
        bags = [Span((s.queries[1] - 3, s.queries[1]), (s.queries[0], s.queries[1] - 3)) for s in starts if _long(s)]
        return Row(
            ids=tuple(ids), weights=tuple(weights), passages=passages, pointers=tuple(pointers),
            headers=tuple(headers), mentions=tuple(mentions), abouts=tuple(abouts), words=tuple(words),
            bags=tuple(bags), starts=starts, blocks=tuple(blocks), copies=tuple(copies),
        )  # fmt: skip

    def _stress(self, text: str, value: str, weights: list[float], start: int) -> None:
        """Raises the weights of the tokens that spell the value: the rest of an answer is copied form."""
        begin = text.find(value)
        if begin < 0:
            return
        for i, (left, right) in enumerate(self.core.encode(text, add_special_tokens=False).offsets):
            if left < begin + len(value) and right > begin:
                weights[start + i] = VALUE_WEIGHT

    def raw(self, parts: list[tuple[str, float]]) -> Row:
        """Plain text in parts, each with its weight; ends with the end token."""
        ids: list[int] = []
        weights: list[float] = []
        for text, weight in parts:
            tokens = self.text(text)
            ids += tokens
            weights += [weight] * len(tokens)
        return Row((*ids, self.special["end"]), (*weights, 0.2), 0)


def _tokens(offsets: list[tuple[int, int]], characters: tuple[int, int]) -> tuple[int, int]:
    """The tokens (first, end) that overlap a range of characters."""
    touched = [i for i, (left, right) in enumerate(offsets) if left < characters[1] and right > characters[0]]
    return touched[0], touched[-1] + 1


def _repeats(
    ids: list[int], weights: list[float], answer: tuple[int, int], source: tuple[int, int]
) -> list[tuple[int, int]]:
    """(position before a token of the answer, position of the same token in the source), for runs of two tokens or
    more and for the value's own."""
    blocks = SequenceMatcher(None, ids[slice(*answer)], ids[slice(*source)], autojunk=False).get_matching_blocks()
    return [
        (answer[0] + block.a + i - 1, source[0] + block.b + i)
        for block in blocks
        for i in range(block.size)
        if block.size > 1 or weights[answer[0] + block.a] == VALUE_WEIGHT
    ]


def _headers(text: str, offsets: list[tuple[int, int]], first: int) -> list[Span]:
    """For every passage of a message: its tokens after the id, and the id's number."""
    starts = [m.start() for m in re.finditer(r"(?:^|(?<=\n\n))\[S\d+\] ", text)]
    spans = []
    for left, right in zip(starts, [*starts[1:], text.rindex("\n\nQuestion: ")], strict=True):
        number = _tokens(offsets, (left + 2, text.index("]", left)))
        body = _tokens(offsets, (text.index("]", left) + 1, right))
        spans.append(Span((first + body[0], first + body[1]), (first + number[0], first + number[1])))
    return spans


def _long(sentence: Span) -> bool:
    return sentence.queries[1] - sentence.queries[0] >= 6


def _mentions(
    found: Sequence[tuple[tuple[int, int], tuple[int, int]]], offsets: list[tuple[int, int]], first: int
) -> list[Span]:
    """From the tokens of a sentence, as soon as the name was read, to that name."""
    spans = []
    for said, name in found:
        (left, right), keys = _tokens(offsets, said), _tokens(offsets, name)
        left = max(left, keys[1] - 1)
        if left < right:
            spans.append(Span((first + left, first + right), (first + keys[0], first + keys[1])))
    return spans


def _starts(text: str, begun: list[int], offsets: list[tuple[int, int]], first: int) -> tuple[Span, ...]:
    """For every sentence of a message: its tokens, and its first token."""
    if not begun:
        return ()
    ends = [*begun, text.rindex("\n\nQuestion: ")]
    places = sorted({first + _tokens(offsets, (at, at + 1))[0] for at in ends})
    return tuple(Span((left, right), (left, left + 1)) for left, right in pairwise(places))


def copy_row(rng: Random, vocabulary: int, formed: bool) -> Row:
    """Random tokens, over and over: what induction is learned from.

    Until copying has formed, all rows use the same 48 tokens: with more, each is seen too rarely for anything to form.
    """
    subset = [rng.randrange(5, vocabulary) for _ in range(48)] if formed else list(range(300, vocabulary, 25))[:48]
    block = [rng.choice(subset) for _ in range(rng.randint(8, 40))]
    times = max(3, 110 // len(block))
    size, whole = len(block), len(block) * times
    copies = tuple((i, i + 1 - size) for i in range(size - 1, whole - 1))
    return Row(tuple(block * times), (*[0.05] * size, *[1.0] * (whole - size)), COPY_MARK, copies=copies)


def general_row(rng: Random, encoder: Encoder) -> Row:
    """General facts: statements, questions in a chat, or multiple choice in chat and in lm-eval's layout."""
    table = facts.facts()
    kind = rng.random()
    if kind < 0.3:
        fact = rng.choice(table)
        halves = [form.removesuffix(" {b}") for form in fact.relation.statements if form.endswith(" {b}")]
        asked = fact.fill(rng.choice((*fact.relation.questions, *halves)))
        return encoder.raw([(f"Question: {asked}\nAnswer:", 0.3), (f" {fact.b}", 1.5 * ANSWER_WEIGHT)])
    if kind < 0.5:
        said = " ".join(fact.fill(rng.choice(fact.relation.statements)) + "." for fact in rng.sample(table, 6))
        return encoder.raw([(said, 1.0)])
    if kind < 0.75:
        return encoder.chat(_general_chat(rng, table), 0)
    if kind < 0.87:
        messages = [] if rng.random() < 0.4 else [{"role": "system", "content": instructions.value(rng).system}]
        for fact in rng.sample(table, rng.randint(1, 4)):
            block, letter = _choice(rng, fact)
            messages += [{"role": "user", "content": f"Question: {block}"}, {"role": "assistant", "content": letter}]
        return encoder.chat(messages, 0)
    return _raw_choice(rng, encoder, table)


def _general_chat(rng: Random, table: list[facts.GeneralFact]) -> list[Message]:
    short = rng.random() < 0.6
    system = rng.choice(instructions.wordings("value")) if short else rng.choice(instructions.wordings("sentence"))
    messages = (
        [{"role": "system", "content": rng.choice((system, "You are a helpful assistant. " + system))}]
        if short or rng.random() < 0.4
        else []
    )
    for fact in rng.sample(table, rng.randint(2, 7)):
        reply = fact.b if short else fact.fill(fact.relation.statements[0]) + "."
        messages += [
            {"role": "user", "content": "Question: " + fact.fill(rng.choice(fact.relation.questions))},
            {"role": "assistant", "content": reply},
        ]
    return messages


def _choice(rng: Random, fact: facts.GeneralFact) -> tuple[str, str]:
    choices, right = facts.options(rng, fact)
    return facts.multiple_choice(fact.fill(rng.choice(fact.relation.questions)), choices), facts.LETTERS[right]


def _raw_choice(rng: Random, encoder: Encoder, table: list[facts.GeneralFact]) -> Row:
    relation = rng.choice(facts.relations())
    same = [f for f in table if f.relation.subject == relation.subject] if rng.random() < 0.6 else table
    parts: list[tuple[str, float]] = []
    if rng.random() < 0.5:
        parts.append((f"The following are multiple choice questions (with answers) about {relation.subject}.\n\n", 0.1))
    for fact in rng.sample(same, min(len(same), rng.choice((1, 2, 3, 4, 6)))):
        block, letter = _choice(rng, fact)
        parts += [(block, 0.3), (f" {letter}", ANSWER_WEIGHT * 1.5), ("\n\n", 0.1)]
    return encoder.raw(parts[:-1])


def long_row(rng: Random, encoder: Encoder) -> Row:
    """Worked examples under one instruction, up to nearly 2,048 tokens."""
    instruction = instructions.draw(rng)
    messages = conversations.system_turn(instruction)
    goal, row = rng.choice((900, 1400, 2000)), None
    while True:
        count = rng.randint(2, 6)
        world, asked = conversations.asks(rng, building.build_world(rng, count), rng.randint(1, 3))
        messages = [*messages, *conversations.turns(world, asked, instruction)]
        grown = encoder.chat(messages, 0)
        if len(grown.ids) > 2040:
            return row or Row(grown.ids[:2040], grown.weights[:2040], 0)
        row = grown
        if len(row.ids) > goal:
            return row


def draw(rng: Random, encoder: Encoder, mixture: Mixture, level: int, vocabulary: int) -> Row:
    """One row of the mixture at a curriculum level (the largest number of passages)."""
    shares = {"copy": mixture.copy, "general": mixture.general, "closed": mixture.closed, "long": mixture.long}
    kind = rng.choices([*shares, "reading"], [*shares.values(), 1 - sum(shares.values())])[0]
    if kind == "copy":
        return copy_row(rng, vocabulary, mixture.formed)
    if kind == "general":
        return general_row(rng, encoder)
    if kind == "closed":
        return encoder.chat(conversations.closed_book(rng), 0)
    if kind == "long":
        return long_row(rng, encoder)
    count = level if rng.random() < 0.45 else rng.randint(1, level)
    if rng.random() < mixture.forked:
        row = encoder.chat(conversations.forked(rng, count, rng.randint(8, 20), mixture.unstated), count, forked=True)
    else:
        questions = 1 if rng.random() < mixture.single else rng.randint(4, 9)
        row = encoder.chat(conversations.conversation(rng, count, questions, mixture.unstated), count)
    return row if len(row.ids) <= 2040 else draw(rng, encoder, mixture, level, vocabulary)


def batches(rng: Random, encoder: Encoder, mixture: Mixture, level: int, tokens: int) -> Iterator[list[Row]]:
    """Batches of at most `tokens` padded tokens from one pool of rows: similar lengths together, in random order."""
    vocabulary = encoder.core.get_vocab_size()
    pool = sorted((draw(rng, encoder, mixture, level, vocabulary) for _ in range(POOL)), key=lambda row: len(row.ids))
    found: list[list[Row]] = [[]]
    for row in pool:
        if (len(found[-1]) + 1) * len(row.ids) > tokens:
            found.append([])
        found[-1].append(row)
    rng.shuffle(found)
    yield from found
