"""Instructions: system messages composed of parts, and the answers that follow them.

An `Instruction` pairs a system message with a function from an `Outcome` (value, sentence, page ids, or none of them) to the
assistant's text. Example: "Answer with the value only. If the passages do not say, answer: unknown" and `18 months`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from harness.generation.pocket.recipe import values
from harness.generation.pocket.recipe.worlds import capital

DEFAULT_REFUSAL = "The passages do not say."


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


ROLES = (
    "You are a helpful assistant.",
    "You answer questions.",
    "You are the assistant of {o}.",
    "You help the staff of {o}.",
    "You work at the help desk of {o}.",
    "You are a careful reader.",
    "You answer for {o}.",
    "You are a clerk at {o}.",
    "You are an assistant for questions and answers.",
    "You support customers of {o}.",
    "You look things up for people.",
    "Act as the guide of {o}.",
    "You are {o}'s assistant.",
    "You are a reading assistant.",
    "You reply to questions from colleagues.",
)
GROUNDS = (
    "Use only the passages.",
    "Answer from the passages.",
    "Answer only from the passages given.",
    "Rely on the passages alone.",
    "Read the passages and answer the question.",
    "Base your answer on the passages.",
    "Everything you say must come from the passages.",
    "Use the passages and nothing else.",
    "Look for the answer in the passages.",
    "Do not use outside knowledge.",
    "Stick to the text you are given.",
    "Answer the question using the context.",
    "The passages are your only source.",
    "Do not guess.",
    "Never make anything up.",
    "Use the information provided.",
)
NEWEST = (
    "If two passages disagree, use the newer one.",
    "Prefer the latest version.",
    "The most recent update counts.",
    "When versions differ, the newest is right.",
)
SENTENCE = (
    "Answer in one sentence.",
    "Reply with a full sentence.",
    "Write one short sentence.",
    "Answer in a complete sentence.",
    "Use a whole sentence.",
    "Be brief and friendly.",
    "Answer briefly.",
    "Give a short answer in prose.",
    "Keep to one sentence.",
)
VALUE = (
    "Answer with the value only.",
    "Give only the value, no sentence.",
    "Reply with the answer alone.",
    "Use as few words as possible.",
    "Only the answer, nothing else.",
    "No full sentences: just the answer.",
    "Give the exact words from the text.",
    "Reply with the shortest answer.",
    "Output nothing but the answer.",
)
CITED = (
    "After the sentence, give the source id like [S1].",
    "End with the id of the passage in square brackets.",
    "Cite the passage, for example [S3].",
    "Name the source as [S2] at the end.",
    "Give the passage id after the answer, such as [S1].",
    "Add the id of the passage you used in brackets.",
    "Always cite your source in square brackets.",
    "Put the source id in brackets at the end.",
)
BULLET = (
    "Answer as a bullet point.",
    "Use a bullet list.",
    'Write the answer as a list item starting with "- ".',
    "Reply in bullet points.",
    "Format: a list with dashes.",
)
REFUSE = (
    "If the passages do not say, answer: {r}",
    "If the answer is not in the passages, say: {r}",
    'When you cannot find it, reply "{r}"',
    "Not in the text? Then answer: {r}",
    "If nothing is found, write: {r}",
    "If there is no answer in the passages, reply with: {r}",
    'Answer "{r}" when the passages do not contain the answer.',
    "Unanswerable questions get the reply: {r}",
    "If you do not know, say: {r}",
)
REFUSALS = (
    "I don't know.",
    "The passages do not say.",
    "I cannot find that in the passages.",
    "No information.",
    "unknown",
    "not found",
    "That is not stated.",
    "I am not sure; please ask a colleague.",
    "Sorry, I cannot answer that.",
    "No answer in the documents.",
    "n/a",
    "The text does not say.",
    "I could not find this.",
    "Unknown.",
    "No answer.",
    "I have no information about that.",
    "Not mentioned.",
    "Sorry, that is not covered here.",
    "This is not in my sources.",
    "Please contact {t}.",
    "I don't have that information.",
    "not stated",
    "none",
    "Nothing was found.",
    "Sorry, I do not know that. Please ask {t}.",
    "NO ANSWER",
    "The documents are silent on this.",
    "I can't tell from the passages.",
)
KEYS = (
    "reply",
    "result",
    "value",
    "text",
    "response",
    "content",
    "message",
    "finding",
    "data",
    "output",
    "solution",
    "body",
    "answer",
    "info",
    "detail",
    "summary",
    "line",
    "statement",
)
ID_KEYS = (
    "source",
    "sources",
    "ids",
    "refs",
    "ref",
    "evidence",
    "passages",
    "from",
    "origin",
    "based_on",
    "proof",
    "links",
    "documents",
    "support",
    "basis",
    "used",
)
FLAG_KEYS = (
    "found",
    "known",
    "state",
    "outcome",
    "verdict",
    "answered",
    "flag",
    "kind",
    "ok",
    "type",
    "code",
    "level",
    "status",
    "confidence",
)
TOPIC_KEYS = ("topic", "about", "subject", "entity", "item", "name", "title")
CONST_KEYS = ("version", "lang", "agent", "desk", "unit", "format", "channel")
FLAGS = (
    ("found", "missing"),
    ("yes", "no"),
    ("ok", "unknown"),
    ("known", "unknown"),
    ("answered", "open"),
    ("complete", "empty"),
    ("full", "none"),
    ("high", "low"),
    ("done", "failed"),
    ("success", "not_found"),
    ("A", "B"),
    ("resolved", "unresolved"),
    ("answered", "refused"),
    ("ok", "no_answer"),
)


def refusal(rng: Random) -> str:
    """A refusal sentence."""
    return rng.choice(REFUSALS).replace("{t}", values.word(rng, "team"))


def _compose(rng: Random, form: str, refuse: str | None, newest: bool = False) -> str:
    parts = [rng.choice(GROUNDS)] if rng.random() < 0.8 else []
    parts += [form] if form else []
    if refuse is not None:
        parts.append(rng.choice(REFUSE).replace("{r}", refuse))
    if newest:
        parts.append(rng.choice(NEWEST))
    rng.shuffle(parts)
    role = [rng.choice(ROLES).replace("{o}", values.org_name(rng))] if rng.random() < 0.45 else []
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
    form = rng.choice(SENTENCE) if rng.random() < 0.7 else ""
    return Instruction("sentence", _compose(rng, form, named), lambda o: words if o.value is None else o.sentence)


def bare(rng: Random) -> Instruction:
    """No system message at all: a sentence."""
    return Instruction("bare", "", lambda o: DEFAULT_REFUSAL if o.value is None else o.sentence)


def value(rng: Random) -> Instruction:
    """The value alone."""
    named, words = _stated(rng)
    return Instruction(
        "value", _compose(rng, rng.choice(VALUE), named), lambda o: words if o.value is None else o.value
    )


def cited(rng: Random) -> Instruction:
    """A sentence or value, then the ids in brackets."""
    named, words = _stated(rng)
    short = rng.random() < 0.35
    form = (rng.choice(VALUE) + " " if short else rng.choice((rng.choice(SENTENCE) + " ", ""))) + rng.choice(CITED)

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
        _compose(rng, rng.choice(BULLET), named),
        lambda o: words if o.value is None else f"- {capital(o.value)}",
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

    return Instruction("framed", _compose(rng, form + (" " + rng.choice(VALUE) if short else ""), named), render)


@dataclass(frozen=True)
class _Field:
    key: str
    meaning: str
    example: object
    fill: Callable[[Outcome], object]


def _fields(rng: Random, empty: object, refuse: str) -> list[_Field]:
    said = rng.random() < 0.35
    fields = [
        _Field(
            rng.choice(KEYS),
            rng.choice(("the answer as a sentence", "a full sentence", "one sentence that answers"))
            if said
            else rng.choice(("the answer", "the value", "the answer alone", "a short answer", "your answer")),
            "...",
            lambda o: empty if o.value is None else (o.sentence if said else o.value),
        )
    ]
    if rng.random() < 0.6:
        if rng.random() < 0.7:
            fields.append(
                _Field(
                    rng.choice(ID_KEYS),
                    rng.choice(
                        ("the ids of the passages used", "list of source ids", "list of passage ids", "the sources")
                    ),
                    ["S1"],
                    lambda o: list(o.ids),
                )
            )
        else:
            fields.append(
                _Field(
                    rng.choice(ID_KEYS),
                    rng.choice(("the id of the passage", "the source id", "where it stands")),
                    "S1",
                    lambda o: o.ids[0] if o.ids else None,
                )
            )
    if rng.random() < 0.5:
        good, bad = rng.choice(FLAGS)
        fields.append(
            _Field(
                rng.choice(FLAG_KEYS),
                rng.choice((f'"{good}" or "{bad}"', f'"{good}" if the passages answer, else "{bad}"')),
                good,
                lambda o: bad if o.value is None else good,
            )
        )
    elif rng.random() < 0.3:
        fields.append(_Field(rng.choice(FLAG_KEYS), "true or false", True, lambda o: o.value is not None))
    if rng.random() < 0.15:
        fixed = rng.choice((values.invented(rng), values.word(rng, "noun"), values.draw(rng, "version")))
        fields.append(_Field(rng.choice(CONST_KEYS), f'always "{fixed}"', fixed, lambda o: fixed))
    rng.shuffle(fields)
    return fields


def json_object(rng: Random) -> Instruction:
    """A JSON object whose keys the message names."""
    words = refusal(rng)
    empty: object = rng.choice((None, "", words, words))
    fields = _fields(rng, empty, words)
    style = rng.random()
    if style < 0.35:
        form = (
            rng.choice(
                (
                    "Reply with a JSON object with the keys ",
                    "Answer in JSON with keys ",
                    "Return one JSON object: ",
                    "Output JSON only, keys: ",
                )
            )
            + ", ".join(f'"{f.key}" ({f.meaning})' for f in fields)
            + "."
        )
    elif style < 0.7:
        form = (
            rng.choice(("Reply in this JSON format: ", "Return JSON like ", "Use exactly this layout: ", "Output: "))
            + "{"
            + ", ".join(
                f'"{f.key}": {json.dumps(f.example) if not isinstance(f.example, str) else json.dumps("<" + f.meaning.replace(chr(34), "") + ">")}'
                for f in fields
            )
            + "}"
        )
    else:
        form = (
            rng.choice(("Answer with a JSON object.", "Write valid JSON.", "The answer is a JSON object."))
            + " "
            + " ".join(f"{f.key}: {f.meaning}." for f in fields)
        )
    shown = json.dumps(empty)
    main = next(f.key for f in fields if f.key in KEYS)
    if rng.random() < 0.85:
        form += rng.choice(
            (
                f' If the passages do not say, "{main}" is {shown}.',
                f' Without an answer, put {shown} in "{main}".',
                f' Not in the passages: "{main}": {shown}.',
            )
        )
    else:
        fields = [
            f
            if f.key != main
            else _Field(f.key, f.meaning, f.example, lambda o, keep=f.fill: None if o.value is None else keep(o))
            for f in fields
        ]  # type: ignore[misc]
    return Instruction(
        "json", _compose(rng, form, None), lambda o: json.dumps({f.key: f.fill(o) for f in fields}, ensure_ascii=False)
    )


CHOICE = ((sentence, 24), (bare, 5), (value, 18), (cited, 18), (json_object, 18), (bullet, 4), (framed, 4))


def draw(rng: Random) -> Instruction:
    """An instruction by the shares of CHOICE."""
    return rng.choices([f for f, _ in CHOICE], [w for _, w in CHOICE])[0](rng)
