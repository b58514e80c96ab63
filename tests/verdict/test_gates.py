"""What a gate measures, when it applies, and how it is judged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.record.measurements import AbilitySection
from harness.scenario.settings import Prices
from harness.types import Estimate, Score
from harness.verdict.decide import decide
from harness.verdict.gates import GATES, ByAnswer, GateRow
from harness.verdict.measures import rate_of
from harness.verdict.status import STATUSES
from tests import make
from tests.verdict import runs

# --- adapters --------------------------------------------------------------------------------------------------


def test_an_adapter_that_changes_no_answer_is_refused() -> None:
    verdict = runs.judged(runs.figures(identical_outputs={"hybrid": True, "tune": False}))
    assert (runs.gate(verdict, "adapter_effect").status, verdict.word) == ("fail", "NO-GO")


def test_an_adapter_whose_answers_were_not_compared_is_not_proven() -> None:
    gate = runs.gate(runs.judged(runs.figures(identical_outputs={})), "adapter_effect")
    assert gate.status == "not measured"
    assert gate.reason == "the answers of hybrid were not compared with those of its base arm rag; " \
        "run the scenario again"  # fmt: skip


def test_an_adapter_whose_base_arm_is_not_run_has_nothing_to_be_compared_with() -> None:
    arms = tuple(arm for arm in runs.ARMS if arm.name != "rag")
    figures = runs.figures(arms=arms, reference=None, identical_outputs={"hybrid": None, "tune": False})
    gate = runs.gate(runs.judged(figures), "adapter_effect")
    assert gate.status == "not applicable"
    assert gate.reason == "the scenario does not run rag; add it to `arms:` to compare with it"


def test_an_added_arm_is_compared_with_the_base_that_its_row_names() -> None:
    added = runs.arm("hybrid", name="hybrid+terse", base="hybrid")
    copied = [replace(score, arm="hybrid+terse") for score in runs.scores() if score.arm == "hybrid"]
    figures = runs.figures(
        arms=(*runs.ARMS, added), identical_outputs={"tune": False, "hybrid": False, "hybrid+terse": False}
    )
    verdict = runs.judged(figures, runs.scores() + copied, "hybrid+terse")
    assert runs.gate(verdict, "adapter_effect").status == "pass"


# --- unscored cases --------------------------------------------------------------------------------------------


def test_a_pass_that_unscored_cases_could_overturn_is_not_proven() -> None:
    """105 of 105 grounded: the interval clears 90 %. With 15 unscored as worst it is 105 of 120, which does not."""
    lost = {f"q{i:03}": None for i in range(15)}
    verdict = runs.judged(rows=runs.replaced(runs.scores(), "hybrid", "groundedness", lost))
    gate = runs.gate(verdict, "groundedness")
    assert gate.estimate is not None
    assert gate.estimate.unscored == 15
    assert gate.status == "not proven"
    assert "15 unscored" in gate.reason


def test_a_fail_that_unscored_cases_could_overturn_is_not_proven() -> None:
    """10 wrong of 10 scored say little where 110 could not be scored: references that are sentences, say."""
    wrong = {f"q{i:03}": 0.0 for i in range(10)} | {f"q{i:03}": None for i in range(10, 120)}
    verdict = runs.judged(rows=runs.replaced(runs.scores(), "hybrid", "groundedness", wrong))
    gate = runs.gate(verdict, "groundedness")
    assert gate.estimate is not None
    assert (gate.estimate.mean, gate.status) == (0.0, "not proven")
    assert "110 unscored" in gate.reason
    all_wrong = dict.fromkeys(wrong, 0.0)
    gate = runs.gate(
        runs.judged(rows=runs.replaced(runs.scores(), "hybrid", "groundedness", all_wrong)), "groundedness"
    )
    assert gate.status == "fail"


def test_cases_to_which_a_metric_does_not_apply_are_not_unscored() -> None:
    refused = {f"q{i:03}": None for i in range(15)}
    verdict = runs.judged(rows=runs.replaced(runs.scores(), "hybrid", "groundedness", refused, applicable=False))
    gate = runs.gate(verdict, "groundedness")
    assert gate.estimate is not None
    assert (gate.status, gate.estimate.n, gate.estimate.unscored) == ("pass", 105, 0)


def test_a_case_without_any_score_counts_as_unscored() -> None:
    scores = [score for score in runs.scores() if not (score.arm == "hybrid" and score.case_id in ("q000", "q001"))]
    gate = runs.gate(runs.judged(rows=scores), "task_success_gain")
    assert gate.estimate is not None
    assert gate.estimate.unscored == 2


def test_unscored_probes_are_counted_as_broken_forms() -> None:
    lost = replace(make.proportion(1100, 1100), unscored=20)
    forms = {**runs.figures().forms, "hybrid": runs.form(schema=lost)}
    assert runs.gate(runs.judged(runs.figures(forms=forms)), "schema").status == "not proven"  # 1100 of 1120 is 98.2 %


# --- what a gate applies to ------------------------------------------------------------------------------------


def test_gates_that_cannot_apply_are_named_and_do_not_stop_a_go() -> None:
    """RAG-only has no adapter to forget with, and cannot be compared with itself."""
    verdict = runs.judged(candidate="rag")
    inapplicable = {gate.name for gate in verdict.gates if gate.status == "not applicable"}
    assert inapplicable == {"task_success_gain", "p95_ratio", "forgetting", "safety", "adapter_effect"}
    assert verdict.word == "GO"
    assert all(gate.reason for gate in verdict.gates)


def test_an_arm_without_passages_has_nothing_to_be_grounded_in() -> None:
    verdict = runs.judged(candidate="tune")
    assert runs.gate(verdict, "groundedness").status == runs.gate(verdict, "hallucination").status == "not applicable"


def test_form_gates_do_not_apply_where_no_form_is_demanded() -> None:
    assert runs.gate(runs.judged(runs.figures(forms={})), "schema").status == "not applicable"


def test_a_comparison_with_an_arm_that_is_not_run_is_not_applicable() -> None:
    figures = runs.figures(arms=tuple(arm for arm in runs.ARMS if arm.name != "tune"))
    gate = runs.gate(runs.judged(figures), "gain_over_tune")
    reason = "the scenario does not run tune; add it to `arms:` to compare with it"
    assert (gate.status, gate.reason) == ("not applicable", reason)


def test_optional_gates_are_judged_only_where_they_are_set() -> None:
    assert "p95_ms" not in {gate.name for gate in runs.judged().gates}
    assert runs.gate(runs.judged(p95_ms=500), "p95_ms").status == "pass"
    assert runs.gate(runs.judged(p95_ms=415), "p95_ms").status == "not proven"
    assert runs.gate(runs.judged(p95_ms=300), "p95_ms").status == "fail"


def test_the_cost_gate_needs_prices_and_compares_token_costs() -> None:
    assert runs.gate(runs.judged(cost_ratio=1.1), "cost_ratio").status == "not measured"
    tokens = [
        Score(case.id, arm, metric, value)
        for case in runs.cases()
        for arm, prompt in (("rag", 400.0), ("hybrid", 300.0))
        for metric, value in (("prompt_tokens", prompt + len(case.id)), ("completion_tokens", 20.0))
    ]
    prices = Prices(input_per_million=1.0, output_per_million=5.0)
    gate = runs.gate(runs.judged(runs.figures(prices=prices), runs.scores() + tokens, cost_ratio=1.1), "cost_ratio")
    assert gate.status == "pass"
    assert gate.estimate is not None
    assert gate.estimate.mean == pytest.approx(404 / 504)


def test_a_gate_that_is_turned_off_is_noted() -> None:
    verdict = runs.judged(runs.figures(safety=AbilitySection("not measured")), safety=None)
    assert "safety" not in {gate.name for gate in verdict.gates}
    assert verdict.word == "GO"
    assert "The scenario turns the gate safety off." in verdict.notes


def test_point_policy_judges_by_the_estimate_and_says_so() -> None:
    scores = runs.scores({**runs.HITS, "rag": 104})
    verdict = runs.judged(rows=scores, policy="point")
    assert (runs.gate(verdict, "task_success_gain").status, verdict.word) == ("pass", "GO")
    assert any("policy: point" in note for note in verdict.notes)


# --- what would settle a gate ----------------------------------------------------------------------------------


def test_a_number_beyond_reach_is_no_advice() -> None:
    """Hybrid gains 7 of 120 over RAG-only, 5.8 points: telling it from 5 takes tens of thousands of questions."""
    gate = runs.gate(runs.judged(rows=runs.scores({**runs.HITS, "rag": 107})), "task_success_gain")
    assert (gate.status, gate.n_needed) == ("not proven", None)
    assert "the arms differ by hardly more than the gate asks, and more questions will not help" in gate.reason
    gate = runs.gate(runs.judged(rows=runs.scores({**runs.HITS, "rag": 109})), "task_success_gain")
    assert "the arms do not differ by as much as the gate asks, and more questions will not help" in gate.reason
    near = {f"q{i:03}": 0.0 for i in range(11)}  # 109 of 120 grounded: 90.8 %
    gate = runs.gate(runs.judged(rows=runs.replaced(runs.scores(), "hybrid", "groundedness", near)), "groundedness")
    assert gate.n_needed is None
    assert "that is too near the threshold for more questions to help" in gate.reason


def test_answers_without_a_single_exception_are_told_how_many_more_it_takes() -> None:
    forms = {**runs.figures().forms, "hybrid": runs.form(schema=make.proportion(20, 20))}
    gate = runs.gate(runs.judged(runs.figures(forms=forms)), "schema")
    assert gate.n_needed is not None
    assert gate.n_needed > 10 * 20


# --- numbers in words, and gates of one's own --------------------------------------------------------------------


def test_a_figure_that_rounds_onto_its_threshold_does_not_read_as_if_it_met_it() -> None:
    missed = Estimate(0.8996, 0.8986, 0.89995, 100_000, 0, "fraction", "given")
    forms = {**runs.figures().forms, "hybrid": runs.form(schema=missed)}
    gate = runs.gate(runs.judged(runs.figures(forms=forms), schema=90), "schema")
    assert gate.status == "fail"
    assert gate.reason == "89.960 % (95 % interval 89.860 to 89.995, n = 100,000) misses the limit, at least 90 %"
    slow = runs.latencies(hybrid=runs.latency(ratio=Estimate(1.103, 1.1021, 1.104, 5000, 0, "ratio", "given")))
    gate = runs.gate(runs.judged(runs.figures(latency=slow)), "p95_ratio")
    assert gate.reason == "1.103 × (95 % interval 1.102 to 1.104, n = 5,000) misses the limit, at most 1.1 ×"
    by_point = runs.judged(runs.figures(latency=slow), policy="point")
    assert runs.gate(by_point, "p95_ratio").reason == "1.103 ×, by point estimate"


def test_a_gate_of_ones_own_is_set_judged_and_decides_on_shipping() -> None:
    own = GateRow(
        "polite", "Polite answers", lambda sheet, arm: rate_of(sheet, arm, "polite", worst=0.0), ">=", 90.0, "fraction",
        scale=0.01, flipped_by=ByAnswer("polite", 1.0),
    )  # fmt: skip
    polite = [Score(case.id, arm, "polite", 1.0) for case in runs.cases() for arm in ("rag", "hybrid")]
    scores = [*runs.scores({**runs.HITS, "tune": 114}), *polite]
    verdict = decide(runs.figures(), scores, runs.cases(), {"polite": 95}, "hybrid", "both", (*GATES, own))
    gate = runs.gate(verdict, "polite")
    assert (gate.status, gate.threshold, gate.title) == ("pass", pytest.approx(0.95), "Polite answers")
    tune = decide(runs.figures(), scores, runs.cases(), {}, "tune", "both", (*GATES, own))
    assert (runs.gate(tune, "polite").status, tune.ship) == ("not measured", "hybrid")


def test_every_status_has_its_own_marks() -> None:
    rows = STATUSES.values()
    for marks in ([row.mark for row in rows], [row.sign for row in rows], [row.symbol for row in rows]):
        assert len(set(marks)) == 5
    assert [row.name for row in rows if row.holds] == ["pass", "not applicable"]
