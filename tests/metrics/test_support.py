"""The claim detector: what it must support, what it must not, and that it is fast and never fails."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.metrics.support import claims, support, supports
from harness.metrics.wording import facts
from harness.types import Passage

REED = Passage(
    "reed#1",
    "reed",
    "Reed plan",
    "Updated: 2026-03-02.\n"
    "The Reed plan costs 19 euros a month. The Reed plan includes 10 hours a month.\n"
    "- The notice period of the Reed plan is 14 days.\n"
    "- Guests may not ride on the Reed plan.\n"
    "The code for invoices is KB-204. The head of the plan team is Ada Keller. She started in 2019.",
)
OAK = Passage("oak#1", "oak", "Oak plan", "The notice period of the Oak plan is 30 days. The deputy is Bo Lindqvist.")
NOTICE = "What is the notice period of the Reed plan?"


@pytest.mark.parametrize(
    ("question", "claim"),
    [
        (NOTICE, "The notice period is 14 days."),
        (NOTICE, "14 days"),
        (NOTICE, "fourteen days"),
        ("What does Reed cost?", "The Reed plan costs €19 per month."),
        ("Who leads the plan team?", "Ada Keller leads it."),
        ("Which code do invoices have?", "KB-204"),
        ("May guests ride?", "Guests may not ride on the Reed plan."),
        ("When did Ada Keller start?", "Ada Keller started in 2019."),
        ("When was the page updated?", "The page was updated on 2 March 2026."),
        ("Price and notice?", "The Reed plan costs 19 euros and the notice period of the Oak plan is 30 days."),
    ],
)
def test_supported(question: str, claim: str) -> None:
    judgement = support(claim, [OAK, REED], question)
    assert judgement.supported, judgement


@pytest.mark.parametrize(
    ("question", "claim", "reason"),
    [
        (NOTICE, "The notice period is 21 days.", "'21' does not stand"),
        (NOTICE, "The notice period of the Reed plan is 30 days.", "gives '14' instead of '30'"),
        (NOTICE, "The notice period is 10 days.", "instead of '10'"),
        ("Who leads the plan team?", "The head of the plan team is Bo Lindqvist.", "instead of"),
        ("Who leads the plan team?", "The head is Cleo Marsh.", "'cleo' does not stand"),
        ("Which code do invoices have?", "KB-402", "'402' does not stand"),
        ("May guests ride?", "Guests may ride on the Reed plan.", "affirms what the passage denies"),
        ("What does Reed cost?", "The Reed plan does not cost 19 euros.", ""),
        ("What is free?", "Parking is free for members of partner clubs.", "most of what it adds"),
        ("Is the notice period 21 days?", "Yes, the notice period is 21 days.", "'21' does not stand"),
    ],
)
def test_not_supported(question: str, claim: str, reason: str) -> None:
    judgement = support(claim, [OAK, REED], question)
    assert not judgement.supported
    assert reason in judgement.reason
    assert judgement.score < 0.7


def test_facts_of_one_claim_must_stand_in_one_passage() -> None:
    a, b = Passage("a", "a", "", "Ada Keller runs the depot."), Passage("b", "b", "", "The depot opened in 1999.")
    assert not support("Ada Keller opened the depot in 1999.", [a, b]).supported
    assert support("Ada Keller runs the depot and the depot opened in 1999.", [a, b]).supported


@pytest.mark.parametrize(
    ("claim", "word"),
    [
        ("The Ember has a red frame.", ""),
        ("The Ember has a yellow frame.", "yellow"),
        (
            "The load limit of the Ember is below that of the Lundra.",
            "",
        ),  # a row holds all of its words, in another order
        (
            "Riders park the Ember in the hub and never in the street.",
            "",
        ),  # no page says 'riders': other words, no error
    ],
)
def test_a_word_of_the_passages_in_the_place_of_another(claim: str, word: str) -> None:
    text = (
        "The Ember has a red frame. Its bell is yellow. Users park the Ember in the hub and never in the street.\n"
        "| Ember | load limit | below Lundra |\nThe step height of the Ember is above that of the Lundra."
    )
    judgement = support(claim, [Passage("p", "p", "", text)])
    assert judgement.supported == (not word), judgement
    assert word in judgement.reason


def test_a_word_of_the_title_may_stand_in_the_place_of_another() -> None:
    page = Passage("p", "p", "Reed", "The plan costs 19 euros and ends in May.")
    assert support("The Reed costs 19 euros and ends in May.", [page]).supported


def test_an_older_page_that_says_it_still_supports() -> None:
    old = Passage("old", "old", "Reed plan", "The notice period of the Reed plan is 30 days.")
    assert support("The notice period of the Reed plan is 30 days.", [REED, old], NOTICE).supported


def test_what_counts_as_a_claim() -> None:
    assert claims("Sure! It costs 5 euros [S1]. Anything else?\n1. First e.g. this. \n- Second one") == [
        "It costs 5 euros .",
        "First e.g. this.",
        "Second one",
    ]
    assert supports("", [REED]) == []
    assert not support("It is blue.", []).supported


def test_facts_are_numbers_names_and_codes() -> None:
    assert facts("The plan of Ada Keller costs 1,250 euros since June 7th, code BX_9") == {
        "ada", "keller", "1250", "month6", "day7", "bx_9",
    }  # fmt: skip
    assert facts("One of the plans is free") == set()
    assert facts("Ada Keller") == {"ada", "keller"}


@pytest.mark.slow
def test_it_beats_plain_word_coverage_on_human_labels(shared_data: Path) -> None:
    from benchmarks import grounding

    for load, least in ((grounding.begin, 0.87), (grounding.qags, 0.74)):
        items = load(shared_data)
        ours, plain = (
            statistics.mean(grounding.held_out([(score(item), item) for item in items], halvings=3))
            for score in (grounding.detector, grounding.coverage)
        )
        assert ours > plain
        assert ours > least


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=40))
def test_no_text_raises_and_scores_stay_in_range(claim: str, passage: str, question: str) -> None:
    for judgement in supports(claim, [Passage("p", "p", "", passage)], question):
        assert 0.0 <= judgement.score <= 1.0
        assert judgement.supported or judgement.reason


def test_a_claim_takes_well_under_a_millisecond_of_processor_time() -> None:
    texts = [f"The Reed plan number {i} costs {i} euros a month and includes 10 hours." for i in range(200)]
    support(texts[0], [REED, OAK, REED, OAK], NOTICE)
    best = min(_seconds(texts) for _ in range(5))  # the least of five: a shared machine adds time, never takes any
    assert best / len(texts) < 0.002  # 0.3 ms measured


def _seconds(texts: list[str]) -> float:
    start = time.process_time()
    for text in texts:
        support(text, [REED, OAK, REED, OAK], NOTICE)
    return time.process_time() - start
