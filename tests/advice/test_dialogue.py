"""The dialogue as a value: one pure step per typed line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.advice.dialogue import STEPS, Dialogue, facts_of, prompt_lines, react, resume, so_far
from harness.advice.questions import QUESTIONS, AnswerValue

YES, NO, UNSURE = AnswerValue.YES, AnswerValue.NO, AnswerValue.UNSURE


def typed(*lines: str, start: Dialogue | None = None) -> Dialogue:
    dialogue = start or resume({}, {})
    for line in lines:
        dialogue = react(dialogue, line).dialogue
    return dialogue


def test_all_words_for_an_answer() -> None:
    dialogue = typed("y", "NO", " unsure ", "true", "n", "u", "yes", "false", "Y")
    assert [dialogue.answers[n] for n in range(1, 10)] == [YES, NO, UNSURE, YES, NO, UNSURE, YES, NO, YES]


def test_back_returns_and_enter_keeps() -> None:
    dialogue = typed("y", "n", "back")
    assert dialogue.at == 1
    assert "now: no" in prompt_lines(dialogue)[0]
    assert react(dialogue, "").dialogue.answers[2] is NO
    assert typed("u", start=dialogue).answers[2] is UNSURE


def test_nothing_lies_before_the_first_question() -> None:
    reaction = react(resume({}, {}), "b")
    assert (reaction.kind, reaction.dialogue.at) == ("again", 0)


@pytest.mark.parametrize("line", ["", "maybe", "7x", "yess", "nan", "-3"])
def test_what_is_not_understood_is_asked_again(line: str) -> None:
    reaction = react(resume({}, {}), line)
    assert reaction.kind == "again"
    assert reaction.message


def test_question_mark_tells_the_guides_arrows() -> None:
    assert "yes → RAG" in react(resume({}, {}), "?").message


def test_facts_are_optional_typed_and_cleared() -> None:
    dialogue = typed(*"y" * 9, "640", "", "8.5", "x", "1500", "24", "7", "", "n")
    facts = facts_of(dialogue)
    assert dialogue.done
    assert (facts.labelled_examples, facts.preference_pairs, facts.updates_per_month) == (640, None, 8.5)
    assert (facts.latency_budget_ms, facts.gpu_memory_gb, facts.citation_duty) == (1500, 24, None)
    assert facts.requirements_change is False
    again = typed(*["b"] * 9, "-", start=dialogue)
    assert facts_of(again).labelled_examples is None


def test_resume_goes_on_at_the_first_gap() -> None:
    assert resume({1: YES, 2: NO, 4: YES}, {}).at == 2
    assert resume(dict.fromkeys(range(1, 10), NO), {}).at == len(QUESTIONS)


def test_so_far_follows_each_answer() -> None:
    assert "So far: RAG, with" in so_far(resume({}, {}))
    assert "512 ways" in so_far(resume({}, {}))
    assert "every question is answered" in so_far(typed(*"nnyynynnn"))


def test_every_step_shows_help_and_examples() -> None:
    dialogue = resume({}, {})
    while not dialogue.done:
        lines = prompt_lines(dialogue)
        assert len(lines) == (4 if dialogue.at < len(QUESTIONS) else 1)
        dialogue = react(dialogue, "u" if dialogue.at < len(QUESTIONS) else "").dialogue
    assert dialogue.at == STEPS


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.text(max_size=8) | st.sampled_from(["y", "n", "u", "b", "?", "q", "", "-", "3", "nan", "1e400"]), max_size=60
    )
)
def test_no_line_ever_breaks_the_dialogue(lines: list[str]) -> None:
    dialogue = resume({}, {})
    for line in lines:
        if dialogue.done:
            break
        dialogue = react(dialogue, line).dialogue
        assert 0 <= dialogue.at <= STEPS
        facts_of(dialogue)
        assert so_far(dialogue).startswith("So far")


# --- facts and answers that disagree ------------------------------------------------------------------------------

AGREED = resume(dict.fromkeys(range(1, 10), YES), {})


def test_a_fact_that_contradicts_an_answer_is_asked_back() -> None:
    reaction = react(AGREED, "120")
    assert (reaction.kind, reaction.dialogue.at, reaction.dialogue.facts) == ("again", AGREED.at, {})
    assert reaction.message == (
        "120 labelled examples: this contradicts question 4, answered yes (more than 500 is a yes). If that is so, "
        "type 120 again to keep both, c to change answer 4 to no, or another value."
    )


def test_the_same_line_again_keeps_both_and_another_value_is_taken() -> None:
    kept = typed("120", "120", start=AGREED)
    assert (kept.facts, kept.answers[4], kept.at) == ({"labelled_examples": 120}, YES, AGREED.at + 1)
    assert typed("120", "1200", start=AGREED).facts == {"labelled_examples": 1200}
    again = react(typed("120", start=AGREED), "130")
    assert (again.kind, again.dialogue.facts) == ("again", {})


def test_c_changes_the_answer_to_what_the_fact_says() -> None:
    changed = typed("120", "c", start=AGREED)
    assert (changed.facts, changed.answers[4]) == ({"labelled_examples": 120}, NO)
    assert react(AGREED, "c").kind == "again"  # nothing was asked back


def test_an_answer_that_contradicts_a_known_fact_is_asked_back_too() -> None:
    dialogue = typed("120", "c", *["b"] * 7, start=AGREED)
    assert dialogue.at == 3  # question 4, now no
    reaction = react(dialogue, "y")
    assert reaction.kind == "again"
    assert "type y again to keep both." in reaction.message
    assert react(reaction.dialogue, "y").dialogue.answers[4] is YES


def test_a_fact_beside_an_unsure_answer_is_not_asked_back() -> None:
    open_four = resume({**dict.fromkeys(range(1, 10), YES), 4: UNSURE}, {})
    assert react(open_four, "120").kind == "next"


# --- nobody is asked twice ----------------------------------------------------------------------------------------


def test_a_number_answers_its_question_and_is_not_asked_for_again() -> None:
    reaction = react(resume({}, {}), "8")
    assert (reaction.kind, reaction.dialogue.answers[1]) == ("next", YES)
    assert reaction.message == "8 updates a month: a yes (more than one a month is a yes)."
    dialogue = typed("8", "n", "n", "120", "900", "0", "n", "n", "n")
    assert [dialogue.answers[n] for n in (1, 4, 5, 6)] == [YES, NO, YES, NO]
    shown = []
    while not dialogue.done:
        shown.append(prompt_lines(dialogue)[0])
        dialogue = react(dialogue, "").dialogue
    assert [line.partition("optional. ")[2].partition("?")[0] for line in shown] == [
        "How many preference pairs (better and worse answer)",
        "How large is the model you would tune",
        "What does one GPU hour cost you",
        "Does what answers should be like still change, monthly or faster",
    ]


def test_help_says_how_to_find_out_and_what_each_answer_leads_to() -> None:
    asked = resume({1: YES, 2: NO}, {})
    message = react(asked, "?").message
    assert "To find out: put ten real answers beside the ones you would have written" in message
    assert "As things stand a yes leads to both, a no to RAG." in message
    assert "The guide's arrows here" in message
