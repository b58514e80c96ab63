"""The best constant answer: chosen on train and dev, judged on test, named."""

from __future__ import annotations

from dataclasses import replace

from harness.scenario.style import StyleRules
from harness.types import Case, Split
from harness.verdict.constant import best_constant
from harness.verdict.decide import decide
from tests.verdict import runs


def _case(name: str, accept: tuple[str, ...], split: Split) -> Case:
    kind = "lookup" if accept else "unanswerable"
    return Case(id=name, question="Is the ferry on time?", accept=accept, split=split, kind=kind, source=name)


def _set(split: Split, yes: int, no: int, refusable: int = 0) -> list[Case]:
    answers = [("Yes", "Yes, it is")] * yes + [("No",)] * no + [()] * refusable
    return [_case(f"{split}{i}", accept, split) for i, accept in enumerate(answers)]


def test_the_commonest_accepted_answer_is_chosen_on_train_and_dev_and_judged_on_test() -> None:
    constant = best_constant([*_set("train", 6, 3), *_set("dev", 1, 2), *_set("test", 2, 8)])
    assert constant.says == "answering 'Yes' to every question"
    assert constant.note == " (right on 7 of 12 cases of train and dev)"
    assert sum(value == 1.0 for value in constant.success.values()) == 2  # though 'No' is right on 8


def test_refusing_is_chosen_where_it_is_right_more_often() -> None:
    constant = best_constant([*_set("dev", 3, 2, refusable=4), *_set("test", 5, 5, refusable=5)])
    assert (constant.says, constant.note) == ("refusing every question", "")
    assert sum(value == 1.0 for value in constant.success.values()) == 5


def test_an_answer_that_only_one_case_accepts_is_no_policy() -> None:
    unique = [_case(f"d{i}", (f"pier {i}",), "dev") for i in range(20)]
    assert best_constant([*unique, *_set("test", 5, 5)]).text is None


def test_without_train_and_dev_it_is_chosen_on_test_and_says_so() -> None:
    assert best_constant(_set("test", 7, 3)).note == (
        " (right on 7 of 10 cases of test, since there is no train or dev)"
    )


def test_refusing_is_wrong_on_a_question_that_has_an_answer_though_no_metric_can_score_it() -> None:
    unlabelled = replace(_case("t0", ("pier 1",), "test"), accept=())
    assert best_constant([unlabelled, *_set("test", 0, 0, refusable=2)]).success == {
        "t0": 0.0,
        "test0": 1.0,
        "test1": 1.0,
    }


def test_a_constant_answer_to_a_tone_case_is_judged_by_the_house_style_as_those_of_the_arms_are() -> None:
    tone = [replace(case, category="tone") for case in _set("test", 3, 1)]
    cases = [*_set("dev", 6, 1), *tone]
    assert sum(value == 1.0 for value in best_constant(cases).success.values()) == 3  # by what is accepted
    keeps = best_constant(cases, StyleRules(most_words=3))
    assert sum(value == 1.0 for value in keeps.success.values()) == 4  # a tone case accepts whatever keeps the style
    breaks = best_constant(cases, StyleRules(forbidden=("yes",)))
    assert (breaks.text, sum(value == 1.0 for value in breaks.success.values())) == ("Yes", 0)


def test_a_long_constant_is_shortened() -> None:
    text = "the ferry leaves from the northern pier " * 4
    cases = [_case(f"d{i}", (text,), "dev") for i in range(3)]
    assert len(best_constant([*cases, *_set("test", 1, 1)]).says) < 100


def test_an_arm_that_does_no_better_than_saying_yes_is_not_shipped_and_the_constant_is_named() -> None:
    """84 of 120 are right to be answered with yes; the hybrid gets 78 right, RAG-only 40."""
    cases = [replace(case, accept=("yes" if i < 84 else f"x{i}",)) for i, case in enumerate(runs.cases())]
    dev = [replace(case, id=f"dev-{case.id}", split="dev") for case in cases]
    rows = runs.scores({"baseline": 20, "rag": 40, "tune": 30, "hybrid": 78})
    verdict = decide(runs.figures(), rows, [*dev, *cases], {}, "hybrid", None)
    gate = runs.gate(verdict, "gain_over_constant")
    assert gate.title == "Task success gained over answering 'yes' to every question"
    assert gate.reason.endswith("(right on 84 of 120 cases of train and dev)")
    assert (gate.status, verdict.word, verdict.ship) == ("fail", "NO-GO", None)
    assert "answering 'yes' to every question (gain_over_constant)" in verdict.sentence
