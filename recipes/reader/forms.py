"""Forms: system messages and the answers that follow them, beyond those of `recipes.pocket.instructions`.

A pipeline's tune should only have to choose among what the reader can do, so every form is told by the system message
alone and its names are drawn: JSON (`fields.py`) by a printed schema, by a list of lines, by sentences; a few words;
labelled lines.
"""

from __future__ import annotations

import json
from random import Random

from recipes.pocket import instructions, values
from recipes.pocket.instructions import Instruction, Outcome, wordings
from recipes.reader import fields

FEW = (
    "Answer in a few words.", "Answer in as few words as the passages allow.", "Give a short answer.",
    "Reply with the shortest answer that is complete.", "Answer with a word or a short phrase.",
    "Keep it to a few words.", "Short answers only.", "Answer briefly, without a sentence around it.",
)  # fmt: skip
SCHEMAS = (
    "Your reply is JSON under this schema, with nothing around it:",
    "Write one object that this JSON Schema accepts:",
    "A program reads your answer. It accepts only what is valid under:",
    "Respond with a JSON instance of the following schema (not with the schema itself):",
)
TOLD = (
    '"{k}" is {m}.', '"{k}": {m}.', '"{k}" means {m}.', '"{k}" holds {m}.', 'Put into "{k}" {m}.',
    'The key "{k}" stands for {m}.', "{k}: {m}.",
)  # fmt: skip
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


def schema_object(rng: Random) -> Instruction:
    """A JSON object told by a printed schema, by one line a key, or by sentences as a team would write them."""
    refuse = instructions.refusal(rng)
    own = fields.drawn(rng, refuse)
    empty = json.dumps({f.key: f.fill(Outcome(None)) for f in own}, ensure_ascii=False)
    keys = ", ".join(f'"{f.key}"' for f in own)
    indent = 2 if rng.random() < 0.15 else None
    schema = json.dumps(fields.schema_of(own), indent=indent, ensure_ascii=False)
    described = json.dumps(fields.schema_of(own, told=True), indent=indent, ensure_ascii=False)
    lines = "\n".join(f'- "{f.key}": {f.meaning}' for f in own)
    told = rng.choice(TOLD)
    sentences = " ".join(told.replace("{k}", f.key).replace("{m}", f.meaning) for f in own)
    layout = rng.choice(
        (
            f"Reply with JSON that is valid under this schema:\n{schema}\n{lines}",
            f"Answer format (JSON Schema): {described}",
            f"{rng.choice(SCHEMAS)}\n{described}",
            f"Reply with one JSON object and nothing else. It has exactly these keys: {keys}.\n{sentences}",
            f"Output a single JSON object with these keys:\n{lines}",
            f"Give one JSON object that has the keys {keys}, in this order. {sentences}",
            f"Write a JSON object and no other text. {sentences} {rng.choice(CLOSED)}",
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


def _said(field: fields.Field) -> str:
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
    (instructions.cited, 12), (instructions.json_object, 3), (schema_object, 26), (instructions.bullet, 1),
    (instructions.framed, 1), (labelled, 2),
)  # fmt: skip


def draw(rng: Random) -> Instruction:
    """An instruction by the shares of CHOICE."""
    return rng.choices([f for f, _ in CHOICE], [w for _, w in CHOICE])[0](rng)
