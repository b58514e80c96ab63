"""The verdict's rules, each on a run small enough to work out by hand."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import InputError
from harness.record.codec import decode, to_json
from harness.record.measurements import AbilitySection
from harness.record.sections import Figures
from harness.scenario.settings import Prices
from harness.types import Estimate, Gate, Score, Verdict
from harness.verdict.decide import decide
from harness.verdict.gates import GATES, ByAnswer, GateRow
from harness.verdict.measures import rate_of
from harness.verdict.status import STATUSES
from tests import make
from tests.verdict import runs


def _decide(
    figures: Figures | None = None,
    scores: list[Score] | None = None,
    candidate: str = "hybrid",
    advised: str | None = "both",
    **gates: Any,
) -> Verdict:
    rows = runs.scores() if scores is None else scores
    return decide(figures or runs.figures(), rows, runs.cases(), gates, candidate, advised)


def _gate(verdict: Verdict, name: str) -> Gate:
    return next(gate for gate in verdict.gates if gate.name == name)


# --- the word --------------------------------------------------------------------------------------------------


def test_a_run_in_which_everything_holds_is_go_and_ships_the_hybrid() -> None:
    verdict = _decide()
    assert [(gate.name, gate.status) for gate in verdict.gates if gate.status != "pass"] == []
    assert (verdict.word, verdict.ship, verdict.agreement) == ("GO", "hybrid", "agrees")
    gain = _gate(verdict, "task_success_gain").estimate
    assert gain is not None
    assert gain.mean == pytest.approx(25.0)  # (114 - 84) / 120
    assert verdict.sentence.startswith("hybrid holds all 12 gates, and beats RAG-only by 25.0 points")


def test_one_failed_gate_is_no_go_and_a_simpler_arm_may_still_be_shipped() -> None:
    """Hybrid gains 1 case of 120 over RAG-only: its interval, at most about 4.6 points, misses 5."""
    verdict = _decide(scores=runs.scores({**runs.HITS, "rag": 113}))
    assert _gate(verdict, "task_success_gain").status == "fail"
    assert (verdict.word, verdict.ship) == ("NO-GO", "rag")
    assert verdict.agreement == "disagrees"
    assert "tuning gained no more than the margin" in verdict.agreement_reason
    assert verdict.sentence.startswith("Not hybrid: task success gained over RAG-only: 0.8 points")
    assert "Ship rag instead" in verdict.sentence


def test_an_interval_across_its_threshold_is_not_proven_and_says_how_many_cases_settle_it() -> None:
    verdict = _decide(scores=runs.scores({**runs.HITS, "rag": 104}))  # gain 8.3 points
    gate = _gate(verdict, "task_success_gain")
    assert (gate.status, verdict.word) == ("not proven", "NOT PROVEN")
    assert gate.n_needed is not None
    assert gate.n_needed > 120


def test_what_nobody_measured_is_not_proven() -> None:
    safety = AbilitySection("not measured", "no prompts were given")
    verdict = _decide(runs.figures(safety=safety))
    assert _gate(verdict, "safety").status == "not measured"
    assert _gate(verdict, "safety").reason == "no prompts were given"
    assert verdict.word == "NOT PROVEN"


def test_an_estimate_exactly_at_its_threshold_does_not_pass() -> None:
    halves = {f"q{i:03}": 0.0 for i in range(12)}
    verdict = _decide(scores=runs.replaced(runs.scores(), "hybrid", "groundedness", halves))
    gate = _gate(verdict, "groundedness")
    assert gate.estimate is not None
    assert gate.estimate.mean == pytest.approx(0.9)
    assert (gate.status, gate.n_needed) == ("not proven", None)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"arms": (*runs.ARMS, runs.arm("oracle", test_double=True))}, "test double"),
        ({"partial": "only 40 of 120 cases"}, "only 40 of 120 cases"),
    ],
)
def test_a_run_that_is_no_whole_real_run_is_never_go_and_ships_nothing(changes: dict[str, Any], why: str) -> None:
    verdict = _decide(runs.figures(**changes))
    assert (verdict.word, verdict.ship) == ("NOT PROVEN", None)
    assert any(why in note for note in verdict.notes)
    assert why in verdict.sentence


def test_an_adapter_that_changes_no_answer_is_refused() -> None:
    verdict = _decide(runs.figures(identical_outputs={"hybrid": True, "tune": False}))
    assert (_gate(verdict, "adapter_effect").status, verdict.word) == ("fail", "NO-GO")


def test_an_adapter_whose_answers_were_not_compared_is_not_proven() -> None:
    gate = _gate(_decide(runs.figures(identical_outputs={})), "adapter_effect")
    assert gate.status == "not measured"
    assert gate.reason == "the answers of hybrid were not compared with those of its base arm rag; " \
        "run the scenario again"  # fmt: skip


def test_an_adapter_whose_base_arm_did_not_run_names_the_arm_to_add() -> None:
    arms = tuple(arm for arm in runs.ARMS if arm.name != "rag")
    figures = runs.figures(arms=arms, reference=None, identical_outputs={"hybrid": None, "tune": False})
    assert _gate(_decide(figures), "adapter_effect").reason == (
        "the answers of hybrid were not compared with those of its base arm rag, which this run does not have; "
        "add rag to the scenario's arms"
    )


def test_an_added_arm_is_compared_with_the_base_that_its_row_names() -> None:
    added = runs.arm("hybrid", name="hybrid+terse", base="hybrid")
    copied = [replace(score, arm="hybrid+terse") for score in runs.scores() if score.arm == "hybrid"]
    figures = runs.figures(
        arms=(*runs.ARMS, added), identical_outputs={"tune": False, "hybrid": False, "hybrid+terse": False}
    )
    verdict = _decide(figures, runs.scores() + copied, "hybrid+terse")
    assert _gate(verdict, "adapter_effect").status == "pass"


# --- unscored cases --------------------------------------------------------------------------------------------


def test_a_pass_that_unscored_cases_could_overturn_is_not_proven() -> None:
    """105 of 105 grounded: the interval clears 90 %. With 15 unscored as worst it is 105 of 120, which does not."""
    lost = {f"q{i:03}": None for i in range(15)}
    verdict = _decide(scores=runs.replaced(runs.scores(), "hybrid", "groundedness", lost))
    gate = _gate(verdict, "groundedness")
    assert gate.estimate is not None
    assert gate.estimate.unscored == 15
    assert gate.status == "not proven"
    assert "15 unscored" in gate.reason


def test_cases_to_which_a_metric_does_not_apply_are_not_unscored() -> None:
    refused = {f"q{i:03}": None for i in range(15)}
    verdict = _decide(scores=runs.replaced(runs.scores(), "hybrid", "groundedness", refused, applicable=False))
    gate = _gate(verdict, "groundedness")
    assert gate.estimate is not None
    assert (gate.status, gate.estimate.n, gate.estimate.unscored) == ("pass", 105, 0)


def test_a_case_without_any_score_counts_as_unscored() -> None:
    kept = [score for score in runs.scores() if not (score.arm == "hybrid" and score.case_id in ("q000", "q001"))]
    gate = _gate(_decide(scores=kept), "task_success_gain")
    assert gate.estimate is not None
    assert gate.estimate.unscored == 2


def test_unscored_probes_are_counted_as_broken_forms() -> None:
    lost = replace(make.proportion(1100, 1100), unscored=20)
    forms = {**runs.figures().forms, "hybrid": runs.form(schema=lost)}
    assert _gate(_decide(runs.figures(forms=forms)), "schema").status == "not proven"  # 1100 of 1120 is 98.2 %


# --- what a gate applies to ------------------------------------------------------------------------------------


def test_gates_that_cannot_apply_are_named_and_do_not_stop_a_go() -> None:
    """RAG-only has no adapter to forget with, and cannot be compared with itself."""
    verdict = _decide(candidate="rag")
    inapplicable = {gate.name for gate in verdict.gates if gate.status == "not applicable"}
    assert inapplicable == {"task_success_gain", "p95_ratio", "forgetting", "safety", "adapter_effect"}
    assert verdict.word == "GO"
    assert all(gate.reason for gate in verdict.gates)


def test_an_arm_without_passages_has_nothing_to_be_grounded_in() -> None:
    verdict = _decide(candidate="tune")
    assert _gate(verdict, "groundedness").status == _gate(verdict, "hallucination").status == "not applicable"


def test_form_gates_do_not_apply_where_no_form_is_demanded() -> None:
    assert _gate(_decide(runs.figures(forms={})), "schema").status == "not applicable"


def test_a_missing_arm_to_compare_with_is_not_measured() -> None:
    figures = runs.figures(arms=tuple(arm for arm in runs.ARMS if arm.name != "tune"))
    gate = _gate(_decide(figures), "gain_over_tune")
    assert (gate.status, gate.reason) == ("not measured", "this run has no arm tune; add it to the scenario's arms")


def test_optional_gates_are_judged_only_where_they_are_set() -> None:
    assert "p95_ms" not in {gate.name for gate in _decide().gates}
    assert _gate(_decide(p95_ms=500), "p95_ms").status == "pass"
    assert _gate(_decide(p95_ms=415), "p95_ms").status == "not proven"
    assert _gate(_decide(p95_ms=300), "p95_ms").status == "fail"


def test_the_cost_gate_needs_prices_and_compares_token_costs() -> None:
    assert _gate(_decide(cost_ratio=1.1), "cost_ratio").status == "not measured"
    tokens = [
        Score(case.id, arm, metric, value)
        for case in runs.cases()
        for arm, prompt in (("rag", 400.0), ("hybrid", 300.0))
        for metric, value in (("prompt_tokens", prompt + len(case.id)), ("completion_tokens", 20.0))
    ]
    prices = Prices(input_per_million=1.0, output_per_million=5.0)
    gate = _gate(_decide(runs.figures(prices=prices), runs.scores() + tokens, cost_ratio=1.1), "cost_ratio")
    assert gate.status == "pass"
    assert gate.estimate is not None
    assert gate.estimate.mean == pytest.approx(404 / 504)


def test_a_gate_that_is_turned_off_is_noted() -> None:
    verdict = _decide(runs.figures(safety=AbilitySection("not measured")), safety=None)
    assert "safety" not in {gate.name for gate in verdict.gates}
    assert verdict.word == "GO"
    assert "The scenario turns the gate safety off." in verdict.notes


def test_point_policy_judges_by_the_estimate_and_says_so() -> None:
    scores = runs.scores({**runs.HITS, "rag": 104})
    verdict = _decide(scores=scores, policy="point")
    assert (_gate(verdict, "task_success_gain").status, verdict.word) == ("pass", "GO")
    assert any("policy: point" in note for note in verdict.notes)


# --- ship ------------------------------------------------------------------------------------------------------


def test_the_simplest_arm_within_the_margin_is_shipped() -> None:
    """The baseline alone answers everything: hybrid's gates fail, and nothing dearer than a prompt is needed."""
    verdict = _decide(scores=runs.scores(dict.fromkeys(runs.HITS, 118)))
    assert (verdict.word, verdict.ship) == ("NO-GO", "baseline")
    assert "answered as well without passages" in verdict.agreement_reason


def test_an_arm_that_breaks_its_own_gate_is_passed_over() -> None:
    scores = runs.scores({**runs.HITS, "rag": 113})
    unsupported = {f"q{i:03}": 1.0 for i in range(30)}
    verdict = _decide(scores=runs.replaced(scores, "rag", "hallucination", unsupported))
    assert (verdict.word, verdict.ship) == ("NO-GO", None)  # the hybrid failed its own verdict
    assert verdict.agreement == "not comparable"
    assert "Ship nothing yet" in verdict.sentence


def test_an_oracle_is_never_shipped() -> None:
    scores = runs.scores() + [Score(case.id, "oracle", "task_success", 1.0) for case in runs.cases()]
    assert _decide(runs.figures(arms=(runs.arm("oracle"), *runs.ARMS)), scores).ship == "hybrid"


def test_few_shot_comes_between_rag_and_tuning() -> None:
    healthy = runs.figures()
    figures = runs.figures(
        arms=(*runs.ARMS, runs.arm("rag+few-shot")), forms={**healthy.forms, "rag+few-shot": runs.form()}
    )
    copied = [Score(s.case_id, "rag+few-shot", s.metric, s.value) for s in runs.scores() if s.arm == "hybrid"]
    verdict = _decide(figures, runs.scores() + copied)
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
    assert "Ship nothing yet: baseline has not shown task success gained over refusing every question (not proven)" in (
        verdict.sentence
    )


@pytest.mark.parametrize(("policy", "status"), [("interval", "not proven"), ("point", "fail")])
def test_a_candidate_that_refuses_every_question_gains_nothing(policy: str, status: str) -> None:
    nothing: set[int] = set()
    verdict = _decide_refusable(
        {"baseline": nothing, "rag": nothing, "tune": nothing, "hybrid": REFUSED}, policy=policy
    )
    gate = _gate(verdict, "gain_over_refusing")
    assert gate.estimate is not None
    assert (gate.estimate.mean, gate.estimate.n, gate.status) == (0.0, runs.N, status)
    assert gate.absolute
    assert (verdict.word != "GO", verdict.ship) == (True, None)


def test_an_arm_that_is_worse_than_refusing_fails() -> None:
    verdict = _decide_refusable({arm: set(range(5)) for arm in runs.HITS})
    gate = _gate(verdict, "gain_over_refusing")
    assert gate.estimate is not None
    assert gate.estimate.mean == pytest.approx(100 * (5 - REFUSABLE) / runs.N)
    assert (gate.status, verdict.ship) == ("fail", None)


def test_an_arm_that_answers_is_shipped_though_one_that_refuses_is_near() -> None:
    """RAG-only refuses rightly and answers 30 cases besides: 30 gained over refusing, none lost."""
    verdict = _decide_refusable(
        {"baseline": REFUSED, "rag": REFUSED | set(range(30)), "tune": REFUSED, "hybrid": REFUSED | set(range(31))}
    )
    gate = _gate(verdict, "gain_over_refusing")
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
        assert _gate(verdict, "gain_over_refusing").status == status
    assert "3 unscored" in _gate(verdict, "gain_over_refusing").reason


def test_without_unanswerable_cases_the_gain_over_refusing_is_task_success_above_zero() -> None:
    gate = _gate(_decide(scores=runs.scores({**runs.HITS, "hybrid": 6})), "gain_over_refusing")
    assert gate.estimate is not None
    assert gate.estimate.mean == pytest.approx(5.0)
    assert gate.status == "pass"
    gate = _gate(_decide(scores=runs.scores({**runs.HITS, "hybrid": 0})), "gain_over_refusing")
    assert gate.status == "not proven"


def test_unanswerable_cases_of_other_splits_do_not_count() -> None:
    dev = [replace(case, id=f"dev{case.id}", split="dev") for case in runs.cases(unanswerable=runs.N)]
    verdict = decide(runs.figures(), runs.scores(), [*runs.cases(), *dev], {}, "hybrid", "both")
    gate = _gate(verdict, "gain_over_refusing")
    assert gate.estimate is not None
    assert gate.estimate.mean == pytest.approx(100 * 114 / runs.N)


def test_an_arm_without_any_score_is_not_measured_against_refusing() -> None:
    kept = [score for score in runs.scores() if (score.arm, score.metric) != ("hybrid", "task_success")]
    verdict = _decide(scores=kept, task_success=50)
    for name in ("gain_over_refusing", "task_success"):
        gate = _gate(verdict, name)
        assert (gate.status, gate.reason) == ("not measured", "no answer of hybrid has a score for task_success")


@pytest.mark.parametrize(("floor", "status"), [(85, "pass"), (95, "not proven"), (99.5, "fail")])
def test_a_floor_of_task_success_is_judged_where_it_is_set(floor: float, status: str) -> None:
    """114 of 120: 95 %, interval 89.4 to 98.1 %."""
    assert "task_success" not in {gate.name for gate in _decide().gates}
    verdict = _decide(task_success=floor)
    gate = _gate(verdict, "task_success")
    assert (gate.status, gate.threshold) == (status, pytest.approx(floor / 100))
    assert verdict.ship == ("hybrid" if status == "pass" else None)


def test_a_floor_that_unscored_cases_could_undo_is_not_proven() -> None:
    lost = {f"q{i:03}": None for i in range(10)}
    verdict = _decide(scores=runs.replaced(runs.scores(), "hybrid", "task_success", lost), task_success=85)
    gate = _gate(verdict, "task_success")
    assert gate.status == "not proven"
    assert "10 unscored" in gate.reason


# --- advice ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recommendation", "agreement"),
    [("both", "agrees"), ("rag", "disagrees"), ("rag_first", "disagrees"), ("fine_tune", "disagrees")],
)
def test_advice_is_held_against_the_arm_to_ship(recommendation: str, agreement: str) -> None:
    verdict = _decide(advised=recommendation)
    assert (verdict.advised, verdict.agreement) == (recommendation, agreement)
    assert verdict.agreement_reason


def test_without_advice_or_without_the_advised_arm_nothing_can_be_compared() -> None:
    assert _decide(advised=None).agreement == "not comparable"
    figures = runs.figures(arms=tuple(arm for arm in runs.ARMS if arm.name != "tune"))
    assert _decide(figures, advised="fine_tune", gain_over_tune=None).agreement == "not comparable"


def test_advice_of_a_later_version_names_no_kind_of_arm() -> None:
    verdict = _decide(advised="distill")
    assert (verdict.advised, verdict.agreement) == ("distill", "not comparable")


# --- notes -----------------------------------------------------------------------------------------------------


def test_notes_say_what_weakens_a_verdict() -> None:
    golden = replace(runs.figures().golden, verified_by={"a generator": 120}, runs_on_this_set=4)
    latency = runs.latencies(control=make.around(1.2, 0.1, "ratio"))
    notes = " ".join(_decide(runs.figures(golden=golden, latency=latency)).notes)
    for part in ("a generator (120 cases)", "judged 4 runs", "one seed (7)", "timed twice"):
        assert part in notes


def test_few_documents_are_noted() -> None:
    verdict = decide(runs.figures(), runs.scores(), runs.cases(per_document=20), {}, "hybrid", None)
    assert any("only 6 independent documents" in note for note in verdict.notes)


# --- bad input -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gates", "message"),
    [
        ({"groundednes": 90}, r"gates.groundednes: no such gate; did you mean 'groundedness'\?"),
        ({"zzz": 1}, "known gates: task_success_gain"),
        ({"groundedness": 900}, "gates.groundedness: found 900, expected a number from 0 to 100"),
        ({"schema": "high"}, "gates.schema: found 'high'"),
        ({"task_success": 101}, "gates.task_success: found 101, expected a number from 0 to 100"),
        ({"task_success": -1}, "gates.task_success: found -1, expected a number from 0 to 100"),
        ({"gain_over_refusing": 200}, "gates.gain_over_refusing: found 200, expected a number from 0 to 100"),
        ({"p95_ratio": True}, "gates.p95_ratio: found True"),
        ({"policy": "lenient"}, "gates.policy: found 'lenient', expected one of: interval, point"),
    ],
)
def test_a_gate_that_cannot_be_read_is_one_message(gates: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        _decide(**gates)


def test_an_arm_that_did_not_run_and_a_golden_set_without_test_cases_are_refused() -> None:
    with pytest.raises(InputError, match="arm 'raft' is not in this run; arms in it: baseline, rag, tune, hybrid"):
        _decide(candidate="raft")
    with pytest.raises(InputError, match="no case of split 'test'"):
        decide(runs.figures(), [], [], {}, "hybrid", None)


# --- numbers in words, and gates of one's own --------------------------------------------------------------------


def test_a_figure_that_rounds_onto_its_threshold_does_not_read_as_if_it_met_it() -> None:
    missed = Estimate(0.8996, 0.8986, 0.89995, 100_000, 0, "fraction", "given")
    forms = {**runs.figures().forms, "hybrid": runs.form(schema=missed)}
    gate = _gate(_decide(runs.figures(forms=forms), schema=90), "schema")
    assert gate.status == "fail"
    assert gate.reason == "89.960 % (95 % interval 89.860 to 89.995, n = 100,000) misses at least 90.000 %"
    slow = runs.latencies(hybrid=runs.latency(ratio=Estimate(1.103, 1.1021, 1.104, 5000, 0, "ratio", "given")))
    gate = _gate(_decide(runs.figures(latency=slow)), "p95_ratio")
    assert gate.reason == "1.103 × (95 % interval 1.102 to 1.104, n = 5,000) misses at most 1.100 ×"
    assert (
        _gate(_decide(runs.figures(latency=slow), policy="point"), "p95_ratio").reason == "1.103 ×, by point estimate"
    )


def test_a_gate_of_ones_own_is_set_judged_and_decides_on_shipping() -> None:
    own = GateRow(
        "polite", "Polite answers", lambda sheet, arm: rate_of(sheet, arm, "polite", worst=0.0), ">=", 90.0, "fraction",
        scale=0.01, flipped_by=ByAnswer("polite", 1.0),
    )  # fmt: skip
    polite = [Score(case.id, arm, "polite", 1.0) for case in runs.cases() for arm in ("rag", "hybrid")]
    scores = [*runs.scores({**runs.HITS, "tune": 114}), *polite]
    verdict = decide(runs.figures(), scores, runs.cases(), {"polite": 95}, "hybrid", "both", (*GATES, own))
    gate = _gate(verdict, "polite")
    assert (gate.status, gate.threshold, gate.title) == ("pass", pytest.approx(0.95), "Polite answers")
    tune = decide(runs.figures(), scores, runs.cases(), {}, "tune", "both", (*GATES, own))
    assert (_gate(tune, "polite").status, tune.ship) == ("not measured", "hybrid")


def test_every_status_has_its_own_marks() -> None:
    rows = STATUSES.values()
    for marks in ([row.mark for row in rows], [row.sign for row in rows], [row.symbol for row in rows]):
        assert len(set(marks)) == 5
    assert [row.name for row in rows if row.holds] == ["pass", "not applicable"]


# --- properties ------------------------------------------------------------------------------------------------

HITS = st.fixed_dictionaries({arm: st.integers(0, runs.N) for arm in runs.HITS})


@given(HITS, st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_order_of_scores_and_cases_does_not_matter_and_json_changes_nothing(
    hits: dict[str, int], rng: random.Random
) -> None:
    rows, cases, figures = runs.scores(hits), runs.cases(), runs.figures()
    verdict = decide(figures, rows, cases, {}, "hybrid", "both")
    rng.shuffle(rows)
    rng.shuffle(cases)
    stored = decode(to_json(figures), Figures, "record.json")
    assert decide(stored, rows, cases, {}, "hybrid", "both") == verdict


@given(HITS)
@settings(max_examples=25, deadline=None)
def test_the_word_follows_from_the_gates(hits: dict[str, int]) -> None:
    verdict = _decide(scores=runs.scores(hits))
    statuses = {gate.status for gate in verdict.gates}
    expected = "NO-GO" if "fail" in statuses else "GO" if statuses <= {"pass", "not applicable"} else "NOT PROVEN"
    assert verdict.word == expected
    assert verdict.ship is None or verdict.ship in runs.HITS
    assert verdict.word != "NO-GO" or verdict.ship != "hybrid"


@given(st.integers(0, runs.N - 1))
@settings(max_examples=25, deadline=None)
def test_one_more_right_answer_never_makes_the_gain_look_worse(hits: int) -> None:
    order = {"fail": 0, "not proven": 1, "pass": 2}
    verdicts = [_decide(scores=runs.scores({**runs.HITS, "hybrid": count})) for count in (hits, hits + 1)]
    fewer, more = (_gate(verdict, "task_success_gain") for verdict in verdicts)
    assert order[fewer.status] <= order[more.status]
