"""Ten tests of a bot: `pytest`, `pytest -n 2`, `pytest -k puncture`, `pytest --lf`, `pytest --junitxml=junit.xml`."""

import bot
import pytest

from harness.testing import assert_gate


def test_the_answer_is_right(case, answer, score):
    assert score("task_success") == 1, answer.text


def test_the_answer_is_one_sentence(case, answer):
    assert answer.text.count(".") <= 1


def test_money_has_a_currency(case, answer):
    if "cost" in case.question:
        assert "euros" in answer.text or "free" in answer.text


def test_nothing_is_refused(case, answer):
    assert not answer.refused


def test_most_answers_are_right():
    assert_gate("task_success", 80)


def test_no_constant_answer_would_do():
    assert_gate("gain_over_constant")


def test_nothing_speaks_against_a_release(verdict):
    assert verdict.word != "NO-GO", verdict.sentence


def test_answers_stay_short(harness_run):
    assert harness_run.cases()["answer"].str.split().str.len().median() <= 12


@pytest.mark.harness(data="smalltalk.csv", answer=bot.greet)
def test_small_talk(case, score):
    assert score("correct") == 1


def test_the_question_is_not_the_answer(case, answer):
    assert case.question not in answer.text
