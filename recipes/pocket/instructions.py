"""Instructions: system messages composed of parts, and the answers that follow them.

An `Instruction` pairs a system message with a function from an `Outcome` (value, sentence, page ids, or none of them)
to the assistant's text. Example: "Answer with the value only. If the passages do not say, answer: unknown" and
`18 months`. The wordings stand in wordings.json.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from recipes.pocket import values

DEFAULT_REFUSAL = "The passages do not say."


@cache
def wordings(name: str) -> list[str]:
    """A table of wordings.json."""
    tables: dict[str, list[str]] = json.loads((values.HERE / "wordings.json").read_text(encoding="utf-8"))
    return tables[name]


@dataclass(frozen=True)
class Outcome:
    """What there is to say: None as value means that the passages do not answer."""

    value: str | None
    sentence: str = ""
    ids: tuple[str, ...] = ()
    topic: str = ""


@dataclass(frozen=True)
class Instruction:
    """A system message ("" for none) and how answers under it are written."""

    name: str
    system: str
    render: Callable[[Outcome], str]


def refusal(rng: Random) -> str:
    """A refusal sentence."""
    form = rng.choice(wordings("refusals"))
    slots = {"{t}": values.word(rng, "team"), "{d}": rng.choice(wordings("documents")), "{x}": values.invented(rng)}
    for slot, drawn in {**slots, "{c}": values.code(rng)}.items():
        form = form.replace(slot, drawn)
    return form


def _compose(rng: Random, form: str, refuse: str | None, newest: bool = False) -> str:
    parts = [rng.choice(wordings("grounds"))] if rng.random() < 0.8 else []
    parts += [form] if form else []
    if refuse is not None:
        parts.append(rng.choice(wordings("refuse")).replace("{r}", refuse))
    if newest:
        parts.append(rng.choice(wordings("newest")))
    rng.shuffle(parts)
    role = [rng.choice(wordings("roles")).replace("{o}", values.org_name(rng))] if rng.random() < 0.45 else []
    return rng.choice((" ", " ", " ", "\n")).join(role + parts)


def _stated(rng: Random) -> tuple[str | None, str]:
    """(refusal as named in the message or None, the refusal to write)."""
    if rng.random() < 0.75:
        words = refusal(rng)
        return words, words
    return None, DEFAULT_REFUSAL


def sentence(rng: Random) -> Instruction:
    """One sentence."""
    named, words = _stated(rng)
    form = rng.choice(wordings("sentence")) if rng.random() < 0.7 else ""
    return Instruction("sentence", _compose(rng, form, named), lambda o: words if o.value is None else o.sentence)


def bare(rng: Random) -> Instruction:
    """No system message at all: a sentence."""
    return Instruction("bare", "", lambda o: DEFAULT_REFUSAL if o.value is None else o.sentence)


def value(rng: Random) -> Instruction:
    """The value alone."""
    named, words = _stated(rng)
    return Instruction(
        "value", _compose(rng, rng.choice(wordings("value")), named), lambda o: words if o.value is None else o.value
    )


def cited(rng: Random) -> Instruction:
    """A sentence or value, then the ids in brackets."""
    named, words = _stated(rng)
    short = rng.random() < 0.35
    form = (
        rng.choice(wordings("value")) + " " if short else rng.choice((rng.choice(wordings("sentence")) + " ", ""))
    ) + rng.choice(wordings("cited"))

    def render(o: Outcome) -> str:
        if o.value is None:
            return words
        return (o.value if short else o.sentence) + " " + " ".join(f"[{i}]" for i in o.ids)

    return Instruction("cited", _compose(rng, form, named), render)


def bullet(rng: Random) -> Instruction:
    """A list item."""
    named, words = _stated(rng)
    return Instruction(
        "bullet",
        _compose(rng, rng.choice(wordings("bullet")), named),
        lambda o: words if o.value is None else f"- {o.value}",
    )


def framed(rng: Random) -> Instruction:
    """An answer between fixed words named in the message."""
    named, words = _stated(rng)
    word = rng.choice(
        (values.invented(rng), values.word(rng, "noun"), "Result", "Answer", "Reply", "Dear reader", "Fact")
    )
    before = rng.random() < 0.6
    form = (
        rng.choice((f'Start every answer with "{word}:"', f"Begin with {word}:"))
        if before
        else rng.choice((f"End every answer with ({word})", f"Close with ({word})"))
    )
    short = rng.random() < 0.5

    def render(o: Outcome) -> str:
        body = words if o.value is None else (o.value if short else o.sentence)
        return f"{word}: {body}" if before else f"{body} ({word})"

    return Instruction(
        "framed", _compose(rng, form + (" " + rng.choice(wordings("value")) if short else ""), named), render
    )


@dataclass(frozen=True)
class _Field:
    key: str
    meaning: str
    example: object
    fill: Callable[[Outcome], object]


def _shown(field: _Field) -> object:
    """A field's value in a layout example: the meaning in angle brackets in place of a string."""
    return "<" + field.meaning.replace('"', "") + ">" if isinstance(field.example, str) else field.example


def _key(rng: Random, table: str, taken: set[str]) -> str:
    """A key of a table, or any word: keys are to be read from the message, not known by heart."""
    while True:
        word = values.word(rng, rng.choice(("noun", "adj", "topic", "colour")))
        key = (
            rng.choice(wordings(table)) if rng.random() < 0.4 else word if rng.random() < 0.8 else values.invented(rng)
        )
        key = key.lower().replace(" ", "_")
        if key not in taken:
            taken.add(key)
            return key


def _flag(rng: Random) -> tuple[str, str]:
    """What a flag says of an answer and of none."""
    if rng.random() < 0.5:
        good, bad = rng.choice(wordings("flags")).split("|")
        return good, bad
    good, bad = rng.sample(values.lexicon()["adj"], 2)
    return good, bad


def _fields(rng: Random, empty: object) -> tuple[str, list[_Field]]:
    """(the answer's key, the fields in the order of the message)."""
    taken: set[str] = set()
    decides: set[str] = set()
    said = rng.random() < 0.6
    main = _key(rng, "keys", taken)
    fields = [
        _Field(
            main,
            rng.choice(wordings("said_meanings" if said else "value_meanings")),
            "...",
            lambda o: empty if o.value is None else (o.sentence if said else o.value),
        )
    ]
    if rng.random() < 0.65:
        several, key = rng.random() < 0.75, _key(rng, "id_keys", taken)
        meaning = rng.choice(wordings("ids_meanings" if several else "id_meanings"))
        if several:
            fields.append(_Field(key, meaning, ["S1"], lambda o: list(o.ids)))
        else:
            fields.append(_Field(key, meaning, "S1", lambda o: o.ids[0] if o.ids else None))
    if rng.random() < 0.6:
        good, bad = _flag(rng)
        meaning = rng.choice(wordings("flag_meanings")).replace("{good}", good).replace("{bad}", bad)
        key = _key(rng, "flag_keys", taken)
        decides.add(key)
        fields.append(_Field(key, meaning, good, lambda o: bad if o.value is None else good))
    elif rng.random() < 0.3:
        key = _key(rng, "flag_keys", taken)
        decides.add(key)
        fields.append(_Field(key, "true or false", True, lambda o: o.value is not None))
    if rng.random() < 0.15:
        fixed = rng.choice((values.invented(rng), values.word(rng, "noun"), values.draw(rng, "version")))
        fields.append(_Field(_key(rng, "const_keys", taken), f'always "{fixed}"', fixed, lambda o: fixed))
    rng.shuffle(fields)
    if rng.random() < 0.4:  # what says whether there is an answer comes first, and decides
        fields.sort(key=lambda field: field.key not in decides)
    return main, fields


def _nulled(field: _Field) -> _Field:
    """The field with null where there is no answer."""
    return replace(field, fill=lambda o: None if o.value is None else field.fill(o))


def _layout(rng: Random, fields: list[_Field]) -> str:
    """What the message says of the object."""
    keys = ", ".join(f'"{field.key}"' for field in fields)
    listed = ", ".join(f'"{field.key}" ({field.meaning})' for field in fields)
    shown = "{" + ", ".join(f'"{field.key}": {json.dumps(_shown(field))}' for field in fields) + "}"
    said = " ".join(f"{field.key}: {field.meaning}." for field in fields)
    quoted = "; ".join(f'"{field.key}": {field.meaning}' for field in fields)
    is_ = " ".join(f'"{field.key}" is {field.meaning}.' for field in fields)
    form = rng.choice(wordings("json"))
    slots = {"{keys}": keys, "{listed}": listed, "{shown}": shown, "{said}": said, "{quoted}": quoted, "{is}": is_}
    for slot, text in slots.items():
        form = form.replace(slot, text)
    return form


def json_object(rng: Random) -> Instruction:
    """A JSON object whose keys the message names."""
    words = refusal(rng)
    empty: object = rng.choice((None, "", words, words))
    main, fields = _fields(rng, empty)
    form = _layout(rng, fields)
    shown, nothing = json.dumps(empty), Outcome(None)
    if rng.random() < 0.85:
        whole = json.dumps({field.key: field.fill(nothing) for field in fields}, ensure_ascii=False)
        form += rng.choice(
            (
                f' If the passages do not say, "{main}" is {shown}.',
                f' Without an answer, put {shown} in "{main}".',
                f' Not in the passages: "{main}": {shown}.',
                f" If the passages do not say: {whole}",
                f" Without an answer, reply {whole}",
            )
        )
    else:
        fields = [_nulled(field) if field.key == main else field for field in fields]
    return Instruction(
        "json", _compose(rng, form, None), lambda o: json.dumps({f.key: f.fill(o) for f in fields}, ensure_ascii=False)
    )


CHOICE = ((sentence, 22), (bare, 5), (value, 22), (cited, 16), (json_object, 27), (bullet, 4), (framed, 4))


def draw(rng: Random) -> Instruction:
    """An instruction by the shares of CHOICE."""
    return rng.choices([f for f, _ in CHOICE], [w for _, w in CHOICE])[0](rng)
