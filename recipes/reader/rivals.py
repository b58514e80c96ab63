"""Near misses: pages that speak of what is asked about and leave it open, and pages alike of which one answers.

`twins`: one page twice, each time without sentences that the other has: the same question is answered over one and
refused over the other. `rivals`: pages of one kind with values of their own, and questions that name which is meant; a
sentence that one of them leaves out stands on the others. `checks`: is this so? and two questions at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from recipes.pocket import topics
from recipes.pocket.building import World
from recipes.pocket.conversations import Ask, source_id
from recipes.pocket.instructions import Outcome
from recipes.pocket.pages import Page
from recipes.pocket.topics import SLOT, Line, Topic

NAMING = ("{q}", "{q}", "{t}: {q}", "About {t}: {q}", "{q} (see {t})", "In {t}, {l}", "For {t}: {l}")
CHECKS = ("Is it true that {s}?", "Is this right: {s}?", "Do the passages say that {s}?", "{S}, correct?")
CLOSE = 0.65  # share of the open questions of `near` that are about a sentence that stands on the page
EXTRA = 3  # questions of `near` that are checks, two at once, or follow from a line, at most
OPEN_OF_A_TWIN = 2  # questions that a twin leaves open, at most


@dataclass(frozen=True)
class Telling:
    """A page of a topic: the values of its slots, the lines that stand on it, and those that do not."""

    topic: Topic
    drawn: Mapping[str, str]
    told: tuple[int, ...]
    page: Page

    def fill(self, text: str) -> str:
        """The text with this page's values."""
        return topics.filled(text, dict(self.drawn))

    def states(self, text: str) -> bool:
        """Whether every value that a text would show stands on the page."""
        shown = f"{self.page.title} {self.page.text}".lower()
        return all(self.drawn[slot.group(1)].lower() in shown for slot in SLOT.finditer(text))


def telling(rng: Random, topic: Topic, told: Sequence[int], drawn: Mapping[str, str] | None = None) -> Telling:
    """A page with these lines."""
    own = drawn or topics.drawn_values(rng, topic)
    texts = [topics.filled(topic.lines[at].text, dict(own)) for at in told]
    page = Page(topics.filled(rng.choice(topic.titles), dict(own)), topics.laid_out(rng.random(), texts), ())
    return Telling(topic, own, tuple(told), page)


def asked_of(page: Telling, at: int, where: str) -> list[Ask]:
    """The questions that one line of a page answers."""
    line = page.topic.lines[at]
    text = page.fill(line.text)
    return [
        Ask(page.fill(question), Outcome(topics.as_spelt(text, page.fill(value)), text, (where,)), told=text)
        for question, value in line.asked
    ]


def derived_of(page: Telling, at: int, where: str) -> list[Ask]:
    """The questions whose answers follow from one line without standing in it: yes, no, a count, which of two."""
    drawn = []
    for question, value in page.topic.lines[at].derived:
        told = page.fill(value)
        if value[0].islower():
            told = told[0].lower() + told[1:]
        drawn.append(Ask(page.fill(question), Outcome(told, f"{told[0].upper()}{told[1:]}.", (where,))))
    return drawn


def open_of(page: Telling, line: Line, stands: bool) -> list[Ask]:
    """Questions that a page leaves open: those of a line left out, or those that a line on it does not answer."""
    texts = (*line.left_open,) if stands else tuple(question for question, _ in line.asked)
    return [Ask(page.fill(text), Outcome(None)) for text in texts if page.states(text)]


def twins(rng: Random, known: Sequence[Topic], count: int, questions: int) -> list[tuple[World, list[Ask]]]:
    """Two worlds alike but for a page, which each time lacks lines that its twin has; the same questions to both."""
    topic = rng.choice([one for one in known if len(one.lines) > 3])
    order = rng.sample(range(len(topic.lines)), len(topic.lines))
    share = 1 if len(order) < 6 or rng.random() < 0.5 else 2
    first, second, both = order[:share], order[share : 2 * share], order[2 * share :][: rng.randint(2, 5)]
    drawn, place = topics.drawn_values(rng, topic), rng.randrange(count)
    beside = [one for one in known if one != topic]
    others = [sheet.page for sheet in topics.build(rng, count - 1, beside)] if count > 1 else []
    pairs = []
    for own, other in ((first, second), (second, first)):
        page = telling(rng, topic, sorted((*own, *both)), drawn)
        where = source_id(place)
        asked = [ask for at in own for ask in asked_of(page, at, where)]
        missing = [ask for at in other for ask in open_of(page, topic.lines[at], stands=False)]
        filler = [ask for at in both for ask in asked_of(page, at, where)]
        missing += [ask for at in page.told for ask in open_of(page, topic.lines[at], stands=True)][:1]
        missing = rng.sample(missing, min(len(missing), rng.randint(1, OPEN_OF_A_TWIN)))
        rng.shuffle(filler)
        picked = [*asked, *missing, *filler[: max(0, questions - len(asked) - len(missing))]]
        rng.shuffle(picked)
        pairs.append((World((*others[:place], page.page, *others[place:]), (), ()), picked))
    return pairs


def rivals(rng: Random, known: Sequence[Topic], count: int, questions: int, left: float) -> tuple[World, list[Ask]]:
    """Pages of one topic with values of their own, and questions that say which is meant; a share left open."""
    topic = rng.choice([one for one in known if len(one.lines) > 2])
    pages: list[Telling] = []
    while len(pages) < count:
        size = rng.randint(2, min(len(topic.lines), max(2, 8 - count)))
        pages.append(telling(rng, topic, sorted(rng.sample(range(len(topic.lines)), size))))
    stranger = replace(pages[0], drawn=topics.drawn_values(rng, topic))
    answered: list[Ask] = []
    missing: list[Ask] = []
    for index, page in enumerate(pages):
        others = [other for other in (*pages, stranger) if other is not page]
        for at, line in enumerate(topic.lines):
            if at in page.told:
                answered += named(rng, page, others, asked_of(page, at, source_id(index)), line)
                missing += named(rng, page, others, open_of(page, line, stands=True), line)
            else:
                missing += named(rng, page, others, open_of(page, line, stands=False), line)
    missing += _of_a_stranger(stranger, pages)
    rng.shuffle(answered)
    rng.shuffle(missing)
    many = sum(rng.random() < left for _ in range(min(questions, len(answered))))
    drawn = [*missing[:many], *answered[: questions - many]]
    rng.shuffle(drawn)
    return World(tuple(page.page for page in pages), (), ()), drawn


def named(rng: Random, page: Telling, others: Sequence[Telling], asked: list[Ask], line: Line) -> list[Ask]:
    """The questions that name this page's own thing, by their words or by its title; those that cannot are left out."""
    templates = {page.fill(text): text for text in (*(q for q, _ in line.asked), *line.left_open)}
    title = page.page.title
    by_title = all(title.lower() not in f"{other.page.title} {other.page.text}".lower() for other in others)
    drawn = []
    for ask in asked:
        template = templates[ask.question]
        own = page.states(template) and all(other.fill(template) != ask.question for other in others)
        if own or by_title:
            form = rng.choice(NAMING[: 2 if own and rng.random() < 0.7 else None]) if own else rng.choice(NAMING[2:])
            lower = ask.question[0].lower() + ask.question[1:]
            text = form.replace("{q}", ask.question).replace("{t}", title).replace("{l}", lower)
            drawn.append(replace(ask, question=text))
    return drawn


def _of_a_stranger(stranger: Telling, pages: Sequence[Telling]) -> list[Ask]:
    """Questions that the pages would answer if they were about another thing: its name stands on none of them."""
    shown = " ".join(f"{page.page.title} {page.page.text}" for page in pages).lower()
    drawn = []
    for at in pages[0].told:
        for question, _ in stranger.topic.lines[at].asked:
            names = [stranger.drawn[slot.group(1)] for slot in SLOT.finditer(question)]
            if names and not any(name.lower() in shown for name in names):
                drawn.append(Ask(stranger.fill(question), Outcome(None)))
    return drawn


def swapped(rng: Random, topic: Topic, page: Telling) -> list[Ask]:
    """The page's own questions with one name, year or number in them that stands nowhere on it."""
    other = topics.drawn_values(rng, topic)
    shown = f"{page.page.title} {page.page.text}".lower()
    drawn = []
    for at in page.told:
        for question, _ in topic.lines[at].asked:
            slots = [slot.group(1) for slot in SLOT.finditer(question)]
            strange = [name for name in slots if other[name].lower() not in shown]
            if strange and page.states(question):
                name = rng.choice(strange)
                text = topics.filled(question, {**page.drawn, name: other[name]})
                drawn.append(Ask(text, Outcome(None)))
    return drawn


def checks(rng: Random, page: Telling, where: str) -> list[Ask]:
    """Whether a line is so, once as it stands and once with another value; and two questions of it at once."""
    drawn = []
    other = topics.drawn_values(rng, page.topic)
    for at in page.told:
        line = page.topic.lines[at]
        text = page.fill(line.text)
        if 30 < len(text) < 160 and text.endswith(".") and SLOT.search(line.text):
            claim = text if rng.random() < 0.5 else topics.filled(line.text, {**page.drawn, **_one(rng, line, other)})
            reply = "Yes" if claim == text else "No"
            plain = claim.rstrip(".")
            form = rng.choice(CHECKS).replace("{s}", plain[0].lower() + plain[1:]).replace("{S}", plain)
            drawn.append(Ask(form, Outcome(reply, f"{reply}. {text}", (where,))))
        if len(line.asked) > 1:
            one, two = rng.sample(asked_of(page, at, where), 2)
            second = two.question[0].lower() + two.question[1:]
            value = f"{one.outcome.value} and {two.outcome.value}"
            joined = f"{one.question.rstrip('?. ')}, and {second}"
            drawn.append(Ask(joined, Outcome(value, text, (where,))))
    return drawn


def _one(rng: Random, line: Line, other: Mapping[str, str]) -> dict[str, str]:
    slot = rng.choice([slot.group(1) for slot in SLOT.finditer(line.text)])
    return {slot: other[slot]}


def near(rng: Random, known: Sequence[Topic], count: int, questions: int, left: float) -> tuple[World, list[Ask]]:
    """Pages of different topics; besides their questions, checks, and questions with a name that none of them has."""
    chosen = rng.sample(list(known), count)
    pages = [
        telling(rng, topic, sorted(rng.sample(range(len(topic.lines)), rng.randint(2, min(6, len(topic.lines))))))
        for topic in chosen
    ]
    answered: list[Ask] = []
    missing: list[Ask] = []
    close: list[Ask] = []  # near to a sentence that stands there: as people ask who have read it in haste
    extra: list[Ask] = []
    for index, page in enumerate(pages):
        for at, line in enumerate(page.topic.lines):
            told = at in page.told
            answered += asked_of(page, at, source_id(index)) if told else []
            (close if told else missing).extend(open_of(page, line, told))
        strange = swapped(rng, page.topic, page)
        close += rng.sample(strange, min(4, len(strange)))
        derived = [ask for at in page.told for ask in derived_of(page, at, source_id(index))]
        for more in (checks(rng, page, source_id(index)), derived):
            extra += rng.sample(more, min(2, len(more)))
    for one in (answered, missing, close, extra):
        rng.shuffle(one)
    many = sum(rng.random() < left for _ in range(min(questions, len(answered))))
    of_close = sum(rng.random() < CLOSE for _ in range(many))
    left_open = [*close[:of_close], *missing[: many - of_close]]
    drawn = [*left_open, *extra[:EXTRA], *answered[: questions - len(left_open)]]
    rng.shuffle(drawn)
    return World(tuple(page.page for page in pages), (), ()), drawn
