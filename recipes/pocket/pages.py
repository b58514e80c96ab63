"""Pages: facts laid out as prose, headed sections, lists, tables, questions and answers, notices or changelogs.

One page: `Page(title="Kroalmesh 400", text="The Kroalmesh 400 comes with ...", facts=(...), updated=None)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from recipes.pocket import scenes, values
from recipes.pocket.worlds import Fact, capital, noun_of, question, statement

JOINERS = ("and", "while", "and also,", "; moreover,", "; besides,")
OPENERS = (
    *[""] * 18,
    "At present, ",
    "Please note: ",
    "As a rule, ",
    "In short, ",
    "Since last year, ",
    "Remember that ",
    "Note that ",
    "By the way, ",
    "Today ",
    "This season, ",
    "For most people, ",
    "As agreed, ",
)
ASIDES = (
    "This page is kept short on purpose.",
    "Please read the whole page.",
    "Other details will follow.",
    "Nothing else has changed.",
    "We thank everyone for their patience.",
    "See also the notice on the board.",
    "The rest is up to the team.",
    "Further questions are welcome.",
    "This was agreed at the last meeting.",
    "More will be known next week.",
    "The weather was good that day.",
    "Do not rely on older copies.",
)
TITLES = (
    "{t}",
    "{t}",
    "{t}",
    "About {t}",
    "{t}: overview",
    "{t} - facts",
    "Notes on {t}",
    "{t} (guide)",
    "Information: {t}",
    "{t} at a glance",
    "Questions about {t}",
    "Page {d}: {t}",
)
CHAPTERS = (
    "Details",
    "Good to know",
    "Facts",
    "Rules",
    "What to know",
    "Summary",
    "Key data",
    "Background",
    "For users",
    "Practical notes",
)


# what stands before the text of a line: a list mark, a number, a step, a date or version, an answer's mark
MARK = re.compile(r"(?:[-*•|]|\d+\.|Step \d+:|[\d.-]+:|A:|Answer:) ")


@dataclass(frozen=True)
class Page:
    """A rendered passage with the facts it states."""

    title: str
    text: str
    facts: tuple[Fact, ...]


def sentence(clause: str) -> str:
    """The clause with a capital and a full stop."""
    return capital(clause) + ("" if clause.endswith((".", "!", "?")) else ".")


def clauses(text: str) -> Iterator[tuple[int, str]]:
    """(offset, sentence or line without its mark) of a page's text, in order."""
    offset = 0
    for line in text.splitlines(keepends=True):
        start = 0
        for end in [m.start() for m in re.finditer(r"(?<=[.!?]) (?=[A-Z])", line)] + [len(line.rstrip("\n"))]:
            if start == 0 and (mark := MARK.match(line)):
                start = mark.end()
            yield offset + start, line[start:end]
            start = end + 1
        offset += len(line)


def place(text: str, value: str) -> tuple[int, int] | None:
    """Where the first sentence or line with the value stands in a page's text: (start, end) in characters."""
    for offset, clause in clauses(text):
        if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", clause):
            return offset, offset + len(clause)
    return None


def said(page: Page, fact: Fact) -> str | None:
    """The page's own sentence or line with the value, word for word; None for a bare value."""
    for _, piece in clauses(page.text):
        clause = capital(piece.rstrip(" |"))
        if re.search(rf"(?<!\w){re.escape(fact.value)}(?!\w)", clause) and len(clause) > len(fact.value) + 3:
            return clause if clause.endswith((".", "!", "?")) else clause + "."
    return None


def prose(rng: Random, facts: tuple[Fact, ...]) -> str:
    """Running text; later sentences may call the entity `it`, and two facts may share a sentence."""
    parts: list[str] = []
    previous = None
    for fact in facts:
        clause = statement(rng, fact, _mention(rng, fact, previous))
        if parts and rng.random() < 0.15:
            parts[-1] = f"{parts[-1].rstrip('.')} {rng.choice(JOINERS)} {clause}.".replace(" ;", ";")
        else:
            opener = rng.choice(OPENERS)
            parts.append(opener + (clause if opener.endswith(" ") and opener else capital(clause)) + ".")
        previous = fact.entity.name
    if rng.random() < 0.3:
        aside = rng.choice(ASIDES) if rng.random() < 0.4 else scenes.tell(rng, scenes.new_scene(rng))
        parts.insert(rng.randint(0, len(parts)), aside)
    return " ".join(parts)


def _mention(rng: Random, fact: Fact, previous: str | None) -> str | None:
    """A pronoun or kind word when the entity was named just before, else None for its name."""
    if previous != fact.entity.name or rng.random() < 0.5:
        return None
    if fact.entity.kind == "person":
        return None
    if rng.random() < 0.6:
        return "it"
    return f"{rng.choice(('the', 'this'))} {rng.choice(values.lexicon()['kindword'][fact.entity.kind])}"


def bullets(rng: Random, facts: tuple[Fact, ...]) -> str:
    """A list with one fact a line."""
    mark = rng.choice(("- ", "* ", "• ", "1. "))
    lines = [
        statement(rng, fact) if not fact.attribute.nominal or rng.random() < 0.4 else _entry(rng, fact, facts)
        for fact in facts
    ]
    return "\n".join((f"{i}. " if mark == "1. " else mark) + capital(line) for i, line in enumerate(lines, 1))


def _entry(rng: Random, fact: Fact, facts: tuple[Fact, ...]) -> str:
    alone = len({f.entity.name for f in facts}) == 1
    noun = noun_of(rng, fact)
    separator = rng.choice((": ", ": ", " - ", " = "))
    return f"{noun}{separator}{fact.value}" if alone else f"{fact.entity.title}, {noun}{separator}{fact.value}"


def table(rng: Random, facts: tuple[Fact, ...]) -> str:
    """A small table of label and value, with bars or colons."""
    if any(not fact.attribute.nominal for fact in facts):
        return bullets(rng, facts)
    rows = [_entry(rng, fact, facts) for fact in facts]
    cells = [row.replace(": ", " | ", 1).replace(" - ", " | ", 1).replace(" = ", " | ", 1) for row in rows]
    style = rng.random()
    if style < 0.5:
        return "\n".join(f"| {capital(cell)} |" for cell in cells)
    return "\n".join(capital(cell) for cell in cells) if style < 0.75 else "\n".join(capital(row) for row in rows)


def faq(rng: Random, facts: tuple[Fact, ...]) -> str:
    """Questions with their answers."""
    marks = rng.choice((("Q: ", "A: "), ("", ""), ("Question: ", "Answer: "), ("## ", "")))
    pairs = []
    for fact in facts:
        reply = (
            sentence(statement(rng, fact, _mention(rng, fact, fact.entity.name)))
            if rng.random() < 0.6
            else sentence(fact.value)
        )
        pairs.append(f"{marks[0]}{question(rng, fact)}\n{marks[1]}{reply}")
    return "\n".join(pairs)


def headed(rng: Random, facts: tuple[Fact, ...]) -> str:
    """Two headed sections."""
    cut = rng.randint(1, max(1, len(facts) - 1))
    first, second = rng.sample(CHAPTERS, 2)
    style = rng.choice(("## {}", "{}:", "{}", "== {} =="))
    parts = [style.format(first), prose(rng, facts[:cut])]
    return "\n".join(parts + ([style.format(second), prose(rng, facts[cut:])] if facts[cut:] else []))


def notice(rng: Random, facts: tuple[Fact, ...]) -> str:
    """A message to readers, with greeting and signature."""
    greeting = rng.choice(
        ("Dear all,", "Notice:", "Hello everyone,", "To all staff:", "Announcement.", "Good morning,", "Reminder:")
    )
    close = rng.choice(
        ("Thank you.", f"Signed, {values.person(rng)}", "Kind regards", "", "The office", "Thanks for your help.")
    )
    return f"{greeting} {prose(rng, facts)} {close}".strip()


def changelog(rng: Random, facts: tuple[Fact, ...]) -> str:
    """Dated or numbered lines."""
    kind = rng.randrange(3)
    lines = []
    for fact in facts:
        stamp = (values.iso_date(rng), values.draw(rng, "version"), f"Step {rng.randint(1, 9)}")[kind]
        lines.append(f"{stamp}: {capital(statement(rng, fact))}")
    return "\n".join(lines)


LAYOUTS = ((prose, 10), (bullets, 3), (table, 2), (faq, 2), (headed, 2), (notice, 1), (changelog, 1))


def render(rng: Random, facts: tuple[Fact, ...], updated: str | None = None) -> Page:
    """A page about the facts, in a layout drawn at random; `updated` adds a date stamp."""
    layout = rng.choices([f for f, _ in LAYOUTS], [w for _, w in LAYOUTS])[0]
    title = rng.choice(TITLES).replace("{t}", facts[0].entity.title).replace("{d}", str(rng.randint(1, 40)))
    if rng.random() < 0.1:
        title = capital(values.phrase(rng))
    text = layout(rng, facts)
    if updated:
        text = f"Updated: {updated}\n{text}" if rng.random() < 0.6 else f"{text}\nLast change: {updated}"
    return Page(title, text, facts)
