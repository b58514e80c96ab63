"""Scenes: who did what, where, when, why and how, in free sentences, and questions for one of these parts.

One scene: `Scene("action", {"agent": "the baker", "object": "the old kettle", "place": "behind the church"}, ...)`,
told as "The baker repaired the old kettle behind the church" and asked for as "Who fixed the old kettle?". Facts of
`worlds.py` are attributes of entities; these are sentences like those of minutes, notices and stories.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from recipes.pocket import values

TENSES = ("past", "past", "past", "habit", "must", "will", "passive", "passive")
PARTS = ("place", "time", "reason", "tool")
MODALS = {"must": ("must", "must", "should", "can", "may"), "will": ("will", "will", "is going to")}


@dataclass(frozen=True)
class Verb:
    """A verb's forms, and verbs that mean the same in a question."""

    base: str
    past: str
    participle: str
    others: tuple[Verb, ...] = ()


@dataclass(frozen=True)
class Scene:
    """The parts of a sentence by name; `verb`, `tense` and `modal` for actions only."""

    sort: str  # action, count, condition, definition
    parts: dict[str, str]
    verb: Verb | None = None
    tense: str = "past"
    modal: str = ""
    plural: bool = False  # the agent is more than one


@cache
def tables() -> dict[str, list[str]]:
    """The word tables of `scenes.json`."""
    words: dict[str, list[str]] = json.loads((values.HERE / "scenes.json").read_text(encoding="utf-8"))
    return words


@cache
def verbs() -> tuple[Verb, ...]:
    """The verbs of `scenes.json`: `base|past|participle|synonyms`, regular forms left out."""
    rows = []
    for line in tables()["verbs"]:
        base, past, participle, others = line.split("|")
        same = tuple(_verb(o, "", "") for o in others.split(",") if o)
        rows.append(replace(_verb(base, past, participle), others=same))
    return tuple(rows)


@cache
def irregular() -> dict[str, tuple[str, str]]:
    """Past and participle of synonyms whose forms no rule gives."""
    rows = (line.split("|") for line in tables()["irregular"])
    return {base: (past, participle) for base, past, participle in rows}


def _verb(base: str, past: str, participle: str) -> Verb:
    if not past and base in irregular():
        past, participle = irregular()[base]
    if not past:
        ends = base.endswith("y") and base[-2] not in "aeiou"
        past = base + "d" if base.endswith("e") else base[:-1] + "ied" if ends else base + "ed"
    return Verb(base, past, participle or past)


def third(base: str) -> str:
    """The form after he, she or it."""
    head, _, rest = base.partition(" ")
    if head.endswith(("s", "x", "ch", "sh")):
        head += "es"
    elif head.endswith("y") and head[-2] not in "aeiou":
        head = head[:-1] + "ies"
    else:
        head += "s"
    return f"{head} {rest}".strip()


def fill(rng: Random, form: str) -> str:
    """A form of the tables with its slots drawn."""
    draws: dict[str, Callable[[], str]] = {
        "{o}": lambda: thing(rng, 0.25),
        "{A}": lambda: agent(rng)[0],
        "{bad}": lambda: rng.choice(tables()["bad"]),
        "{cause}": lambda: rng.choice(tables()["causes"]),
        "{adj}": lambda: rng.choice(tables()["adj"]),
        "{city}": lambda: values.word(rng, "city"),
        "{inv}": lambda: values.invented(rng),
        "{weekday}": lambda: rng.choice(values.WEEKDAYS),
        "{month}": lambda: rng.choice(values.MONTHS),
        "{date}": lambda: values.date(rng),
        "{year}": lambda: str(rng.randint(1820, 2031)),
        "{clock}": lambda: values.draw(rng, "time"),
        "{code}": lambda: values.code(rng),
        "{place}": lambda: fill(rng, rng.choice(tables()["places"])),
        "{d}": lambda: str(rng.randint(2, 400)),
        "{n}": lambda: str(rng.randint(2, 60)) if rng.random() < 0.6 else rng.choice(values.NUMBER_WORDS),
    }
    for slot, drawn in draws.items():
        if slot in form:
            form = form.replace(slot, drawn())
    return re.sub(r"\ba (?=[aeio])", "an ", form)


def thing(rng: Random, adjective: float = 0.5) -> str:
    """A noun phrase without article."""
    noun = rng.choice(tables()["objects"]) if rng.random() < 0.75 else values.word(rng, "noun")
    return f"{rng.choice(tables()['adj'])} {noun}" if rng.random() < adjective else noun


def several(rng: Random, noun: str) -> str:
    """A number and a plural."""
    plural = (
        noun[:-1] + "ies"
        if noun.endswith("y") and noun[-2] not in "aeiou"
        else noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")
    )
    return f"{rng.choice(values.NUMBER_WORDS) if rng.random() < 0.4 else rng.randint(2, 600)} {plural}"


def agent(rng: Random) -> tuple[str, bool]:
    """Who acts, and whether they are several."""
    drawn = rng.random()
    if drawn < 0.35:
        return values.person(rng), False
    if drawn < 0.7:
        return rng.choice(tables()["agents"]), False
    if drawn < 0.88:
        return rng.choice(tables()["plural_agents"]), True
    return values.word(rng, "team") if drawn < 0.95 else values.org_name(rng), False


def new_scene(rng: Random) -> Scene:
    """A scene drawn at random."""
    sort = rng.choices(("action", "count", "condition", "definition"), (70, 10, 14, 6))[0]
    if sort == "count":
        count, noun = several(rng, thing(rng, 0.3)).split(" ", 1)
        return Scene(sort, {"count": count, "object": noun, "place": fill(rng, rng.choice(tables()["places"]))})
    if sort == "condition":
        return Scene(
            sort,
            {
                "condition": fill(rng, rng.choice(tables()["conditions"])),
                "advice": fill(rng, rng.choice(tables()["advice"])),
            },
        )
    if sort == "definition":
        use = f"{rng.choice(tables()['uses'])} {thing(rng, 0.2)}s"
        return Scene(
            sort, {"name": values.invented(rng).lower(), "meaning": f"{values.with_article(thing(rng))} for {use}"}
        )
    who, plural = agent(rng)
    what = rng.choice(
        (f"the {thing(rng)}", f"the {thing(rng)}", values.with_article(thing(rng)), several(rng, thing(rng, 0.2)))
    )
    parts = {"agent": who, "object": what}
    tense = rng.choice(TENSES)
    for name in rng.sample(PARTS, rng.choices((0, 1, 2, 3), (5, 45, 40, 10))[0]):
        parts[name] = fill(rng, rng.choice(tables()[name + "s"]))
    modal = rng.choice(MODALS[tense]) if tense in MODALS else ""
    return Scene("action", parts, rng.choice(verbs()), tense, modal, plural)


def _finite(scene: Scene, verb: Verb) -> str:
    """The verb as it stands after its subject."""
    if scene.tense == "past":
        return verb.past
    if scene.tense == "habit":
        return verb.base if scene.plural else third(verb.base)
    if scene.modal == "is going to" and scene.plural:
        return f"are going to {verb.base}"
    return f"{scene.modal} {verb.base}"


def tell(rng: Random, scene: Scene) -> str:
    """The sentence, with a capital and a full stop."""
    p = scene.parts
    if scene.sort == "count":
        return _cap(
            rng.choice(
                (
                    f"there are {p['count']} {p['object']} {p['place']}",
                    f"{p['place']} there are {p['count']} {p['object']}",
                    f"we counted {p['count']} {p['object']} {p['place']}",
                    f"{p['count']} {p['object']} stand {p['place']}",
                )
            )
        )
    if scene.sort == "condition":
        c, a = p["condition"], p["advice"]
        return _cap(
            rng.choice(
                (
                    f"if {c}, {a}",
                    f"if {c}, please {a}",
                    f"when {c}, {a}",
                    f"should it happen that {c}, {a}",
                    f"{a} if {c}",
                    f"in case {c}, you should {a}",
                )
            )
        )
    if scene.sort == "definition":
        return _cap(
            rng.choice(
                (
                    "a {name} is {meaning}",
                    "{meaning} is called a {name}",
                    "by a {name} we mean {meaning}",
                    "the word {name} stands for {meaning}",
                )
            ).format(**p)
        )
    assert scene.verb is not None
    rest = [p[name] for name in PARTS if name in p]
    rng.shuffle(rest)
    front = rest.pop() + ", " if rest and rng.random() < 0.25 else ""
    if scene.tense == "passive":
        be = "were" if p["object"][0].isdigit() or p["object"].split()[0] in values.NUMBER_WORDS else "was"
        core = f"{p['object']} {be} {scene.verb.participle} by {p['agent']}"
    else:
        core = f"{p['agent']} {_finite(scene, scene.verb)} {p['object']}"
    return _cap(" ".join([front + core, *rest]))


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def _cap(text: str) -> str:
    return capital(text) + "."


def question(rng: Random, scene: Scene, part: str) -> str:
    """A question for one part; other parts may be left out, the verb may be another of the same meaning."""
    p = scene.parts
    if scene.sort == "count":
        return rng.choice(
            (
                f"How many {p['object']} are there {p['place']}?",
                f"What number of {p['object']} is {p['place']}?",
                f"How many {p['object']} are {p['place']}?",
            )
        )
    if scene.sort == "condition":
        c = p["condition"]
        return rng.choice(
            (
                f"What should you do if {c}?",
                f"What should I do when {c}?",
                f"What happens if {c}?",
                f"What is to be done if {c}?",
                f"{c[0].upper() + c[1:]}: what now?",
            )
        )
    if scene.sort == "definition":
        return (
            rng.choice((f"What is a {p['name']}?", f"What does {p['name']} mean?", f"What is meant by a {p['name']}?"))
            if part == "meaning"
            else f"What do you call {p['meaning']}?"
        )
    assert scene.verb is not None
    verb = rng.choice(scene.verb.others) if scene.verb.others and rng.random() < 0.4 else scene.verb
    kept = " ".join(p[name] for name in PARTS if name in p and name != part and rng.random() < 0.35)
    text = _ask(rng, scene, verb, part, "it" if part == "object" else p["object"])
    return f"{text}{' ' + kept if kept else ''}?"


WORDS = {
    "place": ("Where", "Where", "At which place"),
    "time": ("When", "When", "At what time"),
    "reason": ("Why", "Why", "For what reason"),
    "tool": ("How", "How", "By what means"),
    "object": ("What", "What", "Which thing"),
}  # fmt: skip


def _ask(rng: Random, scene: Scene, verb: Verb, part: str, what: str) -> str:
    who = scene.parts["agent"]
    passive = scene.tense == "passive"
    modal, base = ("is", f"going to {verb.base}") if scene.modal == "is going to" else (scene.modal, verb.base)
    if part == "agent":
        form = verb.past if scene.tense in ("past", "passive") else _finite(replace(scene, plural=False), verb)
        if passive and rng.random() < 0.4:
            return (
                f"Who was {what} {verb.participle} by"
                if rng.random() < 0.5
                else f"By whom was {what} {verb.participle}"
            )
        return f"Who {form} {what}"
    word = rng.choice(WORDS[part])
    if part == "object":
        if passive and rng.random() < 0.5:
            return f"{word} was {verb.participle} by {who}"
        return f"{word} {_helper(scene, modal)} {who} {base}"
    if passive or rng.random() < 0.2:
        if scene.tense in MODALS:
            return f"{word} {modal if modal != 'is' else 'will'} {what} be {verb.participle}"
        return f"{word} {'is' if scene.tense == 'habit' else 'was'} {what} {verb.participle}"
    return f"{word} {_helper(scene, modal)} {who} {base} {what}"


def _helper(scene: Scene, modal: str) -> str:
    """The verb that a question puts before its subject."""
    if scene.tense == "habit":
        return "do" if scene.plural else "does"
    return modal if scene.tense in MODALS else "did"


def askable(scene: Scene) -> tuple[str, ...]:
    """The parts a question may ask for."""
    return {"count": ("count",), "condition": ("advice",), "definition": ("meaning", "name")}.get(
        scene.sort, tuple(scene.parts)
    )


def rivals(rng: Random, scene: Scene) -> Scene:
    """A scene that shares words with another: its agent, its object, its verb or its parts."""
    other = new_scene(rng)
    if scene.sort != "action" or other.sort != "action":
        return other
    shared = rng.choice(("object", "agent", "verb", "place", "time"))
    if shared == "verb":
        return replace(other, verb=scene.verb)
    if shared == "agent":
        return replace(other, parts={**other.parts, "agent": scene.parts["agent"]}, plural=scene.plural)
    return replace(other, parts={**other.parts, shared: scene.parts[shared]}) if shared in scene.parts else other
