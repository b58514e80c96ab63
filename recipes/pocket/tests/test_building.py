"""Worlds of pages: seeded, without contradictions, the newest version wins."""

from __future__ import annotations

from random import Random

from recipes.pocket import building, worlds


def test_worlds_are_seeded_and_answers_stand_on_the_named_page():
    for seed in range(200):
        world = building.build_world(Random(seed), 4)
        assert world == building.build_world(Random(seed), 4)
        for index, fact in world.current:
            page = world.pages[index]
            assert fact.value.lower() in (page.title + "\n" + page.text).lower()


def test_an_entity_in_pieces_is_one_page_whose_questions_have_one_answer():
    versions = 0
    for seed in range(60):
        world = building.build_pieces(Random(seed), 4)
        assert len(world.pages) == 4
        assert len({page.title for page in world.pages}) == 1
        assert len({fact.entity.name for page in world.pages for fact in page.facts}) == 1
        keys = [fact.key for _, fact in world.current]
        assert len(keys) == len(set(keys))
        assert not set(keys) & {fact.key for fact in world.unstated}
        versions += any("Updated: " in page.text or "Last change: " in page.text for page in world.pages)
    assert 5 < versions < 40


def test_current_facts_never_contradict_and_unstated_facts_are_not_stated():
    for seed in range(200):
        world = building.build_world(Random(seed), 5)
        keys = [fact.key for _, fact in world.current]
        assert len(keys) == len(set(keys))
        assert not {fact.key for fact in world.unstated} & set(keys)


def test_newest_version_wins():
    rng = Random(1)
    fact = worlds.new_fact(rng, worlds.attributes()["product"][0], worlds.new_entity(rng, "product"))
    newer = worlds.revalue(rng, fact)
    stated = [(0, fact, "2020-01-01"), (1, newer, "2021-01-01")]
    assert building.current_facts(stated) == ((1, newer),)
    assert building.current_facts([(0, fact, ""), (1, newer, "")]) == ()
