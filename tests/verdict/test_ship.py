"""Which arm is shipped, and which never."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from harness.types import Score, Verdict
from harness.verdict.decide import decide
from tests.verdict import runs

# --- ship ------------------------------------------------------------------------------------------------------


def test_the_simplest_arm_within_the_margin_is_shipped() -> None:
    """The baseline alone answers everything: hybrid's gates fail, and nothing dearer than a prompt is needed."""
    verdict = runs.judged(rows=runs.scores(dict.fromkeys(runs.HITS, 118)))
    assert (verdict.word, verdict.ship) == ("NO-GO", "baseline")
    assert "answered as well without passages" in verdict.agreement_reason


def test_an_arm_that_breaks_its_own_gate_is_passed_over() -> None:
    scores = runs.scores({**runs.HITS, "rag": 113})
    unsupported = {f"q{i:03}": 1.0 for i in range(30)}
    verdict = runs.judged(rows=runs.replaced(scores, "rag", "hallucination", unsupported))
    assert (verdict.word, verdict.ship) == ("NO-GO", None)  # the hybrid failed its own verdict
    assert verdict.agreement == "not comparable"
    assert "Ship nothing yet" in verdict.sentence


def test_between_arms_without_a_proven_difference_the_simplest_ships() -> None:
    """The hybrid is right on 6 more of 120, which chance alone can do: RAG-only ships, and the words say why."""
    rng = random.Random(3)
    rows = {"rag": [1.0] * 100 + [0.0] * 20, "hybrid": [1.0] * 106 + [0.0] * 14}
    for values in rows.values():
        rng.shuffle(values)
    columns = {(f"q{i:03}", arm): values[i] for arm, values in rows.items() for i in range(runs.N)}
    scores = [
        replace(score, value=columns[score.case_id, score.arm]) if score.metric == "task_success" and score.arm in rows
        else score
        for score in runs.scores()
    ]  # fmt: skip
    verdict = runs.judged(rows=scores)
    assert (verdict.word, verdict.ship) == ("NOT PROVEN", "rag")
    assert "no arm is proven better (the best by 5.0 points" in verdict.sentence


def test_an_arm_that_is_proven_behind_another_is_not_shipped_though_the_best_is_not_proven_better() -> None:
    """Tune differs from the baseline on 12 cases, all gained; the hybrid is best by luck, with losses and gains."""
    base = set(range(60))
    tune = base | set(range(60, 72))
    hybrid = (base - set(range(30))) | set(range(60, 103))
    succeeds = {"baseline": base, "rag": set(range(50)), "tune": tune, "hybrid": hybrid}
    verdict = _decide_refusable(succeeds)
    assert verdict.ship == "tune"


def test_an_oracle_is_never_shipped() -> None:
    scores = runs.scores() + [Score(case.id, "oracle", "task_success", 1.0) for case in runs.cases()]
    assert runs.judged(runs.figures(arms=(runs.arm("oracle"), *runs.ARMS)), scores).ship == "hybrid"


def test_few_shot_comes_between_rag_and_tuning() -> None:
    healthy = runs.figures()
    figures = runs.figures(
        arms=(*runs.ARMS, runs.arm("rag+few-shot")), forms={**healthy.forms, "rag+few-shot": runs.form()}
    )
    copied = [Score(s.case_id, "rag+few-shot", s.metric, s.value) for s in runs.scores() if s.arm == "hybrid"]
    verdict = runs.judged(figures, runs.scores() + copied)
    assert (verdict.word, verdict.ship) == ("GO", "rag+few-shot")
    assert "Ship rag+few-shot instead" in verdict.sentence


# --- an arm that is of no use ------------------------------------------------------------------------------------

REFUSABLE = 22  # unanswerable cases of 120, the last ones
REFUSED = set(range(runs.N - REFUSABLE, runs.N))  # on which a policy that always refuses succeeds


def _decide_refusable(succeeds: dict[str, set[int]], **gates: Any) -> Verdict:
    """The verdict where each arm succeeds on these cases of a golden set whose last 22 are unanswerable."""
    scores = [
        replace(score, value=float(int(score.case_id[1:]) in succeeds[score.arm]))
        if score.metric == "task_success"
        else score
        for score in runs.scores()
    ]
    return decide(runs.figures(), scores, runs.cases(unanswerable=REFUSABLE), gates, "hybrid", "both")


def test_an_arm_that_refuses_every_question_is_never_shipped() -> None:
    """As on a real run: the baseline refused everything, and no other arm did better."""
    verdict = _decide_refusable(
        {"baseline": REFUSED, "rag": set(range(14)), "tune": set(range(10)), "hybrid": set(range(14))}
    )
    assert verdict.ship is None
    gate = "task success gained over refusing every question (gain_over_constant, not proven)"
    assert f"Ship nothing yet: baseline has not shown {gate}" in verdict.sentence


@pytest.mark.parametrize(("policy", "status"), [("interval", "not proven"), ("point", "fail")])
def test_a_candidate_that_refuses_every_question_gains_nothing(policy: str, status: str) -> None:
    nothing: set[int] = set()
    verdict = _decide_refusable(
        {"baseline": nothing, "rag": nothing, "tune": nothing, "hybrid": REFUSED}, policy=policy
    )
    gate = runs.gate(verdict, "gain_over_constant")
    assert gate.estimate is not None
    assert (gate.estimate.mean, gate.estimate.n, gate.status) == (0.0, runs.N, status)
    assert gate.absolute
    assert (verdict.word != "GO", verdict.ship) == (True, None)


def test_an_arm_that_is_worse_than_refusing_fails() -> None:
    verdict = _decide_refusable({arm: set(range(5)) for arm in runs.HITS})
    gate = runs.gate(verdict, "gain_over_constant")
    assert gate.estimate is not None
    assert gate.estimate.mean == pytest.approx(100 * (5 - REFUSABLE) / runs.N)
    assert (gate.status, verdict.ship) == ("fail", None)


def test_an_arm_that_answers_is_shipped_though_one_that_refuses_is_near() -> None:
    """RAG-only refuses rightly and answers 30 cases besides: 30 gained over refusing, none lost."""
    verdict = _decide_refusable(
        {"baseline": REFUSED, "rag": REFUSED | set(range(30)), "tune": REFUSED, "hybrid": REFUSED | set(range(31))}
    )
    gate = runs.gate(verdict, "gain_over_constant")
    assert gate.estimate is not None
    assert gate.estimate.mean == pytest.approx(100 * 31 / runs.N)
    assert (gate.status, verdict.ship) == ("pass", "rag")


def test_unscored_cases_count_as_lost_to_refusing() -> None:
    """Four gained over refusing among the scored is a pass; three unscored ones that refusing gets right undo it."""
    scores = runs.scores({**runs.HITS, "hybrid": 4})
    refused = {f"q{i:03}": 1.0 for i in REFUSED}
    for values, status in ((refused, "pass"), (refused | {f"q{i}": None for i in range(117, 120)}, "not proven")):
        changed = runs.replaced(scores, "hybrid", "task_success", values)
        verdict = decide(runs.figures(), changed, runs.cases(unanswerable=REFUSABLE), {}, "hybrid", "both")
        assert runs.gate(verdict, "gain_over_constant").status == status
    assert "3 unscored" in runs.gate(verdict, "gain_over_constant").reason


def test_without_unanswerable_cases_the_gain_over_constant_is_task_success_above_zero() -> None:
    gate = runs.gate(runs.judged(rows=runs.scores({**runs.HITS, "hybrid": 6})), "gain_over_constant")
    assert gate.estimate is not None
    assert gate.estimate.mean == pytest.approx(5.0)
    assert gate.status == "pass"
    gate = runs.gate(runs.judged(rows=runs.scores({**runs.HITS, "hybrid": 0})), "gain_over_constant")
    assert gate.status == "not proven"


def test_unanswerable_cases_of_other_splits_do_not_count() -> None:
    dev = [replace(case, id=f"dev{case.id}", split="dev") for case in runs.cases(unanswerable=runs.N)]
    verdict = decide(runs.figures(), runs.scores(), [*runs.cases(), *dev], {}, "hybrid", "both")
    gate = runs.gate(verdict, "gain_over_constant")
    assert gate.estimate is not None
    assert gate.estimate.mean == pytest.approx(100 * 114 / runs.N)


def test_an_arm_without_any_score_is_not_measured_against_refusing() -> None:
    scores = [score for score in runs.scores() if (score.arm, score.metric) != ("hybrid", "task_success")]
    verdict = runs.judged(rows=scores, task_success=50)
    for name in ("gain_over_constant", "task_success"):
        gate = runs.gate(verdict, name)
        assert (gate.status, gate.reason) == ("not measured", "no answer of hybrid has a score for task_success")


@pytest.mark.parametrize(("floor", "status"), [(85, "pass"), (95, "not proven"), (99.5, "fail")])
def test_a_floor_of_task_success_is_judged_where_it_is_set(floor: float, status: str) -> None:
    """114 of 120: 95 %, interval 89.4 to 98.1 %."""
    assert "task_success" not in {gate.name for gate in runs.judged().gates}
    verdict = runs.judged(task_success=floor)
    gate = runs.gate(verdict, "task_success")
    assert (gate.status, gate.threshold) == (status, pytest.approx(floor / 100))
    assert verdict.ship == ("hybrid" if status == "pass" else None)


def test_a_floor_that_unscored_cases_could_undo_is_not_proven() -> None:
    lost = {f"q{i:03}": None for i in range(10)}
    verdict = runs.judged(rows=runs.replaced(runs.scores(), "hybrid", "task_success", lost), task_success=85)
    gate = runs.gate(verdict, "task_success")
    assert gate.status == "not proven"
    assert "10 unscored" in gate.reason
