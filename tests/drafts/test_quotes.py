"""Sentences that can be asked for, their order, and answers found in them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.drafts.quotes import quotable, topics
from harness.drafts.spans import span_in
from harness.types import Passage
from tests.make.office import PASSAGES, passage

PAGE = Passage("p#1", "p.md", "Loans", "")


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("A kayak is lent to members for 3 days.", ["A kayak is lent to members for 3 days."]),
        ("It is lent to members for 3 days.", []),  # what is?
        ("See the list of fees for more about it.", []),
        ("Loans of the house: kayaks, tents, boats", []),  # a heading
        ("From Settings, tap , and then choose the language.", []),  # a picture stood there
        ("Is a kayak lent to members for 3 days?", []),
        ("Loans and loans of loans.", []),
        ("- A tent may be kept for two nights.\n- Boats stay here.", ["A tent may be kept for two nights."]),
    ],
)
def test_a_sentence_that_stands_for_itself_can_be_asked_for(text: str, quotes: list[str]) -> None:
    assert quotable(replace(PAGE, text=text)) == quotes


def test_documents_take_turns_and_a_changed_page_changes_no_other() -> None:
    before = topics(PASSAGES, seed=7)
    assert len({topic.docs[0] for topic in before[: len(PASSAGES)]}) == len(PASSAGES)
    assert all("EUR" in topic.quotes[0] for topic in before[: len(PASSAGES)]), "sentences with a value come first"
    changed = [passage("gym", 99), *PASSAGES[1:]]
    after = topics(changed, seed=7)
    assert [t for t in after if t.docs != ("gym.md",)] == [t for t in before if t.docs != ("gym.md",)]
    assert topics(PASSAGES[::-1], seed=7) == before
    assert topics(PASSAGES, seed=8) != before


def test_a_sentence_of_several_documents_belongs_to_one() -> None:
    copy = replace(PASSAGES[0], id="copy.md#1", doc="copy.md")
    quotes = [topic.quotes[0] for topic in topics([*PASSAGES, copy], seed=7)]
    assert len(quotes) == len(set(quotes))


@pytest.mark.parametrize(
    ("answer", "quote", "span"),
    [
        ("3 days", "A kayak is lent for 3 days.", "3 days"),
        ("hold the key", "Press and hold the key, and tap Restart.", "hold the key, and tap Restart"),
        ("Left", "Choose either Left or Right.", "Left or Right"),
        ("3 days", "It is lent for 3 days. Tents and boats are not.", "3 days"),
        ("SD", "Tap Security > Encrypt or decrypt SD card.", "Security > Encrypt or decrypt SD card"),
        ("lent 3 days", "A kayak is lent for 3 days.", "lent for 3 days"),
        (
            "Accounts",
            "From Settings, tap Accounts and backup > Accounts.",
            "Accounts and backup > Accounts",
        ),
        ("Sound", "Tap Sound > Ringtone to choose one.", "Sound > Ringtone"),
        ("a week", "A kayak is lent for 3 days.", None),
        ("", "A kayak is lent for 3 days.", None),
    ],
)
def test_an_answer_is_a_stretch_of_its_quote(answer: str, quote: str, span: str | None) -> None:
    assert span_in(answer, quote) == span
