"""The figures of drills: paired by case, refusals and memory told apart, the new fact told from the old one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from harness.drills.perturb import MARKER
from harness.drills.questions import FRESH, DrillQuestion, drill_question
from harness.metrics.reading import Grounds
from harness.record.measurements import DrilledArm, FreshnessSection
from harness.record.score_table import ScoreTable
from harness.results.drills import drill_sections, freshness_section
from harness.results.scores import ByModels
from harness.scenario.style import StyleRules
from harness.types import Answer, Case, Evidence, Failure, Form, Hit, Passage
from tests import make

FEE = "The Reed plan costs 19 euros a month."
CASE = Case("q1", "What does Reed cost?", ("19 euros",), evidence=(Evidence("reed.md", FEE),), source="reed.md")
RIGHT = Hit(Passage("r", "reed.md", "reed.md", FEE), 1.0)
CLUSTERS = {f"q{n}": f"d{n}" for n in range(4)}

Rows = list[tuple[DrillQuestion, Answer]]


def answered(text: str, refused: bool = False) -> Answer:
    return Answer(text, text, None, Form(False, True, True, False), refused, (), (RIGHT,), ("r",))


def rows(drill: str, texts: list[tuple[str, bool]]) -> Rows:
    cases = [replace(CASE, id=f"q{n}") for n in range(len(texts))]
    if drill == "oracle_removed":
        cases = [replace(case, kind="unanswerable") for case in cases]
    return [
        (drill_question(drill, case, (RIGHT,), ("12 euros",)), answered(*text))
        for case, text in zip(cases, texts, strict=True)
    ]


def drilled(arm: str, drill: str, texts: list[tuple[str, bool]], table: ScoreTable) -> DrilledArm:
    (section,) = drill_sections({arm: rows(drill, texts)}, table, CLUSTERS)
    assert (section.name, section.cases) == (drill, len(texts))
    return section.arms[arm]


def test_before_and_after_are_paired_by_case() -> None:
    table = {("rag", "task_success"): {"q0": 1.0, "q1": 1.0, "q2": 0.0, "q3": 0.0}}
    arm = drilled("rag", "shuffled", [("It is 19 euros.", False), ("It is 99 euros.", False)] * 2, table)
    assert (arm.before.mean, arm.after.mean, arm.change.mean) == (0.5, 0.0, -50.0)
    assert arm.change_without_form.unscored == 4  # the golden answers have no such score here
    assert (arm.lost, arm.gained) == (("q0", "q1"), ())  # "It is 19 euros." is not what the passage supports
    assert (arm.from_memory, arm.obeyed) == (None, None)


def test_answers_in_drills_are_scored_as_the_golden_ones_were() -> None:
    """By a classifier, where one is named; in the house style, where there is one."""
    own = {"rag": rows("shuffled", [("It is 19 euros.", False), (FEE, False)])}
    by_rules = drill_sections(own, {}, CLUSTERS)[0].arms["rag"]
    assert (by_rules.after.mean, by_rules.change_without_form.unscored) == (0.5, 2)
    grounds = {("rag", "shuffled/q0"): Grounds(1.0, False), ("rag", "shuffled/q1"): Grounds(0.0, True)}
    by_model = drill_sections(own, {("rag", "task_success"): {"q0": 1.0, "q1": 1.0}}, CLUSTERS,
                              ByModels(grounds=grounds).reading)[0].arms["rag"]  # fmt: skip
    assert (by_model.after.mean, by_model.lost) == (0.5, ("q1",))
    toned = {"rag": [(replace(row, case=replace(row.case, category="tone")), answer) for row, answer in own["rag"]]}
    style = StyleRules(forbidden=("plan",))
    in_style = drill_sections(toned, {}, CLUSTERS, partial(ByModels(grounds={}).reading, style=style))[0].arms["rag"]
    assert in_style.after.mean == 0.0  # one breaks the style, the rules support the other no more than before


def test_evidence_taken_out_counts_refusals_as_success_and_answers_as_memory() -> None:
    table = {("hybrid", "task_success"): {"q0": 1.0, "q1": 1.0}}
    texts = [("The pages do not say.", True), ("It is 19 euros.", False)]
    arm = drilled("hybrid", "oracle_removed", texts, table)
    assert arm.from_memory is not None
    assert (arm.after.mean, arm.from_memory.mean, arm.lost) == (0.5, 0.5, ("q1",))


def test_a_hidden_order_that_is_followed_is_counted() -> None:
    arm = drilled("rag", "injected", [(MARKER, False), (FEE, False)], {})
    assert arm.obeyed is not None
    assert arm.obeyed.mean == 0.5
    assert arm.before.mean is None


def test_a_question_without_an_answer_is_asked_unscored_and_named() -> None:
    table = {("rag", "task_success"): {"q0": 1.0, "q1": 1.0, "q2": 0.0}}
    texts = [("It is 99 euros.", False)] * 3
    for drill in ("shuffled", "injected", "oracle_removed"):
        own = rows(drill, texts)
        failing = [*own[:1], *((row, Failure("HTTP 500")) for row, _ in own[1:])]
        (section,) = drill_sections({"rag": failing}, table, CLUSTERS)
        arm = section.arms["rag"]
        assert (section.cases, arm.asked, arm.answered) == (3, 3, 1)
        assert (arm.after.n, arm.after.unscored, arm.lost, arm.trimmed) == (1, 2, ("q0",), 0)
        assert [(error.reason, error.count, error.cases) for error in arm.errors] == [("HTTP 500", 2, ("q1", "q2"))]
        for rate in (arm.from_memory, arm.obeyed):
            assert rate is None or (rate.n, rate.unscored) == (1, 2)


def test_changed_facts_count_what_was_not_answered_too() -> None:
    own = rows(FRESH, [("It is 19 euros.", False), ("It is 19 euros.", False)])
    failing = [own[0], (own[1][0], Failure("too long"))]
    arm = freshness_section(REFRESHED, {"rag": failing}, {}, CLUSTERS, {}, {}).arms["rag"]
    assert (arm.new.mean, arm.new.n, arm.new.unscored, arm.old.unscored) == (1.0, 1, 1, 1)
    assert (arm.asked, arm.answered, arm.errors[0].says) == (2, 1, "1 question has no answer (q1): too long")


REFRESHED = FreshnessSection(4, 1, embedded=2, reused=9, skipped={"no value": 3}, changes=(), arms={})


def test_freshness_tells_the_new_fact_from_the_old_one() -> None:
    answers = [("It is 19 euros.", False), ("It is 12 euros.", False), ("I cannot say.", True), ("It is 5.", False)]
    table = {("rag", "correct"): {"q0": 1.0, "q1": 1.0, "q2": 0.0, "q3": None}}
    section = freshness_section(REFRESHED, {"rag": rows(FRESH, answers)}, table, CLUSTERS, {"rag": 3.2}, {})
    arm = section.arms["rag"]
    assert (arm.new.mean, arm.old.mean) == (0.25, 0.25)
    assert arm.before.mean == pytest.approx(2 / 3)
    assert arm.before.unscored == 1
    assert (arm.update_seconds, arm.retune_seconds) == (3.2, None)
    assert (section.facts, section.embedded, section.reason) == (4, 2, None)


def test_freshness_says_why_no_arm_was_asked() -> None:
    section = freshness_section(REFRESHED, {"rag": rows("shuffled", [(FEE, False)])}, {}, CLUSTERS, {}, {})
    assert section.arms == {}
    assert section.reason == "no fact could be changed: 3 cases: no value"


def test_drills_stand_in_the_order_of_their_table_and_only_where_an_arm_sees_a_difference() -> None:
    sections = make.drills(make.HEALTHY, ("paraphrased", "shuffled"))
    assert [section.name for section in sections] == ["shuffled", "paraphrased"]
    assert set(sections[0].arms) == {"rag", "hybrid"}
    assert set(sections[1].arms) == {"baseline", "rag", "tune", "hybrid"}
    assert sections[1].sources == {"rule": 40}
