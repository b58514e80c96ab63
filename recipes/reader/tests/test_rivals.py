"""Near misses: what is refused is not on the page, what is answered is, and who is meant is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from recipes.pocket import topics
from recipes.pocket.building import World
from recipes.pocket.conversations import Ask
from recipes.reader import materials, names, rivals

KIND = """== Boats of {n:invented} / {n} boat hire
+ The {n} boat house hires out {k=canoes/rafts} for {p:price} an hour.
? What can be hired at {n}? | {k}
? What does an hour cost? | {p}
! Who built the {n} boat house?
+ It is run by {w:person}, who lives in {c:city}.
? Who runs the {n} boat house? | {w}
? Where does the owner live? | {c}
~ Does {w} live in {c}? | Yes
~ how many people are said to run it | one
+ Bring back the key by {t:time}.
? When must the key be back? | by {t}
+ Dogs may {d=swim/not come along}.
? What may dogs do? | {d}
"""


@pytest.fixture
def known(tmp_path: Path) -> list[topics.Topic]:
    """One kind of page."""
    (tmp_path / "kinds.txt").write_text(KIND, encoding="utf-8")
    return topics.read(tmp_path / "kinds.txt")


def _all(known: list[topics.Topic], seed: int) -> Iterator[tuple[World, list[Ask]]]:
    yield from rivals.twins(Random(seed), known, 1, 12)
    yield rivals.rivals(Random(seed), known, 3, 12, 0.3)
    yield rivals.near(Random(seed), known, 1, 12, 0.3)


def test_an_answer_stands_on_the_page_that_it_names(known: list[topics.Topic]) -> None:
    for seed in range(40):
        for world, asked in _all(known, seed):
            for ask in asked:
                if ask.outcome.ids and ask.told:
                    text = world.pages[int(ask.outcome.ids[0][1:]) - 1].text
                    assert ask.outcome.value is not None
                    assert ask.outcome.value in text
                    assert ask.told in text


def test_twins_answer_and_refuse_the_same_question(known: list[topics.Topic]) -> None:
    both = 0
    for seed in range(40):
        (_, one), (_, two) = rivals.twins(Random(seed), known, 1, 12)
        answered = {ask.question for ask in one if ask.outcome.value is not None}
        both += bool(answered & {ask.question for ask in two if ask.outcome.value is None})
    assert both > 20


def test_a_question_to_rivals_is_answered_by_one_page_alone(known: list[topics.Topic]) -> None:
    for seed in range(40):
        world, asked = rivals.rivals(Random(seed), known, 3, 20, 0.3)
        names = [page.title.removeprefix("Boats of ").removesuffix(" boat hire") for page in world.pages]
        for ask in asked:
            named = [name for name in names if name in ask.question]
            assert len(named) <= 1
            if ask.outcome.value is not None:
                assert named == [names[int(ask.outcome.ids[0][1:]) - 1]]


def test_a_stranger_is_asked_about_and_refused(known: list[topics.Topic]) -> None:
    page = rivals.telling(Random(1), known[0], (0, 1))
    strange = rivals.swapped(Random(2), known[0], page)
    assert {ask.outcome.value for ask in strange} == {None}
    assert all(page.drawn["n"] not in ask.question for ask in strange)
    assert len(strange) == 2  # only questions that name the thing


def test_a_question_with_one_strange_year_is_refused(tmp_path: Path) -> None:
    text = "== {n:invented} cup\n+ {w:fullname} won the {n} cup in {y:year}.\n? Who won in {y}? | {w}\n"
    (tmp_path / "kinds.txt").write_text(text + "+ It is held on {d:weekday}.\n? When? | {d}\n", encoding="utf-8")
    kind = topics.read(tmp_path / "kinds.txt", {**topics.DRAWS, **names.DRAWS})[0]
    for seed in range(30):
        page = rivals.telling(Random(seed), kind, (0, 1))
        strange = rivals.swapped(Random(seed + 100), kind, page)
        assert [ask.outcome.value for ask in strange] == [None]
        assert page.drawn["y"] not in strange[0].question


def test_what_follows_from_a_line_is_asked_where_the_line_stands(known: list[topics.Topic]) -> None:
    values = set()
    for seed in range(60):
        world, asked = rivals.near(Random(seed), known, 1, 6, 0.0)
        for ask in asked:
            if "people are said" in ask.question or ask.question.startswith("Does "):
                assert "It is run by" in world.pages[0].text
                values.add((ask.outcome.value, ask.outcome.sentence))
    assert values == {("Yes", "Yes."), ("one", "One.")}


def test_the_share_of_near_misses_is_what_was_asked_for() -> None:
    refused = answered = 0
    for seed in range(40):
        _, asked = rivals.near(Random(seed), materials.taught_kinds()[:30], 1, 12, 0.5)
        assert len(asked) <= 14
        refused += sum(ask.outcome.value is None for ask in asked)
        answered += sum(ask.outcome.value is not None for ask in asked)
    assert 0.2 < refused / (refused + answered) < 0.6


def test_checks_are_yes_for_what_stands_there_and_no_for_another_value(known: list[topics.Topic]) -> None:
    replies = {}
    for seed in range(60):
        page = rivals.telling(Random(seed), known[0], (0, 1, 2))
        for ask in rivals.checks(Random(seed + 1000), page, "S1"):
            if ask.outcome.value in ("Yes", "No"):
                replies[ask.outcome.value] = True
                said = ask.told or ask.outcome.sentence.split(". ", 1)[1].rstrip(".")
                assert (said[1:] in ask.question) == (ask.outcome.value == "Yes")
    assert set(replies) == {"Yes", "No"}
