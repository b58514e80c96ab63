"""Topics: pages worded as people word them, and questions in other words than theirs.

`topic_pages/*.txt` holds blocks, one for each kind of page. A block in the file:

    == Boat hire / Boats on {lake:invented} lake
    + Rowing boats can be had at the {hut=hut/kiosk/jetty} for {fee:price} an hour.
    ? What does it cost to rent a rowing boat? | {fee}
    ? Where are the rowing boats? | at the {hut}
    ! How many people fit into a rowing boat?
    ~ Do I have to bring a boat of my own? | No

`==` titles (`=!` of a block kept out of training, for the evaluation), `+` a sentence or line, `?` a question and the
words of the sentence that answer it, `!` a question near the sentence that nothing on the page answers, `~` a question
with an answer that follows from the sentence in other words than its own: yes, no, a count, which of two. A slot is
declared once in a block, `{name:type}` (`values.DRAWS`, `invented`, `month`) or `{name=one/other}`, and used by its
name anywhere in it. No other sentence of a block answers a question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random

from recipes.pocket import values
from recipes.pocket.pages import Page
from recipes.pocket.worlds import capital

FOLDER = values.HERE / "topic_pages"
SLOT = re.compile(r"\{(\w+)(?:([:=])([^{}]+))?\}")
Draw = Callable[[Random], str]
DRAWS: dict[str, Draw] = {
    **values.DRAWS,
    "invented": values.invented,
    "month": lambda rng: rng.choice(values.MONTHS),
}


@dataclass(frozen=True)
class Line:
    """A sentence with slots, (question, answer) pairs, questions that it leaves open, and pairs that follow from it."""

    text: str
    asked: tuple[tuple[str, str], ...] = ()
    left_open: tuple[str, ...] = ()
    derived: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Topic:
    """A kind of page. `slots`: what each may be, as declared: (":", type) or ("=", choices by slashes)."""

    titles: tuple[str, ...]
    lines: tuple[Line, ...]
    slots: dict[str, tuple[str, str]]
    held_out: bool
    draws: Mapping[str, Draw]


@dataclass(frozen=True)
class Sheet:
    """A page of a topic: its sentences, slots filled, and questions about sentences that it leaves out."""

    page: Page
    told: tuple[Line, ...]
    left_open: tuple[str, ...]


@cache
def topics() -> tuple[Topic, ...]:
    """All blocks, in the order of the files' names."""
    return tuple(topic for path in sorted(FOLDER.glob("*.txt")) for topic in read(path))


def read(path: Path, draws: Mapping[str, Draw] = DRAWS) -> list[Topic]:
    """The blocks of one file, its slots of the types `draws`. Raises ValueError with the line's number where the
    format is not kept."""
    blocks: list[tuple[str, list[str], list[Line]]] = []
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        mark, _, text = raw.strip().partition(" ")
        if not mark or mark.startswith("#"):
            continue
        lines = blocks[-1][2] if blocks else []
        if mark in ("==", "=!"):
            blocks.append((mark, text.split(" / "), []))
        elif mark == "+" and blocks:
            lines.append(Line(text))
        elif mark == "?" and lines and text.count(" | ") == 1:
            question, answer = text.split(" | ")
            lines[-1] = replace(lines[-1], asked=(*lines[-1].asked, (question, answer)))
        elif mark == "!" and lines:
            lines[-1] = replace(lines[-1], left_open=(*lines[-1].left_open, text))
        elif mark == "~" and lines and text.count(" | ") == 1:
            question, answer = text.split(" | ")
            lines[-1] = replace(lines[-1], derived=(*lines[-1].derived, (question, answer)))
        else:
            place = f"{path.name}, line {number}: {raw}"
            raise ValueError(f"{place}: expected == titles, + sentence, ? or ~ question | answer, or ! question")
    return [_topic(path.name, titles, lines, mark == "=!", draws) for mark, titles, lines in blocks]


def _topic(where: str, titles: list[str], lines: list[Line], held_out: bool, types: Mapping[str, Draw]) -> Topic:
    """The topic with its slots declared. Raises ValueError where slots or answers do not fit their sentences."""
    where = f"{where}, {titles[0]}"
    texts = [*titles, *(text for line in lines for text in _texts(line))]
    slots: dict[str, tuple[str, str]] = {}
    for name, sort, value in (slot.groups() for text in texts for slot in SLOT.finditer(text)):
        if sort == ":" and value not in types:
            raise ValueError(f"{where}: no type {value}; known: {', '.join(sorted(types))}")
        if sort and slots.setdefault(name, (sort, value)) != (sort, value):
            raise ValueError(f"{where}: slot {name} is declared twice")
    if missing := {slot.group(1) for text in texts for slot in SLOT.finditer(text)} - set(slots):
        raise ValueError(f"{where}: slots never declared: {', '.join(sorted(missing))}")
    bare = tuple(
        Line(
            _bare(line.text),
            tuple((_bare(question), _bare(answer)) for question, answer in line.asked),
            tuple(map(_bare, line.left_open)),
            tuple((_bare(question), _bare(answer)) for question, answer in line.derived),
        )
        for line in lines
    )
    for line in bare:
        for question, answer in line.asked:
            if answer.lower() not in line.text.lower():
                raise ValueError(f"{where}: the answer {answer!r} to {question!r} is not in {line.text!r}")
    return Topic(tuple(map(_bare, titles)), bare, slots, held_out, types)


def _texts(line: Line) -> list[str]:
    return [line.text, *(part for pair in (*line.asked, *line.derived) for part in pair), *line.left_open]


def _bare(text: str) -> str:
    """The text with slots by their names alone."""
    return SLOT.sub(r"{\1}", text)


def drawn_values(rng: Random, topic: Topic) -> dict[str, str]:
    """A value for every slot; no two alike."""
    drawn: dict[str, str] = {}
    for name, (sort, value) in topic.slots.items():
        for _ in range(20):
            drawn[name] = rng.choice(value.split("/")) if sort == "=" else topic.draws[value](rng)
            if list(drawn.values()).count(drawn[name]) == 1:
                break
    return drawn


def filled(text: str, drawn: dict[str, str]) -> str:
    filled = SLOT.sub(lambda m: drawn[m.group(1)], text)
    return capital(re.sub(r"\b([Aa]) (?=[aeio]\w)", r"\1n ", filled))


@cache
def taught() -> tuple[Topic, ...]:
    """The topics of the training text."""
    return tuple(topic for topic in topics() if not topic.held_out)


@cache
def held_out() -> tuple[Topic, ...]:
    """Topics for the evaluation alone."""
    return tuple(topic for topic in topics() if topic.held_out)


def build(rng: Random, count: int, known: Sequence[Topic] = (), cut: int = 1) -> list[Sheet]:
    """`count` sheets of different topics (training's unless others are given), of two to seven sentences each; the
    first topic may be cut into `cut` of them, as a retriever returns pieces of one page."""
    first, *others = rng.sample(known or taught(), count - cut + 1)
    sheets = _pieces(rng, first, cut) if cut > 1 else [_sheet(rng, first)]
    return [*sheets, *(_sheet(rng, topic) for topic in others)]


def _sheet(rng: Random, topic: Topic) -> Sheet:
    drawn = drawn_values(rng, topic)
    told, left = told_lines(rng, topic, drawn, rng.randint(2, 7))
    title = filled(rng.choice(topic.titles), drawn)
    return Sheet(Page(title, laid_out(rng.random(), [t.text for t in told]), ()), told, left)


def told_lines(rng: Random, topic: Topic, drawn: dict[str, str], size: int) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """At most `size` lines of the topic, slots filled, and the questions about those left out."""
    chosen = sorted(rng.sample(range(len(topic.lines)), min(len(topic.lines), size)))
    if rng.random() < 0.25:
        rng.shuffle(chosen)
    told, left = [], []
    for index, line in enumerate(topic.lines):
        if index not in chosen:
            left += [filled(question, drawn) for question, _ in line.asked]
    for index in chosen:
        line = topic.lines[index]
        text = filled(line.text, drawn)
        asked = tuple((filled(q, drawn), as_spelt(text, filled(a, drawn))) for q, a in line.asked)
        told.append(Line(text, asked, tuple(filled(o, drawn) for o in line.left_open)))
    return tuple(told), tuple(left)


def _pieces(rng: Random, topic: Topic, count: int) -> list[Sheet]:
    """One topic's page in `count` pieces under one title; one of them may be the page's older version, with other
    values, of which nothing is asked."""
    drawn = drawn_values(rng, topic)
    older = rng.random() < 0.25
    parts = count - older
    told, left = told_lines(rng, topic, drawn, rng.randint(2 * parts, 4 * parts))
    ends = [0, *sorted(rng.sample(range(1, len(told)), parts - 1)), len(told)]
    title, form, repeated = rng.choice(topic.titles), rng.random(), rng.random() < 0.3
    old, new = sorted((values.iso_date(rng), values.iso_date(rng)))
    dated = older or rng.random() < 0.5
    sheets = []
    for start, end in pairwise(ends):
        text = laid_out(form, [line.text for line in told[start:end]])
        if start and repeated:  # pieces overlap by some words
            text = " ".join(told[start - 1].text.split()[-rng.randint(2, 6) :]) + " " + text
        page = Page(filled(title, drawn), f"Updated: {new}\n{text}" if dated else text, ())
        sheets.append(Sheet(page, told[start:end], left if start == 0 else ()))
    if older and old != new:
        other = drawn_values(rng, topic)
        lines = [line for line in topic.lines if filled(line.text, drawn) in {t.text for t in told}]
        kept = [filled(line.text, other) for line in rng.sample(lines, min(len(lines), rng.randint(1, 4)))]
        sheets.append(Sheet(Page(filled(title, other), f"Updated: {old}\n{laid_out(form, kept)}", ()), (), ()))
    return sheets


def as_spelt(text: str, answer: str) -> str:
    """The answer as its sentence spells it."""
    at = text.lower().find(answer.lower())
    return text[at : at + len(answer)]


def laid_out(form: float, sentences: list[str]) -> str:
    """The sentences as a list, numbered, in lines or as a paragraph, by a number from 0 to 1."""
    if form < 0.15:
        return "\n".join(f"- {s}" for s in sentences)
    if form < 0.2:
        return "\n".join(f"{i}. {s}" for i, s in enumerate(sentences, 1))
    return "\n".join(sentences) if form < 0.35 else " ".join(sentences)
