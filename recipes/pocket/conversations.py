"""Conversations: pages of one invented world, questions about them, and answers under one instruction.

A row is a list of messages: system (may be missing), user with `[S1] title\\ntext` blocks and `Question: ...`,
assistant, and further `Question: ...` turns about the same passages. Unanswerable questions ask for
the same attribute of another entity, or another attribute of the same entity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from recipes.pocket import general, instructions, pages, scenes, stories, topics, values, worlds
from recipes.pocket.building import World, build_pieces, build_world
from recipes.pocket.instructions import Instruction, Outcome
from recipes.pocket.worlds import Entity, Fact

Message = dict[str, Any]  # role, content; an answer of the generator also has value and evidence, see `turns`


# shares of the conversations whose pages are those of a topic, or free sentences; the others state attributes
TOPICS, SCENES = 0.24, 0.08
PIECES = 0.4  # share of topics' rows, and half as much of the attributes', whose passages are pieces of one page


@dataclass(frozen=True)
class Ask:
    """A question with its outcome."""

    question: str
    outcome: Outcome
    fact: Fact | None = None
    told: str = ""  # the page's own sentence, where it is known
    about: str = ""  # what is asked about, as a title, where the question names it


def source_id(index: int) -> str:
    """The id of the passage at an index: S1 for 0."""
    return f"S{index + 1}"


def ask_fact(rng: Random, world: World, index: int, fact: Fact) -> Ask:
    """A question about one stated fact; the sentence that answers it is the page's own where there is one."""
    text, clause = worlds.exchange(rng, fact)
    said = pages.said(world.pages[index], fact) or pages.sentence(clause)
    return Ask(text, Outcome(fact.value, said, (source_id(index),), fact.entity.title), fact, about=fact.entity.title)


def ask_unstated(rng: Random, world: World) -> Ask | None:
    """A question no page answers, or None when there is none."""
    if not world.unstated:
        return None
    fact = rng.choice(world.unstated)
    return Ask(worlds.question(rng, fact), Outcome(None), about=fact.entity.title)


def ask_two(rng: Random, world: World) -> Ask | None:
    """Two attributes of one entity at once."""
    nominal = [(i, f) for i, f in world.current if f.attribute.nominal]
    pairs = [(a, b) for a in nominal for b in nominal if a[1].entity == b[1].entity and a[1].key < b[1].key]
    if not pairs:
        return None
    (i, one), (j, two) = rng.choice(pairs)
    n, m = worlds.noun_of(rng, one), worlds.noun_of(rng, two)
    text = (
        rng.choice(
            (
                "What are the {n} and the {m} of {e}?",
                "Give the {n} and the {m} of {e}.",
                "For {e}, what are the {n} and {m}?",
            )
        )
        .replace("{n}", n)
        .replace("{m}", m)
        .replace("{e}", one.entity.name)
    )
    value = f"{one.value} and {two.value}"
    ids = tuple(dict.fromkeys((source_id(i), source_id(j))))
    return Ask(
        worlds.capital(text), Outcome(value, pages.sentence(f"the {n} is {one.value} and the {m} is {two.value}"), ids)
    )


def ask_yes_no(rng: Random, world: World) -> Ask | None:
    """Whether an attribute has a value: yes, or no with the right value."""
    nominal = [(i, f) for i, f in world.current if f.attribute.nominal]
    if not nominal:
        return None
    index, fact = rng.choice(nominal)
    claim = fact if rng.random() < 0.5 else worlds.revalue(rng, fact)
    noun = worlds.noun_of(rng, fact)
    text = rng.choice(
        ("Is {v} the {n} of {e}?", "Is the {n} of {e} {v}?", "Is it true that the {n} of {e} is {v}?")
    ).replace("{n}", noun)
    holds = claim.value == fact.value
    reply = "Yes" if holds else "No"
    return Ask(
        worlds.capital(worlds.fill(text, claim)),
        Outcome(reply, f"{reply}, the {noun} of {fact.entity.name} is {fact.value}.", (source_id(index),)),
        about=fact.entity.title,
    )


def ask_hop(rng: Random, world: World) -> tuple[World, Ask] | None:
    """Adds facts about a person named on a page and asks for one through that page."""
    roles = [
        (i, f)
        for i, f in world.current
        if f.attribute.value_type == "person" and f.attribute.nominal and " " in f.value
    ]
    if not roles or len(world.pages) >= 6:
        return None
    index, first = rng.choice(roles)
    who = Entity("person", first.value, first.value)
    known = {f.entity.name for _, f in world.current}
    if who.name in known:
        return None
    facts = tuple(worlds.new_fact(rng, a, who) for a in rng.sample(worlds.attributes()["person"], rng.randint(1, 3)))
    page = pages.render(rng, facts)
    grown = World((*world.pages, page), (*world.current, *((len(world.pages), f) for f in facts)), world.unstated)
    second = rng.choice(facts)
    through = f"the {rng.choice(first.attribute.nouns)} of {first.entity.name}"
    text = worlds.capital(worlds.fill(rng.choice(second.attribute.questions), second, through))
    ids = (source_id(index), source_id(len(world.pages)))
    return grown, Ask(
        text, Outcome(second.value, pages.said(page, second) or pages.sentence(worlds.statement(rng, second)), ids)
    )


def ask_letter(rng: Random, world: World) -> Ask | None:
    """A multiple-choice question on a stated fact; the outcome is the letter."""
    if not world.current:
        return None
    index, fact = rng.choice(world.current)
    same = {f.value for _, f in world.current if f.attribute.value_type == fact.attribute.value_type}
    others = [*sorted(same - {fact.value}), *(values.draw(rng, fact.attribute.value_type) for _ in range(3))]
    choices = [*dict.fromkeys([o for o in others if o != fact.value])][:3]
    if len(choices) < 3:
        return None
    choices.append(fact.value)
    rng.shuffle(choices)
    letter = general.LETTERS[choices.index(fact.value)]
    return Ask(
        general.multiple_choice(worlds.question(rng, fact), choices), Outcome(letter, letter, (source_id(index),))
    )


def asks(rng: Random, world: World, count: int, unstated: float = 0.16, times: int = 1) -> tuple[World, list[Ask]]:
    """At most `count` questions of mixed kinds, a share of them answered nowhere, in random order, without repeats; a
    fact is asked for up to `times` times, in other words."""
    drawn: list[Ask] = []
    stated = list(world.current) * times
    rng.shuffle(stated)
    if rng.random() < 0.08 and (hop := ask_hop(rng, world)):
        world, ask = hop
        drawn.append(ask)
    while len(drawn) < count and (stated or world.unstated):
        kind = rng.random()
        ask_ = (
            ask_unstated(rng, world)
            if kind < unstated
            else ask_two(rng, world)
            if kind < unstated + 0.03
            else ask_yes_no(rng, world)
            if kind < unstated + 0.06
            else ask_letter(rng, world)
            if kind < unstated + 0.1
            else None
        )
        if ask_ is None:
            if not stated:
                break
            ask_ = ask_fact(rng, world, *stated.pop())
        if all(ask_.question != seen.question for seen in drawn):
            drawn.append(ask_)
        elif not stated:
            break
    rng.shuffle(drawn)
    return world, drawn


def blocks(world: World) -> list[str]:
    """The passages as a prompt shows them."""
    return [f"[{source_id(i)}] {page.title}\n{page.text}" for i, page in enumerate(world.pages)]


def render_passages(world: World, question: str) -> str:
    """The user message: passages with ids, then the question."""
    return "\n\n".join([*blocks(world), f"Question: {question}"])


def evidence(world: World, ask: Ask) -> tuple[int, int] | None:
    """Where the sentence that answers stands in the message of `render_passages`: (start, end) in characters."""
    if ask.outcome.value is None or len(ask.outcome.ids) != 1 or not (ask.fact or ask.told):
        return None
    index = int(ask.outcome.ids[0][1:]) - 1
    text = world.pages[index].text
    place = (
        (text.find(ask.told), text.find(ask.told) + len(ask.told)) if ask.told else pages.place(text, ask.outcome.value)
    )
    if place is None or place[0] < 0:
        return None
    shown = blocks(world)
    start = sum(len(block) + 2 for block in shown[:index]) + len(shown[index]) - len(text)
    return start + place[0], start + place[1]


def turns(world: World, asked: list[Ask], instruction: Instruction) -> list[Message]:
    """User and assistant turns about one world. An assistant's turn names the value in it and where the passages,
    in the last message that shows any, state it: what training may point the model to."""
    messages: list[Message] = []
    for i, ask in enumerate(asked):
        text = render_passages(world, ask.question) if i == 0 else f"Question: {ask.question}"
        at = text.lower().rfind(ask.about.lower(), len(text) - len(ask.question)) if ask.about else -1
        named: dict[str, Any] = {"about": (at, at + len(ask.about))} if at >= 0 else {}
        named |= {"mentions": mentions(world)} if i == 0 else {}
        reply = {"role": "assistant", "content": answer(ask, instruction), "value": ask.outcome.value or ""}
        messages += [{"role": "user", "content": text, **named}, {**reply, "evidence": evidence(world, ask)}]
    return messages


def mentions(world: World) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """For every fact on the pages: its sentence, and where what it is about was last named, both as (start, end) in
    characters of the message of `render_passages`."""
    pairs, offset = [], 0
    for page, block in zip(world.pages, blocks(world), strict=True):
        text = offset + len(block) - len(page.text)
        for fact in page.facts:
            name, sentence = fact.entity.title.lower(), pages.place(page.text, fact.value)
            last = block.lower().rfind(name, 0, text - offset + sentence[1]) if sentence else -1
            if sentence and last >= 0:
                pairs.append(((text + sentence[0], text + sentence[1]), (offset + last, offset + last + len(name))))
        offset += len(block) + 2
    return pairs


def answer(ask: Ask, instruction: Instruction) -> str:
    """The assistant's text; letters of multiple choice are given bare under prose instructions."""
    if ask.question.endswith("\nAnswer:") and instruction.name not in ("json", "cited"):
        return ask.outcome.value or ""
    return instruction.render(ask.outcome)


def system_turn(instruction: Instruction) -> list[Message]:
    """The system message, or nothing when it is empty."""
    return [{"role": "system", "content": instruction.system}] if instruction.system else []


def conversation(rng: Random, count: int, questions: int, unstated: float = 0.16) -> list[Message]:
    """One conversation over `count` pages with `questions` questions; at times preceded by worked examples."""
    instruction = instructions.draw(rng)
    shots: list[Message] = []
    if rng.random() < 0.08 and count <= 4:
        for _ in range(rng.randint(1, 3)):
            world, asked = asks(rng, build_world(rng, rng.choice((1, 1, 2))), 1)
            shots += turns(world, asked, instruction)
    world, asked = _asked(rng, count, questions, unstated)
    return [*system_turn(instruction), *shots, *turns(world, asked, instruction)]


def forked(rng: Random, count: int, questions: int, unstated: float) -> list[Message]:
    """A conversation to be learned with every question right after the passages; facts are asked for twice."""
    instruction = instructions.draw(rng)
    world, asked = _asked(rng, count, questions, unstated, 2)
    return [*system_turn(instruction), *turns(world, asked, instruction)]


def _asked(rng: Random, count: int, questions: int, unstated: float, times: int = 1) -> tuple[World, list[Ask]]:
    """Pages of topics, of scenes or of attributes, with questions."""
    kind = rng.random()
    if kind < TOPICS:
        cut = rng.randint(2, count) if count > 1 and rng.random() < PIECES else 1
        return ask_topics(rng, count, questions, unstated, times, cut=cut)
    if kind < TOPICS + SCENES:
        told = stories.build(rng, count)
        return World(told.pages, (), ()), ask_scenes(rng, told, questions, unstated, times)
    world = build_pieces(rng, count) if count > 1 and rng.random() < PIECES / 2 else build_world(rng, count)
    return asks(rng, world, questions, unstated, times)


def ask_scenes(rng: Random, story: stories.Story, count: int, unstated: float, times: int = 1) -> list[Ask]:
    """At most `count` questions about a story's sentences, up to `times` each, a share of them answered nowhere."""
    drawn: list[Ask] = []
    todo = [
        (index, scene, sentence, part)
        for index, scene, sentence in story.scenes
        for part in rng.sample(scenes.askable(scene), min(times, len(scenes.askable(scene))))
    ]
    rng.shuffle(todo)
    for index, scene, sentence, part in todo[:count]:
        if rng.random() < unstated and (missing := stories.missing(rng, story, scene)):
            if all(missing != ask.question for ask in drawn):
                drawn.append(Ask(missing, Outcome(None)))
            continue
        outcome = Outcome(scene.parts[part], sentence, (source_id(index),))
        drawn.append(Ask(scenes.question(rng, scene, part), outcome, told=sentence))
    return drawn


def ask_topics(
    rng: Random,
    count: int,
    questions: int,
    unstated: float,
    times: int = 1,
    known: Sequence[topics.Topic] = (),
    cut: int = 1,
) -> tuple[World, list[Ask]]:
    """Pages of different topics (the first in `cut` pieces), at times one of another family among them, and at most
    `questions` about them."""
    sheets = topics.build(rng, count, known, cut)
    shown = [sheet.page for sheet in sheets]
    if count > 1 and rng.random() < 0.3:
        shown[-1] = build_world(rng, 1).pages[0] if rng.random() < 0.5 else stories.build(rng, 1).pages[0]
        sheets.pop()
    order = rng.sample(range(count), count)
    drawn: list[Ask] = []
    for index, sheet in enumerate(sheets):
        at = (source_id(order.index(index)),)
        for line in sheet.told:
            for text, value in rng.sample(line.asked, min(times, len(line.asked))):
                drawn.append(Ask(text, Outcome(value, line.text, at), told=line.text))
    left_open = [text for sheet in sheets for text in (*sheet.left_open, *(o for t in sheet.told for o in t.left_open))]
    rng.shuffle(drawn)
    drawn = drawn[:questions]
    for i, text in enumerate(rng.sample(left_open, min(len(left_open), len(drawn)))):
        if rng.random() < unstated:
            drawn[i] = Ask(text, Outcome(None))
    return World(tuple(shown[i] for i in order), (), ()), list({ask.question: ask for ask in drawn}.values())


def closed_book(rng: Random) -> list[Message]:
    """A question about an invented world without any passage: refused."""
    instruction = instructions.draw(rng)
    kind = rng.choice(worlds.KINDS)
    asked = []
    for _ in range(rng.randint(1, 3)):
        fact = worlds.new_fact(rng, rng.choice(worlds.attributes()[kind]), worlds.new_entity(rng, kind))
        asked.append(Ask(worlds.question(rng, fact), Outcome(None)))
    messages = turns(World((), (), ()), asked, instruction)
    return [*system_turn(instruction), *messages]
