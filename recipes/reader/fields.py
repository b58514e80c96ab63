"""Fields of invented house formats: keys, what each holds, and how an outcome fills them.

Every format has an answer; ids, a flag or two, a count and a constant may stand beside it, some of them inside an inner
object. A flag's words, sense and place are drawn, so that they have to be read from the message: never the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from recipes.pocket import values
from recipes.pocket.instructions import Outcome, wordings

# fmt: off
FLAG_WORDS = (  # for an answer, for none
    "in full|in no way", "stated|not stated", "on the page|nowhere", "GREEN|RED", "hit|miss", "1|0",
    "closed|still open", "covered|not covered", "answer given|no answer given", "clear|unclear", "sure|not sure",
    "pass|fail", "T|F",
    "supported|unsupported", "in the text|not in the text", "FOUND|NOT_FOUND", "go|stop", "whole|nothing", "Yes|No",
    "available|not available", "there it is|not there", "HAS_ANSWER|NO_ANSWER", "true to the text|no basis",
    "can be answered|cannot be answered", "grounded|ungrounded", "some|none at all", "complete answer|no match",
)
MIDDLE = ("partly", "in part", "maybe", "unclear", "mixed", "contradictory", "review", "pending", "other", "PARTIAL")
FLAGS = (  # what a flag of two words means
    '"{good}" or, if the passages do not say, "{bad}"',
    '"{good}" if there is an answer, otherwise "{bad}"',
    'one of "{good}" (the answer is there) and "{bad}" (it is not)',
    '"{bad}" if nothing on the pages answers the question, and "{good}" in every other case',
    'whether it could be found: "{good}" or "{bad}"',
    '"{good}" where the passages answer, "{bad}" where they leave it open',
    'the word "{good}" for a question that the text answers and "{bad}" for one that it does not',
    '"{bad}" (no passage says it) or "{good}" (a passage says it)',
    '"{good}" once you found the answer and "{bad}" if you did not',
    'only ever "{good}" or "{bad}", the latter for questions without an answer in the text',
    '"{bad}" as long as the answer is missing, else "{good}"',
)
SWITCHES = (
    "true if the passages answer, else false",
    "whether the passages answer, true or false",
    "false where nothing is said about it, and true where something is",
    "true when the answer stands in a passage and false when it does not",
    "a boolean: is the question answered by the text?",
    "false for a question that cannot be answered, otherwise true",
)
INVERTED = (  # a flag that is true where there is no answer
    "true if the passages do not say, else false",
    "false if there is an answer, true if there is none",
    "true where the answer is missing from the text, and false where it is there",
    "a boolean: is the question left open by the passages?",
)
INVERTED_KEYS = (
    "missing", "unanswered", "left_open", "no_answer", "gap", "not_found", "refused", "impossible", "abstain",
)
SWITCH_KEYS = (
    "answerable", "grounded", "is_answered", "has_answer", "supported", "in_context", "can_answer", "sufficient",
)
NUMBERS = (
    "1 if the passages answer and 0 if they do not", "0 without an answer, 1 with one",
    "the number 1, or 0 where nothing is said",
)
COUNTS = ("how many passages say so", "the number of passages used", "a whole number: how many passages it stands in")
COUNT_KEYS = ("count", "n_sources", "hits", "used_passages", "number", "total")
ONE_ID = ("the id of the passage, or null", "the passage it stands in, null if there is none", "the source id or null")
INNER_KEYS = ("result", "reply", "data", "record", "meta", "body", "entry", "proof", "reading")
# fmt: on
PREFIXES = ("the", "my", "final", "short", "page", "is", "user")


@dataclass(frozen=True)
class Field:
    """A key of an answer, its JSON Schema, what it means, and how it is filled."""

    key: str
    schema: dict[str, object]
    meaning: str
    fill: Callable[[Outcome], object]


def _key(rng: Random, known: tuple[str, ...] | list[str], taken: set[str]) -> str:
    while True:
        plain = rng.choice(known) if rng.random() < 0.55 else values.word(rng, rng.choice(("noun", "adj")))
        key = plain.lower().replace(" ", "_")
        shape = rng.random()
        if shape < 0.15:
            key = f"{key}_{values.word(rng, 'noun')}"
        elif shape < 0.25:
            key = f"{rng.choice(PREFIXES)}{key.capitalize()}"
        elif shape < 0.29:
            key = key.upper()
        if key not in taken:
            taken.add(key)
            return key


def _answer(rng: Random, refuse: str, taken: set[str]) -> Field:
    """The answer, short or as a sentence; where there is none the refusal, at times null or nothing."""
    said = rng.random() < 0.35
    form = rng.random()
    empty = refuse if form < 0.72 else None if form < 0.88 else ""
    schema: dict[str, object] = {"type": ["string", "null"] if empty is None else "string"}
    meaning = rng.choice(wordings("said_meanings" if said else "value_meanings"))
    if empty is None:
        meaning += rng.choice((", or null", ", null if there is none", " (null where the passages do not say)"))
    return Field(
        _key(rng, wordings("keys"), taken), schema, meaning,
        lambda o: empty if o.value is None else (o.sentence if said else o.value),
    )  # fmt: skip


def _ids(rng: Random, taken: set[str]) -> Field:
    key, form = _key(rng, wordings("id_keys"), taken), rng.random()
    if form < 0.76:
        schema: dict[str, object] = {"type": "array", "items": {"type": "string"}}
        return Field(key, schema, rng.choice(wordings("ids_meanings")), lambda o: list(o.ids))
    if form < 0.9:
        return Field(key, {"type": ["string", "null"]}, rng.choice(ONE_ID), lambda o: o.ids[0] if o.ids else None)
    count = _key(rng, COUNT_KEYS, taken)
    return Field(count, {"type": "integer"}, rng.choice(COUNTS), lambda o: len(o.ids))


def words_of(rng: Random) -> tuple[str, str]:
    """What a flag says of an answer, and of none: words for it, or any two."""
    form = rng.random()
    if form < 0.22:
        good, bad = rng.choice(wordings("flags")).split("|")
    elif form < 0.62:
        good, bad = rng.choice(FLAG_WORDS).split("|")
    elif form < 0.82:
        good, bad = rng.sample(values.lexicon()["adj"], 2)
    else:  # of several words, as a closed list of a team often is
        adjectives, nouns = rng.sample(values.lexicon()["adj"], 2), rng.sample(values.lexicon()["noun"], 2)
        good, bad = (f"{adj} {noun}" for adj, noun in zip(adjectives, nouns, strict=True))
    return good, bad


def flag(rng: Random, taken: set[str]) -> Field:
    """Whether there is an answer: two words (at times three are allowed), a boolean in either sense, or a digit."""
    form = rng.random()
    if form < 0.6:
        good, bad = words_of(rng)
        allowed = [good, bad]
        meaning = rng.choice(FLAGS).replace("{good}", good).replace("{bad}", bad)
        if rng.random() < 0.12 and not {good, bad} & set(MIDDLE):
            allowed.insert(rng.randint(0, 2), rng.choice(MIDDLE))
        elif rng.random() < 0.3:
            allowed.reverse()
        schema: dict[str, object] = {"enum": allowed}
        if rng.random() < 0.7:
            schema = {"type": "string", **schema}
        key = _key(rng, wordings("flag_keys"), taken)
        return Field(key, schema, meaning, lambda o: bad if o.value is None else good)
    if form < 0.8:
        key = _key(rng, (*SWITCH_KEYS, *wordings("flag_keys")), taken)
        return Field(key, {"type": "boolean"}, rng.choice(SWITCHES), lambda o: o.value is not None)
    if form < 0.92:
        key = _key(rng, INVERTED_KEYS, taken)
        return Field(key, {"type": "boolean"}, rng.choice(INVERTED), lambda o: o.value is None)
    key = _key(rng, wordings("flag_keys"), taken)
    return Field(key, {"type": "integer", "enum": [0, 1]}, rng.choice(NUMBERS), lambda o: int(o.value is not None))


def _constant(rng: Random, taken: set[str]) -> Field:
    fixed = rng.choice((values.invented(rng), values.word(rng, "noun"), values.draw(rng, "version")))
    return Field(_key(rng, wordings("const_keys"), taken), {"const": fixed}, f'always "{fixed}"', lambda o: fixed)


def drawn(rng: Random, refuse: str) -> list[Field]:
    """The fields of one invented house format, in the order of its answers."""
    taken: set[str] = set()
    own = [_answer(rng, refuse, taken)]
    if rng.random() < 0.72:
        own.append(_ids(rng, taken))
    if rng.random() < 0.78:
        own.append(flag(rng, taken))
        if rng.random() < 0.1:
            own.append(flag(rng, taken))
    if rng.random() < 0.08:
        own.append(_constant(rng, taken))
    rng.shuffle(own)
    if len(own) > 2 and rng.random() < 0.1:
        at = rng.randint(0, len(own) - 2)
        own[at : at + 2] = [inner(_key(rng, INNER_KEYS, taken), own[at : at + 2])]
    return own


def inner(key: str, held: list[Field]) -> Field:
    """An object in the object, with these fields."""
    meaning = "an object with " + " and ".join(f'"{f.key}" ({f.meaning})' for f in held)
    return Field(key, schema_of(held), meaning, lambda o: {f.key: f.fill(o) for f in held})


def schema_of(own: list[Field], told: bool = False) -> dict[str, object]:
    """The JSON Schema of an object with these fields, their meanings as descriptions where `told`."""
    properties = {f.key: {**f.schema, "description": f.meaning} if told else f.schema for f in own}
    return {
        "type": "object", "properties": properties, "required": [f.key for f in own], "additionalProperties": False,
    }  # fmt: skip
