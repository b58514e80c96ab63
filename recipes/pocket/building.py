"""Worlds of pages: what stands on which page, what holds now, and what is stated nowhere.

Pages share entities or attributes with each other on purpose, or are older and newer versions of one page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random

from recipes.pocket import pages, values, worlds
from recipes.pocket.pages import Page
from recipes.pocket.worlds import Entity, Fact


@dataclass(frozen=True)
class World:
    """Pages with the facts that count as current, and facts that are stated nowhere."""

    pages: tuple[Page, ...]
    current: tuple[tuple[int, Fact], ...]
    unstated: tuple[Fact, ...]


def build_world(rng: Random, count: int, hard: bool | None = None) -> World:
    """A world of `count` pages. `hard`: distractors share entity or attribute with the first page (None: by chance)."""
    kind = rng.choice(worlds.KINDS)
    pool = rng.sample(worlds.attributes()[kind], min(len(worlds.attributes()[kind]), rng.randint(4, 7)))
    verb = values.verb(rng)
    main = worlds.new_entity(rng, kind)
    rest = list(pool)
    plans: list[tuple[tuple[Fact, ...], str | None]] = []
    size = rng.randint(1, min(4, len(rest)))
    first, rest = tuple(worlds.new_fact(rng, a, main, verb) for a in rest[:size]), rest[size:]
    plans.append((first, None))
    while len(plans) < count:
        move = rng.random() if hard is None else rng.random() * 0.75
        if move < 0.2 and rest:
            plans.append(((*(worlds.new_fact(rng, a, main, verb) for a in rest[:2]),), None))
            rest = rest[2:]
        elif move < 0.65:
            plans.append((_rivals(rng, kind, pool, verb), None))
        elif move < 0.75:
            plans = _with_version(rng, plans)
        else:
            plans.append((_rivals(rng, rng.choice(worlds.KINDS), None, values.verb(rng)), None))
    rendered, current = _laid_out(rng, plans)
    return World(tuple(rendered), current, _unstated(rng, current, main, rest, verb))


def build_pieces(rng: Random, count: int) -> World:
    """A world of one entity: its page in `count` pieces under one title, at times one of them in two versions."""
    kind = rng.choice(worlds.KINDS)
    entity, verb = worlds.new_entity(rng, kind), values.verb(rng)
    pool = rng.sample(worlds.attributes()[kind], min(len(worlds.attributes()[kind]), rng.randint(2 * count, 4 * count)))
    facts = [worlds.new_fact(rng, a, entity, verb) for a in pool]
    facts, rest = facts[: max(count, len(facts) - 2)], pool[max(count, len(facts) - 2) :]
    versions = count > 2 and rng.random() < 0.25
    ends = [0, *sorted(rng.sample(range(1, len(facts)), count - 1 - versions)), len(facts)]
    plans: list[tuple[tuple[Fact, ...], str | None]] = [(tuple(facts[a:b]), None) for a, b in pairwise(ends)]
    if versions:
        plans = _with_version(rng, plans)
    rendered, current = _laid_out(rng, plans)
    titled = tuple(replace(page, title=rendered[0].title) for page in rendered)
    return World(titled, current, _unstated(rng, current, entity, rest, verb))


def _laid_out(
    rng: Random, plans: list[tuple[tuple[Fact, ...], str | None]]
) -> tuple[list[Page], tuple[tuple[int, Fact], ...]]:
    """The planned pages in random order, and the facts on them that hold."""
    rng.shuffle(plans)
    rendered = [pages.render(rng, facts, stamp) for facts, stamp in plans]
    return rendered, current_facts([(i, f, plans[i][1] or "") for i, page in enumerate(rendered) for f in page.facts])


def _rivals(rng: Random, kind: str, pool: list[worlds.Attribute] | None, verb: tuple[str, str]) -> tuple[Fact, ...]:
    """Facts about one to three other entities of a kind, over the given attributes."""
    table = pool or list(worlds.attributes()[kind])
    chosen = rng.sample(table, min(len(table), rng.choice((1, 1, 2, 3, 4))))
    verbs = verb if rng.random() < 0.6 else values.verb(rng)
    others = [worlds.new_entity(rng, kind) for _ in range(1 if len(chosen) > 2 else rng.choice((1, 1, 2, 3)))]
    return tuple(worlds.new_fact(rng, a, e, verbs) for e in others for a in chosen)[:6]


def _with_version(
    rng: Random, plans: list[tuple[tuple[Fact, ...], str | None]]
) -> list[tuple[tuple[Fact, ...], str | None]]:
    """Adds an older or newer copy of an undated page, with other values; both get their dates."""
    undated = [i for i, (_, stamp) in enumerate(plans) if stamp is None]
    if not undated:
        return plans
    index = rng.choice(undated)
    old, new = sorted((values.iso_date(rng), values.iso_date(rng)))
    new = new if new != old else "2031-01-01"
    facts = plans[index][0]
    copy = tuple(worlds.revalue(rng, f) for f in facts)
    others = [plan for i, plan in enumerate(plans) if i != index]
    return [*others, (facts, new), (copy, old)]


def current_facts(stated: list[tuple[int, Fact, str]]) -> tuple[tuple[int, Fact], ...]:
    """The facts that hold: of several values for a key, the one stamped last; undated conflicts are dropped."""
    best: dict[tuple[str, str, str], tuple[int, Fact, str] | None] = {}
    for item in stated:
        key = item[1].key
        seen = best.get(key)
        if key not in best or (seen is not None and item[2] > seen[2]):
            best[key] = item
        elif seen is not None and item[2] == seen[2] and item[1].value != seen[1].value:
            best[key] = None
    return tuple((item[0], item[1]) for item in best.values() if item is not None)


def _unstated(
    rng: Random,
    current: tuple[tuple[int, Fact], ...],
    main: Entity,
    rest: list[worlds.Attribute],
    verb: tuple[str, str],
) -> tuple[Fact, ...]:
    """Questions the pages do not answer: stated attributes of absent entities, and absent attributes of stated ones."""
    keys = {f.key for _, f in current}
    candidates = [worlds.new_fact(rng, a, main, verb) for a in rest]
    for _, fact in current:
        absent = worlds.new_entity(rng, fact.entity.kind)
        candidates.append(replace(fact, entity=absent))
        other = rng.choice(worlds.attributes()[fact.entity.kind])
        candidates.append(worlds.new_fact(rng, other, fact.entity, (fact.base, fact.past)))
        mate = rng.choice(current)[1]
        if mate.entity.kind == fact.entity.kind:
            candidates.append(replace(fact, entity=mate.entity))
    stated_nouns = {(n, f.entity.name) for _, f in current for n in f.attribute.nouns}
    return tuple(
        f
        for f in candidates
        if f.key not in keys and not any((n, f.entity.name) in stated_nouns for n in f.attribute.nouns)
    )
