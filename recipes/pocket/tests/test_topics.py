"""Topics: written blocks, drawn as pages whose questions their sentences answer."""

from __future__ import annotations

import json
from random import Random

import pytest

from recipes.pocket import conversations, topics, values


def written(tmp_path, text):
    path = tmp_path / "some.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_topics_are_many_and_some_are_kept_for_the_evaluation():
    assert len(topics.topics()) >= 180
    asked = [question for topic in topics.topics() for line in topic.lines for question, _ in line.asked]
    assert len(asked) >= 4500
    assert len(topics.held_out()) >= 10
    assert not set(map(id, topics.held_out())) & set(map(id, topics.taught()))


def test_every_answer_stands_in_its_sentence_and_every_sentence_on_its_page():
    for seed in range(200):
        for sheet in topics.build(Random(seed), 3):
            for line in sheet.told:
                assert line.text in sheet.page.text
                assert all(answer and answer in line.text for _, answer in line.asked)
                assert not set(line.left_open) & {question for question, _ in line.asked}
            assert not any("{" in text for text in (sheet.page.title, sheet.page.text, *sheet.left_open))


def test_questions_left_open_belong_to_sentences_that_are_not_told():
    for seed in range(100):
        (sheet,) = topics.build(Random(seed), 1)
        assert not set(sheet.left_open) & {question for line in sheet.told for question, _ in line.asked}


def test_the_same_seed_gives_the_same_pages():
    assert topics.build(Random(5), 4) == topics.build(Random(5), 4)


def test_a_topic_cut_in_pieces_is_one_page_whose_questions_are_answered_once():
    older = 0
    for seed in range(60):
        sheets = topics.build(Random(seed), 4, cut=3)
        pieces = sheets[:3]
        assert len(sheets) == 4
        shown = [piece.page.text for piece in pieces]
        current = [piece.page.text for piece in pieces if piece.told]
        for piece in pieces:
            for line in piece.told:
                assert sum(line.text in text for text in current) == 1
                assert line.text in piece.page.text
        if not pieces[2].told:  # an older version: dated, and nothing is asked of it
            older += 1
            dates = [text.split("\n")[0].removeprefix("Updated: ") for text in shown]
            assert max(dates[2], dates[0]) == dates[0] == dates[1]
        else:
            assert len({piece.page.title for piece in pieces}) == 1
    assert 5 < older < 30


def test_handwritten_questions_are_not_among_them():
    lines = (values.HERE / "handwritten.jsonl").read_text(encoding="utf-8").splitlines()
    kept = {json.loads(line)["question"] for line in lines}
    sentences = {s for line in lines for p in json.loads(line)["passages"] for s in p["text"].split(". ")}
    for topic in topics.topics():
        for line in topic.lines:
            assert not kept & {question for question, _ in (*line.asked, *((o, "") for o in line.left_open))}
            assert line.text not in sentences


def test_a_conversation_about_topics_points_to_the_right_page():
    world, asked = conversations.ask_topics(Random(3), 4, 12, 0.2)
    answered = [ask for ask in asked if ask.outcome.value is not None]
    assert answered
    for ask in answered:
        page = world.pages[int(ask.outcome.ids[0][1:]) - 1]
        assert ask.told in page.text
        assert ask.outcome.value in ask.told


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("+ A sentence without a block.", "some.txt, line 1"),
        ("== Title\n? Who? | nobody", "some.txt, line 2"),
        ("== Title\n+ It costs {p:prize}.", "no type prize"),
        ("== Title\n+ It costs {p}.", "never declared: p"),
        ("== Title\n+ It costs {p:price} or {p:number}.", "declared twice"),
        ("== Title\n+ It costs {p:price}.\n? How much? | nothing", "is not in"),
        ("== Title\n+ It costs {p:price}.\n? How much is it?", "some.txt, line 3"),
    ],
)
def test_a_block_that_breaks_the_format_is_named(tmp_path, text, says):
    with pytest.raises(ValueError, match=says):
        topics.read(written(tmp_path, text))
