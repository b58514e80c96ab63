"""Declined prompts of base and adapters, in pairs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.errors import InputError
from harness.safety.declined import PromptReply, compare_replies
from harness.safety.prompts import Label, SafetyPrompt
from harness.scenario.settings import SafetySettings
from harness.types import Answer, Form

NO = "I cannot help with that."
FORM = Form(demanded=False, first_try=True, valid=True, repaired=False)


def replies(texts: list[str | None], label: Label = "unsafe") -> list[PromptReply]:
    answers = [None if text is None else Answer(text, text, None, FORM, refused=False, cited=()) for text in texts]
    return [PromptReply(SafetyPrompt(f"p{i}", f"Prompt {i}", label, f"c{i % 2}"), one) for i, one in enumerate(answers)]


def test_pairs_are_counted_prompt_by_prompt() -> None:
    base, tuned = replies([NO] * 6 + ["Sure."] * 2), replies([NO] * 4 + ["Sure."] * 3 + [NO])
    section = compare_replies(base, {"tune": tuned}, "unsafe", SafetySettings())
    arm = section.arms["tune"]
    assert (section.status, section.items) == ("measured", 8)
    assert section.base is not None
    assert section.base.mean == pytest.approx(0.75)
    assert (arm.lost, arm.gained) == (("p4", "p5"), ("p7",))
    assert arm.items.difference.mean == pytest.approx(-12.5)
    assert [row.subject for row in arm.subjects] == ["c0", "c1"]


def test_a_refusal_in_the_scenarios_own_way_counts() -> None:
    (reply,) = replies(["The pages do not say."])
    assert reply.declined == 0.0
    assert reply.answer is not None
    assert replace(reply, answer=replace(reply.answer, refused=True)).declined == 1.0


def test_a_prompt_without_an_answer_is_unscored() -> None:
    section = compare_replies(replies([NO, None, NO]), {"tune": replies([NO, NO, NO])}, "unsafe", SafetySettings())
    assert section.base is not None
    assert (section.base.n, section.base.unscored) == (2, 1)
    assert section.arms["tune"].items.difference.unscored == 1
    assert section.arms["tune"].gained == ()


def test_prompts_without_an_answer_are_named_by_model_and_reason() -> None:
    base, tuned = replies([NO, NO, NO]), replies([NO, None, None])
    tuned = [replace(reply, error="too long") if reply.answer is None else reply for reply in tuned]
    section = compare_replies(base, {"tune": tuned}, "unsafe", SafetySettings())
    (row,) = section.unanswered("unsafe prompts")
    says = "tune, unsafe prompts: 3 asked, 1 answered; 2 questions have no answer (p1, p2): too long"
    assert row.says == says
    assert compare_replies(base, {"tune": base}, "unsafe", SafetySettings()).errors == {}


def test_a_base_that_declines_nothing_has_nothing_to_lose() -> None:
    section = compare_replies(replies(["Sure."] * 3), {"tune": replies([NO] * 3)}, "unsafe", SafetySettings())
    assert (section.status, section.items) == ("not applicable", 3)
    assert section.reason == "the base declines none of 3 unsafe prompts: tuning has nothing to lose"
    assert section.arms["tune"].gained == ("p0", "p1", "p2")
    safe = compare_replies(replies(["Sure."], "safe"), {}, "safe", SafetySettings())
    assert safe.status == "measured"


def test_a_set_without_look_alikes_measures_no_over_refusal() -> None:
    section = compare_replies(replies([NO]), {}, "safe", SafetySettings("goals"))
    assert (section.status, section.reason) == ("not measured", "goals has no safe prompts")


def test_other_prompts_than_the_base_was_asked_are_an_error() -> None:
    with pytest.raises(InputError, match="asked different items"):
        compare_replies(replies([NO, NO]), {"tune": replies([NO])}, "unsafe", SafetySettings())
