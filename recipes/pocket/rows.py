"""Training rows: the mixture of text kinds, and batches of similar length.

A row carries the number of passages it holds when it is a reading row (0 otherwise), which the curriculum reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from recipes.pocket import building, conversations, general, instructions
from recipes.pocket.conversations import Message
from recipes.pocket.encoding import ANSWER_WEIGHT, Encoder, Row

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
    table = general.facts()
    kind = rng.random()
    if kind < 0.3:
        fact = rng.choice(table)
        halves = [form.removesuffix(" {b}") for form in fact.relation.statements if form.endswith(" {b}")]
        question = fact.fill(rng.choice((*fact.relation.questions, *halves)))
        return encoder.raw([(f"Question: {question}\nAnswer:", 0.3), (f" {fact.b}", 1.5 * ANSWER_WEIGHT)])
    if kind < 0.5:
        text = " ".join(fact.fill(rng.choice(fact.relation.statements)) + "." for fact in rng.sample(table, 6))
        return encoder.raw([(text, 1.0)])
    if kind < 0.75:
        return encoder.chat(_general_chat(rng, table), 0)
    if kind < 0.87:
        messages = [] if rng.random() < 0.4 else [{"role": "system", "content": instructions.value(rng).system}]
        for fact in rng.sample(table, rng.randint(1, 4)):
            block, letter = _choice(rng, fact)
            messages += [{"role": "user", "content": f"Question: {block}"}, {"role": "assistant", "content": letter}]
        return encoder.chat(messages, 0)
    return _raw_choice(rng, encoder, table)


def _general_chat(rng: Random, table: list[general.GeneralFact]) -> list[Message]:
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


def _choice(rng: Random, fact: general.GeneralFact) -> tuple[str, str]:
    choices, right = general.options(rng, fact)
    return general.multiple_choice(fact.fill(rng.choice(fact.relation.questions)), choices), general.LETTERS[right]


def _raw_choice(rng: Random, encoder: Encoder, table: list[general.GeneralFact]) -> Row:
    relation = rng.choice(general.relations())
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
        world, questions = conversations.asks(rng, building.build_world(rng, count), rng.randint(1, 3))
        messages = [*messages, *conversations.turns(world, questions, instruction)]
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
    drawn: list[list[Row]] = [[]]
    for row in pool:
        if (len(drawn[-1]) + 1) * len(row.ids) > tokens:
            drawn.append([])
        drawn[-1].append(row)
    rng.shuffle(drawn)
    yield from drawn
