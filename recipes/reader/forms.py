"""Forms: system messages and the answers that follow them, beyond those of `recipes.pocket.instructions`.

A pipeline's tune should only have to choose among what the reader can do, so every form is told by the system message
alone and its names are drawn: JSON by a printed schema, by a list of lines, by an example; a few words; labelled lines.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from recipes.pocket import instructions, values
from recipes.pocket.instructions import Instruction, Outcome, wordings

FEW = (
    "Answer in a few words.", "Answer in as few words as the passages allow.", "Give a short answer.",
    "Reply with the shortest answer that is complete.", "Answer with a word or a short phrase.",
    "Keep it to a few words.", "Short answers only.", "Answer briefly, without a sentence around it.",
)  # fmt: skip
FLAGS = (  # what a flag of two words means
    '"{good}" or, if the passages do not say, "{bad}"',
    '"{good}" if there is an answer, otherwise "{bad}"',
    'one of "{good}" (the answer is there) and "{bad}" (it is not)',
    '"{bad}" if nothing on the pages answers the question, and "{good}" in every other case',
    'whether it could be found: "{good}" or "{bad}"',
)
SWITCHES = (
    "true if the passages answer, else false",
    "whether the passages answer, true or false",
    "false where nothing is said about it, and true where something is",
)
TOLD = ('"{k}" is {m}.', '"{k}" holds {m}.', 'Put into "{k}" {m}.', 'The key "{k}" stands for {m}.', "{k}: {m}.")
CLOSED = (
    '"additionalProperties": false',
    "No other keys.",
    "Exactly these keys, in this order.",
    "Nothing before or after it.",
)


def few_words(rng: Random) -> Instruction:
    """The answer in a few words, the refusal as the message has it."""
    words = instructions.refusal(rng) if rng.random() < 0.6 else instructions.DEFAULT_REFUSAL
    said = rng.choice(wordings("refuse")).replace("{r}", words)
    parts = [rng.choice(wordings("grounds")), rng.choice(FEW), said]
    return Instruction("few", " ".join(parts), lambda o: words if o.value is None else o.value)


@dataclass(frozen=True)
class Field:
    """A key of an answer, its JSON Schema, what it means, and how it is filled."""

    key: str
    schema: dict[str, object]
    meaning: str
    fill: Callable[[Outcome], object]


def _key(rng: Random, table: str, taken: set[str]) -> str:
    while True:
        plain = rng.choice(wordings(table)) if rng.random() < 0.6 else values.word(rng, rng.choice(("noun", "adj")))
        key = plain.lower().replace(" ", "_")
        shape = rng.random()
        if shape < 0.15:
            key = f"{key}_{values.word(rng, 'noun')}"
        elif shape < 0.25:
            key = f"{rng.choice(('the', 'my', 'final', 'short', 'page'))}{key.capitalize()}"
        if key not in taken:
            taken.add(key)
            return key


def fields(rng: Random, refuse: str) -> list[Field]:
    """The fields of one invented house format."""
    taken: set[str] = set()
    said = rng.random() < 0.4
    drawn = [
        Field(
            _key(rng, "keys", taken), {"type": "string"},
            rng.choice(wordings("said_meanings" if said else "value_meanings")),
            lambda o: refuse if o.value is None else (o.sentence if said else o.value),
        )
    ]  # fmt: skip
    if rng.random() < 0.75:
        drawn.append(
            Field(
                _key(rng, "id_keys", taken), {"type": "array", "items": {"type": "string"}},
                rng.choice(wordings("ids_meanings")), lambda o: list(o.ids),
            )
        )  # fmt: skip
    sort = rng.random()
    if sort < 0.55:
        good, bad = rng.choice(wordings("flags")).split("|")
        if rng.random() < 0.4:
            good, bad = rng.sample(values.lexicon()["adj"], 2)
        meaning = rng.choice(FLAGS).replace("{good}", good).replace("{bad}", bad)
        drawn.append(
            Field(
                _key(rng, "flag_keys", taken), {"type": "string", "enum": [good, bad]}, meaning,
                lambda o: bad if o.value is None else good,
            )
        )  # fmt: skip
    elif sort < 0.75:
        drawn.append(
            Field(
                _key(rng, "flag_keys", taken), {"type": "boolean"}, rng.choice(SWITCHES),
                lambda o: o.value is not None,
            )
        )  # fmt: skip
    rng.shuffle(drawn)
    return drawn


def schema_object(rng: Random) -> Instruction:
    """A JSON object told by a printed schema, by one line a key, or by sentences as a team would write them."""
    refuse = instructions.refusal(rng)
    own = fields(rng, refuse)
    schema = {
        "type": "object", "properties": {f.key: f.schema for f in own}, "required": [f.key for f in own],
        "additionalProperties": False,
    }  # fmt: skip
    empty = json.dumps({f.key: f.fill(Outcome(None)) for f in own}, ensure_ascii=False)
    keys = ", ".join(f'"{f.key}"' for f in own)
    lines = "\n".join(f'- "{f.key}": {f.meaning}' for f in own)
    told = rng.choice(TOLD)
    sentences = " ".join(told.replace("{k}", f.key).replace("{m}", f.meaning) for f in own)
    layout = rng.choice(
        (
            f"Reply with JSON that is valid under this schema:\n{json.dumps(schema)}\n{lines}",
            f"Answer format (JSON Schema): {json.dumps(schema)}",
            f"Reply with one JSON object and nothing else. It has exactly these keys: {keys}.\n{sentences}",
            f"Output a single JSON object with these keys:\n{lines}",
            f"The answer is an object in JSON, with {len(own)} keys and no others. {sentences}",
            f"Your reply is machine read: one line of JSON with {keys}. {sentences} {rng.choice(CLOSED)}",
        )
    )
    otherwise = rng.choice(
        (
            f"If the passages do not say, reply {empty}",
            f"If the passages do not say: {empty}",
            f"Without an answer in the passages the object is {empty}",
            "If the passages do not say, " + " and ".join(_said(f) for f in own) + ".",
        )
    )
    role = [rng.choice(wordings("roles")).replace("{o}", values.org_name(rng))] if rng.random() < 0.6 else []
    system = rng.choice(("\n", " ")).join([*role, rng.choice(wordings("grounds")), layout, otherwise])
    return Instruction("schema", system, lambda o: json.dumps({f.key: f.fill(o) for f in own}, ensure_ascii=False))


def _said(field: Field) -> str:
    return f'"{field.key}" is {json.dumps(field.fill(Outcome(None)), ensure_ascii=False)}'


def labelled(rng: Random) -> Instruction:
    """Two lines with labels that the message names."""
    refuse = instructions.refusal(rng)
    one, two = rng.choice((("Answer", "Source"), ("Reply", "Passage"), ("Result", "From"), ("A", "Ref")))
    system = (
        f"{rng.choice(wordings('grounds'))} Write two lines: '{one}: ' with the answer and '{two}: ' with the id of "
        f"the passage. If the passages do not say, write '{one}: {refuse}' and '{two}: none'."
    )
    return Instruction(
        "labelled", system,
        lambda o: f"{one}: {o.value or refuse}\n{two}: {', '.join(o.ids) or 'none'}",
    )  # fmt: skip


CHOICE = (
    (few_words, 25), (instructions.value, 6), (instructions.sentence, 22), (instructions.bare, 2),
    (instructions.cited, 12), (instructions.json_object, 8), (schema_object, 21), (instructions.bullet, 1),
    (instructions.framed, 1), (labelled, 2),
)  # fmt: skip


def draw(rng: Random) -> Instruction:
    """An instruction by the shares of CHOICE."""
    return rng.choices([f for f, _ in CHOICE], [w for _, w in CHOICE])[0](rng)
