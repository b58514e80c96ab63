"""The waterfall of lost questions: every failed question in one class, and each class by what lost it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.diagnosis.diagnose import diagnosed_run
from harness.diagnosis.losses import LOSSES, loss_of, waterfall, waterfalls
from harness.record.measurements import RetrievalSection
from harness.record.sections import Figures, SourceSection
from harness.report.losses import falls
from harness.types import Answer, Case, Evidence, Form, Hit, Passage, Score, Trace
from tests import make
from tests.verdict import runs

HIT = Hit(Passage("d#1", "d", "T", "A kayak may be lent for 3 days."), 1.0)
SOURCE = SourceSection("url", "http://127.0.0.1", {}, {"passages": "it does not say what it reads"})
CASE = Case("q0", "?", accept=("3 days",), evidence=(Evidence(doc="d", quote="3 days"),))
WRONG: dict[str, float | None] = {"task_success": 0.0, "task_success_without_form": 0.0, "correct": 0.0}


@dataclass
class Lost:
    """One question and what RAG-only made of it."""

    case: Case = CASE
    scores: dict[str, float | None] = field(default_factory=lambda: {**WRONG, "recall@k": 1.0})
    answer: Answer | None = field(default_factory=lambda: _answer())
    inapplicable: tuple[str, ...] = ()
    arm: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)


def _answer(**changes: Any) -> Answer:
    form = Form(demanded=True, first_try=True, valid=True, repaired=False)
    usual = Answer("", "4 days", None, form, refused=False, cited=(), hits=(HIT,), retrieved=("d#1",))
    return replace(usual, **changes)


def _figures(lost: Lost) -> Figures:
    return runs.figures(arms=(runs.arm("rag", **lost.arm),), candidate="rag", **lost.figures)


def _class(lost: Lost) -> str:
    scores = [
        Score(lost.case.id, "rag", metric, value, None if value is not None else "unknown")
        for metric, value in lost.scores.items()
    ]
    scores += [Score(lost.case.id, "rag", metric, None, "no meaning", applicable=False) for metric in lost.inapplicable]
    trace = Trace(lost.case.id, "rag", lost.answer, None if lost.answer else "out of reach")
    run = diagnosed_run(_figures(lost), [trace], scores, [lost.case])
    (section,) = waterfalls(run)
    assert [loss.name for loss in section.losses if loss.cases] == [loss_of(run, "rag", lost.case.id)]
    assert (section.questions, section.successes, section.failures) == (1, 0, 1)
    return loss_of(run, "rag", lost.case.id)


FOUND = {"retrieval": RetrievalSection({}, 1, found={"q0": 1.0})}
BARE = replace(CASE, evidence=())
LONG = replace(BARE, accept=("A kayak may be lent for 3 days.",))
TONE = replace(CASE, category="tone")
NOT_FOUND = {**WRONG, "recall@k": 0.0}
STYLED = {key: value for key, value in WRONG.items() if key != "correct"} | {"recall@k": 1.0, "hallucination": 0.0}
PRODUCED: dict[str, Lost] = {
    "no_answer": Lost(answer=None, scores={"task_success": None}),
    "not_known": Lost(case=replace(BARE, kind="style"), scores=WRONG),
    "no_passages": Lost(answer=_answer(hits=(), retrieved=()), scores=WRONG, arm={"retriever": False}),
    "in_no_passage": Lost(
        scores=NOT_FOUND, figures={"golden": replace(runs.figures().golden, lost_evidence={"q0": (0,)})}
    ),
    "not_retrieved": Lost(scores=NOT_FOUND),
    "trimmed": Lost(scores=NOT_FOUND, answer=_answer(retrieved=("d#1", "d#2")), figures=FOUND),
    "unknown": Lost(case=LONG, scores=WRONG),
    "not_read": Lost(),
    "refused": Lost(answer=_answer(refused=True)),
    "off_style": Lost(case=TONE, scores={**STYLED, "tone": 0.0}, inapplicable=("correct",)),
    "answered": Lost(
        case=Case("q0", "?", kind="unanswerable"),
        scores={"task_success": 0.0, "task_success_without_form": 0.0},
        inapplicable=("correct",),
    ),
    "unsupported": Lost(scores={**WRONG, "correct": 1.0, "recall@k": 1.0, "hallucination": 1.0}),
    "malformed": Lost(scores={**WRONG, "correct": 1.0, "task_success_without_form": 1.0}),
    "not_scored": Lost(scores={"task_success": None, "correct": None}),
}


def test_every_class_is_produced() -> None:
    assert list(PRODUCED) == [row.name for row in LOSSES]


@pytest.mark.parametrize("name", PRODUCED)
def test_a_question_is_in_the_class_of_what_lost_it(name: str) -> None:
    assert _class(PRODUCED[name]) == name


NOTHING = _answer(hits=(), retrieved=())
ODD: dict[str, tuple[str, Lost]] = {
    "a refusal whose evidence was not shown is lost in retrieval": (
        "not_retrieved", Lost(scores=NOT_FOUND, answer=_answer(refused=True))),
    "a right answer without its evidence is judged by what is wrong with it": (
        "unsupported", Lost(scores={**NOT_FOUND, "correct": 1.0, "hallucination": 1.0})),
    "a malformed refusal of what has no answer is malformed": (
        "malformed", Lost(case=Case("q0", "?", kind="unanswerable"), answer=_answer(refused=True),
                          scores={"task_success": 0.0, "task_success_without_form": 1.0})),
    "a part of the evidence is not the evidence": ("not_retrieved", Lost(scores={**WRONG, "recall@k": 0.5})),
    "what did not fit was not the evidence": (
        "not_retrieved", Lost(scores=NOT_FOUND, answer=_answer(retrieved=("d#1", "d#2")))),
    "an arm that found nothing at all": ("not_retrieved", Lost(scores=WRONG, answer=NOTHING)),
    "without evidence a passage with an accepted answer counts as it": ("not_read", Lost(case=BARE, scores=WRONG)),
    "and none with one as not found": ("not_retrieved", Lost(case=replace(BARE, accept=("9 days",)), scores=WRONG)),
    "a refusal where nothing says what was shown": (
        "refused", Lost(case=LONG, scores=WRONG, answer=_answer(refused=True))),
    "a system that does not say what it reads": (
        "unknown", Lost(scores=WRONG, answer=NOTHING, arm={"retriever": False, "source": SOURCE})),
    "a tone case that lacks what it should say": (
        "not_read", Lost(case=TONE, scores={**STYLED, "tone": 1.0, "complete": 0.5}, inapplicable=("correct",))),
    "a tone case in the right words, unsupported": (
        "unsupported", Lost(case=TONE, scores={**STYLED, "tone": 1.0, "hallucination": 1.0},
                            inapplicable=("correct",))),
}  # fmt: skip


@pytest.mark.parametrize("what", ODD)
def test_odd_losses(what: str) -> None:
    name, lost = ODD[what]
    assert _class(lost) == name


# --- whole runs ---------------------------------------------------------------------------------------------------


def _adds_up(figures: Figures, traces: Sequence[Trace], scores: Sequence[Score], cases: Sequence[Case]) -> None:
    """Every arm's classes are disjoint and hold what task success, counted by itself, calls a failure."""
    run = diagnosed_run(figures, traces, scores, cases)
    test = {case.id for case in cases if case.split == "test"}
    for arm in figures.arm_names:
        own = {s.case_id: s.value for s in scores if (s.arm, s.metric) == (arm, "task_success") and s.applicable}
        failed = sorted(case for case, value in own.items() if value != 1.0 and case in test)
        section = waterfall(run, arm)
        assert sorted(case for loss in section.losses for case in loss.cases) == failed
        assert section.failures == len(failed)
        estimate = figures.estimate(arm, "task_success")
        if estimate is not None and estimate.mean is not None:
            assert section.successes == round(estimate.mean * estimate.n)
            assert section.questions == estimate.n + estimate.unscored


@pytest.mark.parametrize("demanded", [True, False])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_classes_add_up_to_the_failures_of_made_up_runs(seed: int, demanded: bool) -> None:
    world = make.World(n=60, mixed=True, hostile=True, demanded=demanded)
    script = make.drawn(world, seed=seed)
    _adds_up(make.figures(script), make.traces(script), make.scores(script), script.cases)


@pytest.mark.parametrize("outcome", ["wrong", "unsupported", "refused", "broken", "error"])
def test_and_where_every_question_is_lost_in_one_way(outcome: Any) -> None:
    script = make.script({}, make.World(n=12, unanswerable=2), otherwise=outcome)
    _adds_up(make.figures(script), make.traces(script), make.scores(script), script.cases)


VALUES = st.sampled_from([0.0, 1.0, None])
METRICS = ("task_success", "task_success_without_form", "correct", "recall@k", "hallucination", "tone", "complete")
ROW = st.dictionaries(st.sampled_from(METRICS), VALUES)
KINDS = (replace(BARE, kind="style"), Case("q", "?", kind="unanswerable"), replace(CASE, split="dev"))
CASES = st.sampled_from([CASE, BARE, TONE, LONG, *KINDS])
ANSWERS = st.sampled_from([None, _answer(), _answer(refused=True), NOTHING, _answer(retrieved=("d#1", "d#2"))])


@given(st.lists(st.tuples(CASES, ANSWERS, ROW), min_size=1, max_size=8), st.booleans(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_whatever_was_scored_every_failure_has_one_class(
    rows: list[tuple[Case, Answer | None, dict[str, float | None]]], reads: bool, found: bool
) -> None:
    cases = [replace(CASE, id="first"), *(replace(case, id=f"q{i}") for i, (case, *_) in enumerate(rows))]
    traces = [Trace(c.id, "rag", a, None if a else "e") for c, (_, a, _s) in zip(cases[1:], rows, strict=True)]
    scores = [
        Score(case.id, "rag", metric, value, None if value is not None else "unknown")
        for case, (_, _a, row) in zip(cases[1:], rows, strict=True)
        for metric, value in row.items()
    ]
    share = {case.id: 1.0 for case in cases} if found else {}
    sections = {"metrics": {}, "retrieval": RetrievalSection({}, 1, found=share)}
    figures = runs.figures(arms=(runs.arm("rag", retriever=reads),), candidate="rag", **sections)
    _adds_up(figures, traces, scores, cases)


def test_the_candidate_stands_beside_the_ceiling_and_the_best_arm() -> None:
    script = make.script({"rag": 40, "hybrid": 90, "oracle": 100}, arms=("rag", "hybrid", "oracle"))
    figures = replace(make.figures(script), candidate="rag")
    record = make.record(figures, script)
    assert [(row.arm, row.role) for row in record.waterfalls] == [
        ("rag", "candidate"), ("oracle", "ceiling"), ("hybrid", "best")
    ]  # fmt: skip
    assert [row.successes for row in record.waterfalls] == [40, 100, 90]
    best = make.record(make.figures(script), script)
    assert [row.role for row in best.waterfalls] == ["candidate", "ceiling"], "the candidate is the best arm itself"


def test_what_is_shown_falls_from_all_questions_to_those_that_are_right() -> None:
    record = make.record(make.busy(), make.BUSY)
    table = falls(record)
    assert table is not None
    for column in zip(*(row.cells for row in table.rows), strict=True):
        asked, *lost, right = column
        assert asked.count == sum(cell.count for cell in lost) + right.count
        assert lost[-1].start == pytest.approx(right.width), "the last loss ends where what is right ends"
    assert table.main is not None
    assert table.main.title == "not retrieved"
    assert falls(replace(record, waterfalls=())) is None
