"""Layouts of a page."""

from __future__ import annotations

from random import Random

from recipes.pocket import pages, worlds


def test_every_layout_states_every_value():
    rng = Random(4)
    entity = worlds.new_entity(rng, "site")
    stated = tuple(worlds.new_fact(rng, a, entity) for a in worlds.attributes()["site"][:4])
    for layout, _ in pages.LAYOUTS:
        assert all(f.value.lower() in layout(rng, stated).lower() for f in stated), layout.__name__
