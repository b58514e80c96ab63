"""Refusals in other words, and answers that merely contain such words."""

from __future__ import annotations

import time

import pytest

from harness.refusals import is_refusal
from harness.structured import FormDemand, read_form

OWN = "The pages do not say."


@pytest.mark.parametrize(
    "text",
    [
        "The pages do not say",
        "Sorry, but the pages do not say.",
        "Final answer: The pages do not say.",
        "The pages do not say who keeps the key.",
        "I do not know the answer to this question.",
        "I don’t know.",
        "I'm not sure.",
        "The provided passages don't mention the colour of the boat.",
        "The context does not contain any information about moorings.",
        "Based on the context, there is no mention of a mooring fee.",
        "Unfortunately, I couldn't find any information on that. Please contact the harbour office.",
        "There is not enough information to answer this question.",
        "It is not mentioned in the documents.",
        "Not mentioned.",
        "None of the passages mention a mooring.",
        "The answer is not in the text.",
        "No information is available.",
        "**Answer:** I don't know.",
        "As an AI language model, I don't have access to that information.",
        "I don't know [S1].",
    ],
)
def test_other_words_for_a_refusal(text: str) -> None:
    assert read_form(text, FormDemand(refusal=OWN)).refused


@pytest.mark.parametrize(
    "text",
    [
        "I don't know the exact hour, but the gate opens in May.",
        "The pages do not say who pays; the mooring is 8 euros.",
        "The pages do not say who pays, it is 8 euros.",
        "The pages do not say. It is probably 8 euros.",
        "No, dogs are not allowed.",
        "There is no fee.",
        "There are no details to fill in.",
        "It is not available in winter.",
        "The plan does not include moorings.",
        "The data does not include names.",
        "If you do not know the code, ask the keeper.",
        "You cannot find it in the shop.",
        "There is no way to undo this.",
        "No information is shared with others.",
        "Please contact the harbour office.",
        "Sorry, the harbour is closed.",
        "Unfortunately.",
        "",
    ],
)
def test_an_answer_that_contains_such_words_is_an_answer(text: str) -> None:
    assert not read_form(text, FormDemand(refusal=OWN)).refused


def test_the_sentence_of_a_scenario_counts_in_any_language() -> None:
    own = "Dazu steht nichts in den Seiten."
    assert is_refusal("Leider: dazu steht nichts in den Seiten", own)
    assert is_refusal("Antwort: Dazu steht nichts in den Seiten.", own)
    assert not is_refusal("Dazu steht nichts in den Seiten. Es sind 8 Euro.", own)


def test_long_texts_are_read_in_a_moment() -> None:
    start = time.process_time()
    for text in ("i do not " * 4000, "the pages do not say " * 2000, "there is no " + "information " * 4000):
        assert not is_refusal(text + "at all 8", OWN)
    assert time.process_time() - start < 2
