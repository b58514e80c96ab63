"""Answers in other scripts and languages: the same value is found, another one is not."""

from __future__ import annotations

import pytest

from tests.metrics.cases import answer, case, score


@pytest.mark.parametrize(
    ("question", "text", "accept", "right"),
    [
        ("Wie hoch ist die Gebühr?", "Sie beträgt 2400 Euro.", "2.400 Euro", True),
        ("Wie hoch ist die Gebühr?", "Sie beträgt 2 Euro.", "2.400 Euro", False),
        ("Wie lange dauert das?", "Es dauert 4.5 Wochen.", "4,5 Wochen", True),
        ("Wie lange?", "Nach 6 Wochen ist der Steg frei.", "6 Wochen", True),
        ("Wie lange?", "Der Steg ist nicht 6 Wochen frei.", "6 Wochen", False),
        ("How long is it?", "It is 1.250 m long.", "1.25 m", True),
        ("码头开几天？", "码头一年开十二天。", "12天", True),
        ("码头开几天？", "码头一年开十二天。", "二天", False),
        ("码头开几天？", "不是五天。", "五天", False),
        ("桟橋はどこですか。", "桟橋は北門の前にあります。", "北門", True),
        ("부두는 어디입니까?", "부두는 남문에 있습니다.", "남문", True),
        ("며칠?", "12일입니다.", "12일", True),
        ("며칠?", "12일입니다.", "2일", False),
        ("कितने?", "पाँच नाव", "पाँच नाव", True),
        ("कितने?", "५ नाव", "5 नाव", True),
        ("क्या?", "नाव", "नव", False),
        ("كم؟", "٧ أيام", "7 أيام", True),
        ("Сколько?", "Пять дней.", "пять дней", True),
    ],
)
def test_correct_in_other_languages(question: str, text: str, accept: str, right: bool) -> None:
    assert score("correct", case(question=question, accept=(accept,)), answer(text)) == float(right)


def test_a_chinese_answer_has_room_for_its_signs() -> None:
    text = "码头每天早上开放，" * 9 + "一年开十二天。"
    assert score("correct", case(question="几天？", accept=("12天",)), answer(text)) == 1.0


@pytest.mark.parametrize(
    ("question", "text", "accept", "right"),
    [
        ("Wie lange darf ich das ausleihen?", "Nach vier Tagen muss es zurück.", "4 Tage", True),
        ("Wie viele Plätze gibt es?", "Es gibt 25 Plätze.", "fünfundzwanzig", True),
        ("Wie viele Plätze gibt es?", "Es gibt 24 Plätze.", "fünfundzwanzig", False),
        ("Combien de temps cela dure ?", "Cela dure quatre-vingt-douze jours.", "92 jours", True),
        ("¿Cuánto dura la visita?", "Dura treinta y cinco minutos.", "35 minutos", True),
        ("Сколько это длится?", "Это длится двадцать пять минут.", "25 минут", True),
        ("Ile to trwa?", "To trwa dwie godziny.", "2 godziny", True),
        ("كم تستغرق الجولة؟", "تستغرق الجولة خمسة وعشرين دقيقة.", "25 دقيقة", True),
    ],
)
def test_number_words_of_other_languages(question: str, text: str, accept: str, right: bool) -> None:
    assert score("correct", case(question=question, accept=(accept,)), answer(text)) == float(right)
