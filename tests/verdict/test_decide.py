"""The verdict's words, agreement and notes, each on a run small enough to work out by hand."""

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
from harness.verdict.decide import decide
from tests import make
from tests.verdict import runs

DRAFTS = replace(
    runs.figures().golden, verified_by={"machine: drafted by a model, read by nobody": 3, "person: Ada, accepted": 117}
)

# --- the word --------------------------------------------------------------------------------------------------


def test_a_run_in_which_everything_holds_is_go_and_ships_the_hybrid() -> None:
    verdict = runs.judged()
    assert [(gate.name, gate.status) for gate in verdict.gates if gate.status != "pass"] == []
    assert (verdict.word, verdict.ship, verdict.agreement) == ("GO", "hybrid", "agrees")
    gain = runs.gate(verdict, "task_success_gain").estimate
    assert gain is not None
    assert gain.mean == pytest.approx(25.0)  # (114 - 84) / 120
    assert verdict.sentence.startswith("hybrid holds all 12 gates, and beats RAG-only by 25.0 points")


def test_one_failed_gate_is_no_go_and_a_simpler_arm_may_still_be_shipped() -> None:
    """Hybrid gains 1 case of 120 over RAG-only: its interval, at most about 4.6 points, misses 5."""
    verdict = runs.judged(rows=runs.scores({**runs.HITS, "rag": 113}))
    assert runs.gate(verdict, "task_success_gain").status == "fail"
    assert (verdict.word, verdict.ship) == ("NO-GO", "rag")
    assert verdict.agreement == "disagrees"
    assert "tuning gained no more than the margin" in verdict.agreement_reason
    assert verdict.sentence.startswith("Not hybrid: task success gained over RAG-only (task_success_gain): 0.8 points")
    assert "Ship rag instead" in verdict.sentence


def test_an_interval_across_its_threshold_is_not_proven_and_says_how_many_cases_settle_it() -> None:
    verdict = runs.judged(rows=runs.scores({**runs.HITS, "rag": 104}))  # gain 8.3 points
    gate = runs.gate(verdict, "task_success_gain")
    assert (gate.status, verdict.word) == ("not proven", "NOT PROVEN")
    assert gate.n_needed is not None
    assert gate.n_needed > 120


def test_what_nobody_measured_is_not_proven() -> None:
    safety = AbilitySection("not measured", "no prompts were given")
    verdict = runs.judged(runs.figures(safety=safety))
    assert runs.gate(verdict, "safety").status == "not measured"
    assert runs.gate(verdict, "safety").reason == "no prompts were given"
    assert verdict.word == "NOT PROVEN"


def test_an_estimate_exactly_at_its_threshold_does_not_pass() -> None:
    halves = {f"q{i:03}": 0.0 for i in range(12)}
    verdict = runs.judged(rows=runs.replaced(runs.scores(), "hybrid", "groundedness", halves))
    gate = runs.gate(verdict, "groundedness")
    assert gate.estimate is not None
    assert gate.estimate.mean == pytest.approx(0.9)
    assert (gate.status, gate.n_needed) == ("not proven", None)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"arms": (*runs.ARMS, runs.arm("oracle", test_double=True))}, "test double"),
        ({"partial": "only 40 of 120 cases"}, "only 40 of 120 cases"),
        ({"golden": DRAFTS}, "3 of the 120 golden cases are drafts that nobody has read"),
    ],
)
def test_a_run_that_is_no_whole_real_run_is_never_go_and_ships_nothing(changes: dict[str, Any], why: str) -> None:
    verdict = runs.judged(runs.figures(**changes))
    assert (verdict.word, verdict.ship) == ("NOT PROVEN", None)
    assert any(why in note for note in verdict.notes)
    assert why in verdict.sentence


# --- advice ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recommendation", "agreement"),
    [("both", "agrees"), ("rag", "disagrees"), ("rag_first", "disagrees"), ("fine_tune", "disagrees")],
)
def test_advice_is_held_against_the_arm_to_ship(recommendation: str, agreement: str) -> None:
    verdict = runs.judged(advised=recommendation)
    assert (verdict.advised, verdict.agreement) == (recommendation, agreement)
    assert verdict.agreement_reason


def test_without_advice_or_without_the_advised_arm_nothing_can_be_compared() -> None:
    assert runs.judged(advised=None).agreement == "not comparable"
    figures = runs.figures(arms=tuple(arm for arm in runs.ARMS if arm.name != "tune"))
    assert runs.judged(figures, advised="fine_tune").agreement == "not comparable"


def test_advice_of_a_later_version_names_no_kind_of_arm() -> None:
    verdict = runs.judged(advised="distill")
    assert (verdict.advised, verdict.agreement) == ("distill", "not comparable")


# --- notes -----------------------------------------------------------------------------------------------------


def test_notes_say_what_weakens_a_verdict() -> None:
    golden = replace(runs.figures().golden, verified_by={"a generator": 120}, runs_on_this_set=4)
    latency = runs.latencies(control=make.around(1.2, 0.1, "ratio"))
    notes = " ".join(runs.judged(runs.figures(golden=golden, latency=latency)).notes)
    for part in ("a generator (120 cases)", "judged 4 runs", "one seed (7)", "timed twice"):
        assert part in notes


def test_what_base_and_candidate_refuse_is_noted_beside_the_gate() -> None:
    figures = runs.figures(
        safety=make.declined(("tune", "hybrid"), "unsafe", lost=4), over_refusal=make.declined(("hybrid",), "safe")
    )
    notes = runs.judged(figures).notes
    assert any(note.startswith("Unsafe prompts refused: the base 97.0 %") for note in notes)
    assert any("look-alikes refused" in note and "hybrid 4.8 %" in note for note in notes)
    assert not any("answers most unsafe prompts" in note for note in notes)


def test_a_base_that_answers_unsafe_prompts_is_noted() -> None:
    figures = runs.figures(safety=make.declined(("tune", "hybrid"), "safe", lost=0))
    assert any("The base model itself answers most unsafe prompts" in note for note in runs.judged(figures).notes)


def test_few_documents_are_noted() -> None:
    verdict = decide(runs.figures(), runs.scores(), runs.cases(per_document=20), {}, "hybrid", None)
    assert any("only 6 independent documents" in note for note in verdict.notes)


# --- bad input -------------------------------------------------------------------------------------------------


def test_an_arm_that_did_not_run_and_a_golden_set_without_test_cases_are_refused() -> None:
    with pytest.raises(InputError, match="arm 'raft' is not in this run; arms in it: baseline, rag, tune, hybrid"):
        runs.judged(candidate="raft")
    with pytest.raises(InputError, match="no case of split 'test'"):
        decide(runs.figures(), [], [], {}, "hybrid", None)


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
    verdict = runs.judged(rows=runs.scores(hits))
    statuses = {gate.status for gate in verdict.gates}
    expected = "NO-GO" if "fail" in statuses else "GO" if statuses <= {"pass", "not applicable"} else "NOT PROVEN"
    assert verdict.word == expected
    assert verdict.ship is None or verdict.ship in runs.HITS
    assert verdict.word != "NO-GO" or verdict.ship != "hybrid"


@given(st.integers(0, runs.N - 1))
@settings(max_examples=25, deadline=None)
def test_one_more_right_answer_never_makes_the_gain_look_worse(hits: int) -> None:
    order = {"fail": 0, "not proven": 1, "pass": 2}
    verdicts = [runs.judged(rows=runs.scores({**runs.HITS, "hybrid": count})) for count in (hits, hits + 1)]
    fewer, more = (runs.gate(verdict, "task_success_gain") for verdict in verdicts)
    assert order[fewer.status] <= order[more.status]
