"""What a sentence is among accepted answers, in scripts with and without spaces; and how a golden set's are counted."""

from __future__ import annotations

import pytest

from harness.references import is_reference, is_sentence, references
from harness.types import Case


@pytest.mark.parametrize(
    "text",
    [
        "The lamp may be lit after dusk.",
        "Bring the key back to the porter.",
        "the permit is valid until the end of the season",
        "Die Lampe darf nach acht Uhr nicht brennen.",
        "La lampe doit être éteinte à minuit.",
        "灯在黄昏之后才可以点亮。",
        "ランプは日没後に点灯できます。",
        "램프는 해가 진 뒤에 켤 수 있습니다.",
        "يمكن إشعال المصباح بعد الغروب.",
    ],
)
def test_a_sentence(text: str) -> None:
    assert is_sentence(text)


@pytest.mark.parametrize(
    "text",
    ["14 days", "from 7 am to 11 am", "at 5 p.m.", "Dr. Anna Maria Lund Jr.", "Reed plan and the Heron plan",
     "the Treaty on the Functioning of the European Union", "Yes, it is.", "十四天", "日没後", "C++", "!=", ""],
)  # fmt: skip
def test_a_value(text: str) -> None:
    assert not is_sentence(text)


def test_one_short_accepted_answer_decides() -> None:
    assert not is_reference(["The lamp may be lit after dusk.", "after dusk"])
    assert not is_reference([])


def test_what_stays_undecided_is_counted_with_what_to_do() -> None:
    long = ("The lamp may be lit after dusk.",)
    cases = [Case("a", "?", long, where="g:1"), Case("b", "?", long, ("dusk",), where="g:2"), Case("c", "?", ("x",))]
    found = references(cases)
    assert (found.undecided, found.by_points, found.of) == (("g:1",), ("g:2",), 3)
    assert found.says.startswith("1 of 3 cases accepts only a sentence")
    assert "key_points" in found.says
    assert references(cases[1:]).says == ""
