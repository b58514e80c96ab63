"""The training text: answers stand in their pages, refusals are the message's, JSON is valid, nothing is leaked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import jsonschema
import pytest

from recipes.pocket import instructions, topics
from recipes.pocket.instructions import Outcome
from recipes.reader import fields, forms, items, materials, rows

ROOT = Path(__file__).resolve().parents[3]
SEEDS = range(150)


def _materials() -> Iterator[materials.Material]:
    for seed in SEEDS:
        yield materials.draw(Random(seed))


def test_an_answer_stands_in_the_passage_that_it_names() -> None:
    seen = 0
    for material in _materials():
        for ask in material.asked:
            if not ask.told:  # attributes and letters are put together by `pocket`'s own, tested there
                continue
            assert ask.outcome.value is not None
            page = material.world.pages[int(ask.outcome.ids[0][1:]) - 1]
            assert ask.outcome.value.lower() in page.text.lower(), ask
            seen += 1
    assert seen > 400


def test_a_sentence_is_the_one_that_answers_and_stands_in_the_passage() -> None:
    long = "Dr. Reed found it in 1920. It weighs 3 kg; the second, of 5 kg, is lost."
    for value, sentence in (
        ("1920", "Dr. Reed found it in 1920."),
        ("3 kg", "It weighs 3 kg."),
        ("5 kg", "The second, of 5 kg, is lost."),
    ):
        assert materials.to_the_point(Outcome(value, long, ("S1",))).sentence == sentence
    assert materials.to_the_point(Outcome("blue", "| a | b |\n| 7 | blue |")).sentence == "Blue."
    for outcome in (Outcome(None), Outcome("Yes", "Yes. It is so."), Outcome("it", "Lit it. Sit with it.")):
        assert materials.to_the_point(outcome) == outcome
    for material in _materials():
        for ask in material.asked:
            if ask.told:
                page = material.world.pages[int(ask.outcome.ids[0][1:]) - 1]
                assert ask.outcome.sentence.rstrip(".").lower() in page.text.lower()


def test_pages_are_one_to_six_and_the_gold_one_stands_anywhere() -> None:
    gold = [(len(m.world.pages), int(a.outcome.ids[0][1:])) for m in _materials() for a in m.asked if a.outcome.ids]
    assert {count for count, _ in gold} >= {1, 2, 3, 4}
    assert {place for count, place in gold if count == 4} == {1, 2, 3, 4}


def test_pages_of_few_lines_are_cut_into_no_more_pieces() -> None:
    few = min(materials.taught_kinds(), key=lambda kind: len(kind.lines))
    for seed in range(60):
        known = (few, *materials.taught_kinds()[:6])
        assert len(materials.of_topics(Random(seed), 6, 8, known, 0.0).world.pages) == 6


def test_a_share_of_the_questions_is_left_open() -> None:
    asked = [ask for material in _materials() for ask in material.asked]
    share = sum(ask.outcome.value is None for ask in asked) / len(asked)
    assert 0.5 * materials.UNANSWERED < share < 2 * materials.UNANSWERED


def test_a_refusal_is_the_one_of_the_system_message() -> None:
    for seed in SEEDS:
        form = forms.few_words(Random(seed))
        assert form.render(Outcome(None)) in form.system


def _schema_in(text: str) -> dict[str, object] | None:
    """The JSON Schema that a message prints."""
    for found in re.finditer(r"\{", text):
        try:
            value, _ = json.JSONDecoder().raw_decode(text[found.start() :])
        except json.JSONDecodeError:
            continue
        if "properties" in value:
            return dict(value)
    return None


def test_json_is_valid_under_the_schema_that_the_message_tells() -> None:
    outcomes = [Outcome(None), Outcome("nine", "It costs nine.", ("S2",))]
    told = 0
    for seed in SEEDS:
        form = forms.schema_object(Random(seed))
        schema = _schema_in(form.system)
        for outcome in outcomes:
            answer = json.loads(form.render(outcome))
            assert answer
            assert all(f'"{key}"' in form.system for key in answer)
            if schema is not None:
                jsonschema.validate(answer, schema)
                told += 1
    assert told > 50


def test_a_flag_says_whether_there_is_an_answer_and_never_the_answer() -> None:
    kinds, senses = set(), set()
    for seed in range(400):
        flag = fields.flag(Random(seed), set())
        none, some = flag.fill(Outcome(None)), flag.fill(Outcome("nine", "It costs nine.", ("S2",)))
        assert none != some
        for value in (none, some):
            jsonschema.validate(value, flag.schema)
            assert value != "nine"
            assert not isinstance(value, str) or f'"{value}"' in flag.meaning
        kinds.add(type(some))
        senses |= {some} if isinstance(some, bool) else set()
    assert kinds == {str, bool, int}
    assert senses == {True, False}


def test_the_answer_is_in_a_format_once_and_an_inner_object_holds_what_its_schema_says() -> None:
    nested = 0
    for seed in range(400):
        own = fields.drawn(Random(seed), "Not here.")
        said = {f.key: f.fill(Outcome("nine", "It costs nine.", ("S2",))) for f in own}
        jsonschema.validate(said, fields.schema_of(own))
        assert json.dumps(said).count("nine") == 1
        nested += any(isinstance(value, dict) for value in said.values())
    assert nested > 10


def test_no_form_of_the_training_text_has_the_keys_of_the_evaluation() -> None:
    keys = set(items.SCHEMA["properties"])
    for seed in range(600):
        form = forms.draw(Random(seed))
        assert not keys <= set(re.findall(r"\w+", form.system)), form.system


def test_topics_of_the_evaluation_and_of_choices_are_never_trained_on() -> None:
    taught = {topic.titles for topic in (*materials.taught(), *materials.taught_kinds())}
    assert not taught & {topic.titles for topic in (*topics.held_out(), *materials.dev())}
    assert len(materials.dev()) > 10


def test_no_eight_words_of_a_golden_question_stand_in_the_training_text() -> None:
    golden = materials.golden_runs()
    assert golden
    for seed in SEEDS:
        drawn = rows.draw(Random(seed))
        for user, answer in drawn.turns:
            assert not golden & materials.runs(f"{user} {answer}")


def test_real_data_never_stands_in_the_page_kinds(shared_data: Path) -> None:
    questions = {
        tuple(q) for one in items.natural_questions(shared_data, 300) for q in materials.runs(one.case.question)
    }
    questions |= {q for one in items.squad(shared_data, 300, True) for q in materials.runs(one.case.question)}
    written = " ".join(file.read_text(encoding="utf-8") for file in sorted(materials.KINDS.glob("*.txt")))
    assert not questions & materials.runs(written)


@pytest.mark.parametrize("family", [of for of, _ in materials.FAMILIES])
def test_the_same_seed_draws_the_same_conversation(family: materials.Family) -> None:
    one, two = (family(Random(5), 2, 6) for _ in range(2))
    assert one == two


def test_questions_without_their_mark_are_the_same_words() -> None:
    for seed in range(60):
        typed = materials.typed(Random(seed), "Who repaired the gate?")
        assert "repaired the gate" in typed.lower()


def test_pocket_forms_are_among_the_readers() -> None:
    assert {instructions.value, instructions.cited} <= {form for form, _ in forms.CHOICE}
