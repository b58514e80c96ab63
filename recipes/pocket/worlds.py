"""Invented worlds: entities, facts about them, and the sentences that state or ask for a fact.

One fact: `Fact(attribute=<warranty period>, entity=<the Kroalmesh 400>, value="18 months", ...)`; it is stated as "The
Kroalmesh 400 comes with a warranty of 18 months" and asked for as "How long is the warranty on the Kroalmesh 400?".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from random import Random

from recipes.pocket import values

NOMINAL_STATEMENTS = (
    "the {n} of {e} is {v}",
    "the {n} of {e} is {v}",
    "for {e}, the {n} is {v}",
    "{e} has the following {n}: {v}",
    "as to {e}, the {n} is {v}",
    "{v} is the {n} of {e}",
    "our records give {v} as the {n} of {e}",
    "according to the latest notice, the {n} of {e} is {v}",
    "{v} was confirmed as the {n} of {e}",
    "when it comes to {e}, the {n} stands at {v}",
    "please note that the {n} of {e} is {v}",
)
NOMINAL_QUESTIONS = (
    "What is the {n} of {e}?",
    "What is the {n} of {e}?",
    "What is the {n} for {e}?",
    "Tell me the {n} of {e}.",
    "Which {n} is given for {e}?",
    "Can you tell me the {n} of {e}?",
    "I need the {n} of {e}.",
    "Do you know the {n} of {e}?",
    "{e}: what is the {n}?",
    "Please give the {n} of {e}.",
    "{n} of {e}?",
)


@dataclass(frozen=True)
class Attribute:
    """A property that entities of a kind may have, with its forms (see attributes.txt)."""

    kind: str
    nouns: tuple[str, ...]
    value_type: str
    statements: tuple[str, ...]
    questions: tuple[str, ...]

    @property
    def nominal(self) -> bool:
        """Whether a noun alone names the property (no verb slot in it)."""
        return "{" not in self.nouns[0]


@dataclass(frozen=True)
class Entity:
    """Something a page can be about: its kind and its name as it stands inside a sentence."""

    kind: str
    name: str
    title: str


@dataclass(frozen=True)
class Fact:
    """One value of one attribute of one entity; verb slots are filled once per fact."""

    attribute: Attribute
    entity: Entity
    value: str
    base: str
    past: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What the fact is about, without its value."""
        return (
            self.attribute.nouns[0],
            self.entity.name,
            self.base
            if "{" in "".join(self.attribute.statements).replace("{e}", "").replace("{v}", "").replace("{E}", "")
            else "",
        )


@cache
def attributes() -> dict[str, tuple[Attribute, ...]]:
    """Attributes by kind, read from attributes.txt."""
    table: dict[str, list[Attribute]] = {}
    for block in _blocks((values.HERE / "attributes.txt").read_text(encoding="utf-8")):
        kind, nouns, value_type = (part.strip() for part in block[0].split("|"))
        statements = tuple(line[2:] for line in block if line.startswith("+ "))
        questions = tuple(line[2:] for line in block if line.startswith("? "))
        table.setdefault(kind, []).append(Attribute(kind, tuple(nouns.split(";")), value_type, statements, questions))
    return {kind: tuple(rows) for kind, rows in table.items()}


def _blocks(text: str) -> list[list[str]]:
    blocks: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith(("+ ", "? ")):
            blocks[-1].append(line)
        elif line and not line.startswith("#"):
            blocks.append([line])
    return blocks


def new_entity(rng: Random, kind: str) -> Entity:
    """An entity with a name drawn afresh."""
    name = _NAMES[kind](rng)
    bare = name.removeprefix("the ").removeprefix("a ").removeprefix("an ")
    return Entity(kind, name, bare[0].upper() + bare[1:])


def _product(rng: Random) -> str:
    name, noun = values.invented(rng), values.word(rng, "noun")
    return rng.choice(
        (
            f"the {name} {noun}",
            f"the {name} {rng.randint(2, 900)}",
            f"the {name}",
            f"the {noun} {values.code(rng)}",
            f"{name} {noun}",
            f"model {values.code(rng)}",
        )
    )


def _site(rng: Random) -> str:
    kind = rng.choice(
        (
            "Museum",
            "Library",
            "Tower",
            "Hall",
            "Bridge",
            "Theatre",
            "Pool",
            "Clinic",
            "Station",
            "Castle",
            "Garden",
            "Depot",
            "Market",
            "School",
            "Hotel",
            "Gallery",
        )
    )
    name = values.invented(rng)
    return rng.choice(
        (f"the {name} {kind}", f"{name} {kind}", f"the {kind.lower()} of {name}", f"{kind} {rng.randint(2, 40)}")
    )


def _event(rng: Random) -> str:
    kind = rng.choice(
        (
            "workshop",
            "fair",
            "conference",
            "course",
            "lecture",
            "meeting",
            "concert",
            "race",
            "festival",
            "tour",
            "seminar",
            "exhibition",
            "training",
        )
    )
    return rng.choice(
        (
            f"the {values.invented(rng)} {kind}",
            f"the {values.word(rng, 'adj')} {kind}",
            f"the {kind} on {values.word(rng, 'topic')}",
            f"the {values.word(rng, 'noun')} {kind}",
        )
    )


def _service(rng: Random) -> str:
    kind = rng.choice(
        (
            "portal",
            "service",
            "system",
            "app",
            "network",
            "server",
            "archive",
            "mailbox",
            "desk",
            "tool",
            "store",
            "platform",
        )
    )
    return rng.choice(
        (
            f"the {values.invented(rng)} {kind}",
            values.invented(rng),
            f"the {values.word(rng, 'noun')} {kind}",
            f"{values.invented(rng)} {rng.choice(('Mail', 'Drive', 'Pay', 'Desk', 'Link', 'Cloud', 'One'))}",
        )
    )


def _thing(rng: Random) -> str:
    return f"the {values.phrase(rng)}"


def _rule(rng: Random) -> str:
    noun = values.phrase(rng)
    return rng.choice(
        (
            values.with_article(noun),
            f"the {noun}",
            f"your {noun}",
            f"{noun}s" if not noun.endswith(("s", "x", "y")) else f"the {noun}",
        )
    )


_NAMES = {
    "product": _product,
    "person": values.person,
    "site": _site,
    "org": values.org_name,
    "event": _event,
    "service": _service,
    "thing": _thing,
    "rule": _rule,
}
KINDS = tuple(_NAMES)


def new_fact(rng: Random, attribute: Attribute, entity: Entity, verb: tuple[str, str] | None = None) -> Fact:
    """A fact with a fresh value; a verb may be given so that two facts share it."""
    base, past = verb or values.verb(rng)
    return Fact(attribute, entity, values.draw(rng, attribute.value_type), base, past)


def revalue(rng: Random, fact: Fact) -> Fact:
    """The same fact with another value."""
    value = values.draw(rng, fact.attribute.value_type)
    return (
        replace(fact, value=value)
        if value != fact.value
        else replace(fact, value=values.draw(rng, fact.attribute.value_type))
    )


def fill(form: str, fact: Fact, entity: str | None = None, noun: str = "") -> str:
    """A form with its slots filled; no capital or full stop is added."""
    name = fact.entity.name if entity is None else entity
    text = form.replace("{n}", noun).replace("{b}", fact.base).replace("{p}", fact.past)
    if fact.value[:1] in "aeio":
        text = text.replace(" a {v}", " an {v}")
    return text.replace("{E}", name).replace("{e}", name).replace("{v}", fact.value)


def noun_of(rng: Random, fact: Fact) -> str:
    """One of the attribute's nouns."""
    return rng.choice(fact.attribute.nouns).replace("{b}", fact.base).replace("{p}", fact.past)


def statement(rng: Random, fact: Fact, entity: str | None = None) -> str:
    """A clause that states the fact."""
    if fact.attribute.nominal and rng.random() < 0.3:
        return fill(rng.choice(NOMINAL_STATEMENTS), fact, entity, noun_of(rng, fact))
    return fill(rng.choice(fact.attribute.statements), fact, entity)


def question(rng: Random, fact: Fact) -> str:
    """A question the fact answers, starting with a capital."""
    return exchange(rng, fact)[0]


def exchange(rng: Random, fact: Fact) -> tuple[str, str]:
    """A question and the clause that answers it: one clause for each question form, so that answers carry no chance."""
    if fact.attribute.nominal and rng.random() < 0.35:
        noun = noun_of(rng, fact)
        return capital(fill(rng.choice(NOMINAL_QUESTIONS), fact, None, noun)), fill(
            NOMINAL_STATEMENTS[0], fact, None, noun
        )
    return capital(fill(rng.choice(fact.attribute.questions), fact)), fill(fact.attribute.statements[0], fact)


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
