"""The twenty advice-only scenarios: the guide's own nine and eleven from other trades, each held to its outcome.

An answer vector is fixed by a phrase, of the guide for its own cases and of the story for ours, or marked assumed; an
assumed answer is unsure, so no vector can be fitted to its outcome by guessing.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.advice.parse import Questionnaire, parse_advice
from harness.advice.questions import AnswerValue
from harness.advice.recommend import Advice, advise
from harness.advice.walk import walk_outcome
from harness.scenario.load import load_scenario

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT.parent / "shared" / "seeds" / "rag_vs_fine_tuning_decision_guide.txt"
RUNNABLE = {"helpdesk", "wiki", "tickets"}
# what the guide says of each case, and where its own arrows lead from the same answers
FROM_THE_GUIDE = {
    "notion-ai": ("rag", "rag"),
    "github-copilot": ("both", "rag"),
    "stripe-support": ("both", "rag"),
    "bloomberg-gpt": ("fine_tune", "fine_tune"),
    "cursor-editor": ("rag", "rag"),
    "team-a-internal-docs": ("both", "rag"),
    "team-b-support-tickets": ("both", "rag"),
    "quiz-catalogue": ("rag", "rag"),
    "quiz-hr-assistant": ("both", "fine_tune"),
}
CASES = sorted(p.parent.name for p in (ROOT / "scenarios").glob("*/scenario.yaml") if p.parent.name not in RUNNABLE)


def _case(name: str) -> tuple[Questionnaire, Advice]:
    scenario = load_scenario(ROOT / "scenarios" / name)
    questionnaire = parse_advice(scenario.advice, f"{name}: advice")
    return questionnaire, advise(questionnaire.answers, questionnaire.facts)


def test_all_cases_are_there() -> None:
    assert set(FROM_THE_GUIDE) <= set(CASES)
    assert len([c for c in CASES if c.startswith("own-")]) >= 10


@pytest.mark.parametrize("name", CASES)
def test_advice_is_the_expected_outcome(name: str) -> None:
    questionnaire, advice = _case(name)
    assert questionnaire.expect is not None
    assert advice.recommendation == questionnaire.expect, advice.reason
    assert questionnaire.because


@pytest.mark.parametrize("name", FROM_THE_GUIDE)
def test_guide_says_the_same_of_its_own_cases(name: str) -> None:
    outcome, walk = FROM_THE_GUIDE[name]
    _, advice = _case(name)
    assert advice.wanted == outcome
    assert walk_outcome(advice.walk) == walk
    assert ("walk_differs" in {c.name for c in advice.conflicts}) == (walk != outcome)


@pytest.mark.parametrize("name", CASES)
def test_every_answer_has_its_phrase_or_is_assumed_and_unsure(name: str) -> None:
    questionnaire, _ = _case(name)
    assert set(questionnaire.answers) == set(questionnaire.evidence) == set(range(1, 10))
    for number, phrase in questionnaire.evidence.items():
        assumed = phrase == "assumed"
        assert assumed == (questionnaire.answers[number] is AnswerValue.UNSURE), f"{name}, question {number}"


@pytest.mark.parametrize("name", [c for c in CASES if c.startswith("own-")])
def test_phrases_of_our_cases_stand_in_the_story(name: str) -> None:
    questionnaire, _ = _case(name)
    for number, phrase in questionnaire.evidence.items():
        assert phrase == "assumed" or phrase in questionnaire.story, f"{name}, question {number}: {phrase}"


@pytest.mark.parametrize("name", FROM_THE_GUIDE)
def test_phrases_of_the_guides_cases_stand_in_the_guide(name: str) -> None:
    if not GUIDE.is_file():
        pytest.skip("the decision guide is not beside the checkout")
    guide = " ".join(GUIDE.read_text(encoding="utf-8").split())
    questionnaire, _ = _case(name)
    for number, phrase in questionnaire.evidence.items():
        assert phrase == "assumed" or phrase in guide, f"{name}, question {number}: {phrase}"


def test_cases_cover_every_recommendation_and_both_first_steps() -> None:
    advices = [_case(name)[1] for name in CASES]
    assert {a.recommendation for a in advices} == {"rag", "fine_tune", "both", "rag_first"}
    assert {a.first_step for a in advices} == {"rag", "prompt"}
