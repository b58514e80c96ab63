"""Materials: one to six pages, the questions about them, and which of them answers which.

`Material(world, asked)`: world of `recipes.pocket`, `Ask` of the same. Families of pages: the topics of `pocket` (short
sentences, questions in other words) and kinds written for the reader (`page_kinds/`: encyclopedia, help desk, handbook,
product, minutes, policy), alone, as near misses, as pages alike and as twins (`rivals.py`), attributes of invented
entities (near-duplicates, versions), and free scenes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

from recipes.pocket import conversations, stories, topics, worlds
from recipes.pocket.building import World, build_world
from recipes.pocket.conversations import Ask
from recipes.pocket.instructions import Outcome
from recipes.pocket.topics import Topic
from recipes.reader import names, rivals

KINDS = Path(__file__).parent / "page_kinds"
GOLDEN = Path(__file__).resolve().parents[2] / "golden_sets"
DEV_EVERY = 21  # of the taught topics, one in so many is kept out: choices are made on these
UNANSWERED = 0.08  # share of questions that the passages leave open
KINDS_SHARE = 0.68  # share of materials with page kinds of the reader among their pages
# between the sentences and clauses of a line; no sentence ends after an initial or a title
PIECE = re.compile(r"(?<=[a-z0-9%)\"]{2}[.!?])\s+(?=[A-Z\"])|;\s+")
# how many passages a conversation shows, and how often
PASSAGES = ((1, 36), (2, 26), (3, 16), (4, 20), (5, 1), (6, 1))


@dataclass(frozen=True)
class Material:
    """Pages and questions about them; ids in the outcomes are S1, S2, ... in the pages' order."""

    world: World
    asked: tuple[Ask, ...]


@cache
def kinds(folder: Path = KINDS) -> tuple[Topic, ...]:
    """The page kinds written for the reader, in the order of the files' names; `\\n` in them begins a new line, as in
    a table."""
    drawn = (topics.read(path, {**topics.DRAWS, **names.DRAWS}) for path in sorted(folder.glob("*.txt")))
    return tuple(
        replace(topic, lines=tuple(replace(line, text=line.text.replace("\\n", "\n")) for line in topic.lines))
        for found in drawn
        for topic in found
    )


@cache
def taught() -> tuple[Topic, ...]:
    """The topics of `pocket` that the reader is trained on."""
    own = (topic for at, topic in enumerate(topics.taught()) if at % DEV_EVERY)
    return tuple(replace(topic, draws={**topic.draws, **names.DRAWS}) for topic in own)


@cache
def taught_kinds() -> tuple[Topic, ...]:
    """The kinds that the reader is trained on."""
    return tuple(kind for kind in kinds() if not kind.held_out)


@cache
def dev() -> tuple[Topic, ...]:
    """Topics and kinds for choices: never trained on, and no floor is measured on them."""
    return (*(t for at, t in enumerate(topics.taught()) if not at % DEV_EVERY), *(k for k in kinds() if k.held_out))


def of_topics(rng: Random, count: int, questions: int, known: Sequence[Topic], unanswered: float) -> Material:
    """Pages of these topics, at times several of them pieces or versions of one page."""
    pieces = min(count, *(len(topic.lines) for topic in known))  # a piece has a line at least
    cut = rng.randint(2, pieces) if pieces > 1 and rng.random() < 0.35 else 1
    world, asked = conversations.ask_topics(rng, count, questions, unanswered, rng.choice((3, 4)), known, cut)
    return Material(world, tuple(asked))


def of_facts(rng: Random, count: int, questions: int) -> Material:
    """Attributes of invented entities: the same attribute of another entity, and older versions, stand beside."""
    world, asked = conversations.asks(rng, build_world(rng, count), questions, UNANSWERED)
    return Material(world, tuple(asked))


def of_scenes(rng: Random, count: int, questions: int) -> Material:
    """Free sentences: who did what, where, when, why and how."""
    story = stories.build(rng, count)
    asked = conversations.ask_scenes(rng, story, questions, UNANSWERED, 2)
    return Material(World(story.pages, (), ()), tuple(asked))


def without_pages(rng: Random) -> Material:
    """Questions about an invented world, and nothing to read: all are refused."""
    asked = []
    for _ in range(rng.randint(2, 5)):
        entity = worlds.new_entity(rng, kind := rng.choice(worlds.KINDS))
        fact = worlds.new_fact(rng, rng.choice(worlds.attributes()[kind]), entity)
        asked.append(Ask(worlds.question(rng, fact), Outcome(None)))
    return Material(World((), (), ()), tuple(asked))


def _known(rng: Random) -> Sequence[Topic]:
    if len(taught_kinds()) > 6 and rng.random() < KINDS_SHARE:
        return taught_kinds() if rng.random() < 0.7 else (*taught(), *taught_kinds())
    return taught()


def _topics(rng: Random, count: int, questions: int) -> tuple[Material, ...]:
    return (of_topics(rng, count, questions, _known(rng), UNANSWERED),)


def _near(rng: Random, count: int, questions: int) -> tuple[Material, ...]:
    world, asked = rivals.near(rng, _known(rng), count, questions, UNANSWERED)
    return (Material(world, tuple(asked)),)


def _rivals(rng: Random, count: int, questions: int) -> tuple[Material, ...]:
    world, asked = rivals.rivals(rng, _known(rng), max(2, count), questions, UNANSWERED)
    return (Material(world, tuple(asked)),)


def _twins(rng: Random, count: int, questions: int) -> tuple[Material, ...]:
    return tuple(Material(w, tuple(a)) for w, a in rivals.twins(rng, _known(rng), min(count, 3), questions))


def _facts(rng: Random, count: int, questions: int) -> tuple[Material, ...]:
    return (of_facts(rng, count, questions),)


def _scenes(rng: Random, count: int, questions: int) -> tuple[Material, ...]:
    return (of_scenes(rng, count, questions),)


Family = Callable[[Random, int, int], tuple[Material, ...]]
FAMILIES: tuple[tuple[Family, int], ...] = (
    (_near, 36), (_rivals, 15), (_twins, 12), (_topics, 27), (_facts, 5), (_scenes, 5),
)  # fmt: skip


def group(rng: Random) -> tuple[Material, ...]:
    """A material by the shares of FAMILIES and PASSAGES, or two that are twins; questions as people type them."""
    if rng.random() < 0.01:
        return (without_pages(rng),)
    family = rng.choices([f for f, _ in FAMILIES], [w for _, w in FAMILIES])[0]
    count = rng.choices([n for n, _ in PASSAGES], [w for _, w in PASSAGES])[0]
    drawn = []
    for material in family(rng, count, rng.randint(10, 20)):
        asked = tuple(
            replace(ask, question=typed(rng, ask.question), outcome=to_the_point(ask.outcome))
            for ask in material.asked
            if fresh(ask.question)
        )
        drawn.append(replace(material, asked=asked))
    return tuple(drawn)


def to_the_point(outcome: Outcome) -> Outcome:
    """Of a long line only the sentence or clause that holds the value, where one alone does; of a table the value."""
    if outcome.value and "\n" in outcome.sentence:
        return replace(outcome, sentence=outcome.value[0].upper() + outcome.value[1:] + ".")
    pieces = [piece.strip() for piece in PIECE.split(outcome.sentence)]
    holds = [piece for piece in pieces if outcome.value and outcome.value in piece]
    if len(pieces) < 2 or len(holds) != 1 or len(holds[0].split()) < 4:
        return outcome
    end = "" if holds[0][-1] in '.!?"|' else "."
    return replace(outcome, sentence=holds[0][0].upper() + holds[0][1:] + end)


def draw(rng: Random) -> Material:
    """The first material of a group."""
    return group(rng)[0]


@cache
def golden_runs() -> frozenset[tuple[str, ...]]:
    """Every eight words in a row of a shipped golden question: no training question may hold one."""
    lines = [line for file in sorted(GOLDEN.glob("*.jsonl")) for line in file.read_text(encoding="utf-8").splitlines()]
    return frozenset(run for line in lines for run in runs(json.loads(line).get("question", "")))


def runs(text: str) -> set[tuple[str, ...]]:
    """Every eight words in a row."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + 8]) for at in range(len(words) - 7)}


def fresh(question: str) -> bool:
    """Whether no eight words in a row are those of a golden question, by chance or otherwise."""
    return not runs(question) & golden_runs()


def typed(rng: Random, question: str) -> str:
    """The question as some people type it: in lower case, without its mark, or with a courtesy."""
    form = rng.random()
    if "\n" in question or form < 0.52:
        return question
    if form < 0.92:
        bare = question.rstrip("?. ")
        return (bare.lower() if form < 0.78 else bare[0].lower() + bare[1:]) + ("?" if form > 0.86 else "")
    before = rng.choice(("Please tell me: ", "Hello, ", "Quick question: ", "I would like to know: ", "Can you say "))
    return before + question[0].lower() + question[1:]
