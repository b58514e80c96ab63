"""Each failure mode produced on purpose in a small run is found, and a healthy run shows none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import verdict_runs as runs

from harness.diagnosis.detectors import DETECTORS
from harness.diagnosis.diagnose import Diagnosis, diagnose, rows
from harness.diagnosis.modes import BY_NAME, FAILURES
from harness.scenario.settings import RetrievalSettings, Scenario
from harness.types import Answer, Form, Hit, Passage, Score, Trace

SCENARIO = Scenario(id="s", dir=Path("s"), title="S", arms=("baseline", "rag", "tune", "hybrid"))
GOOD = Form(demanded=True, first_try=True, valid=True, repaired=False)
CASES = [f"q{i:03}" for i in range(runs.N)]
FAILING = CASES[:20]
DRILL = {"before": runs.proportion(100, 120), "after": runs.proportion(80, 120)}
PARTS = {"p95": runs.around(100.0, 5.0, "ms"), "p50": runs.around(80.0, 5.0, "ms")}

Scores = dict[tuple[str, str, str], float | None]  # (arm, metric, case)
Answers = dict[tuple[str, str], Answer]
Run = tuple[dict[str, Any], Scores, Answers]


def _answer(arm: str, case: str, status: str = "current") -> Answer:
    passage = Passage("d#1", "d", "T", "text", metadata={"status": status})
    hits, cited = ((Hit(passage, 1.0),), ("S1",)) if arm in ("rag", "hybrid") else ((), ())
    return Answer(raw="", text=f"{arm} says {case}", parsed=None, form=GOOD, refused=False, cited=cited, hits=hits)


def healthy() -> Run:
    latency = {arm["name"]: {"total": PARTS, "retrieval": PARTS} for arm in runs.ARMS}
    good = {"correct": 1.0, "task_success": 1.0, "hallucination": 0.0, "recall@k": 1.0, "citation_precision": 1.0}
    scores: Scores = {
        (arm, metric, case): value for arm in runs.HITS for metric, value in good.items() for case in CASES
    }
    answers = {(arm, case): _answer(arm, case) for arm in runs.HITS for case in CASES}
    return runs.record(latency=latency), scores, answers


def _diagnosed(run: Run) -> dict[str, Diagnosis]:
    record, scores, answers = run
    rows_ = [Score(case, arm, metric, value) for (arm, metric, case), value in scores.items()]
    traces = [Trace(case, arm, answer) for (arm, case), answer in answers.items()]
    return {d.mode: d for d in diagnose(record, traces, rows_, runs.cases(), SCENARIO)}


def _set(run: Run, arm: str, **values: float) -> None:
    for metric, value in values.items():
        for case in FAILING:
            run[1][arm, metric.replace("recall", "recall@k"), case] = value


# --- how each mode is produced -----------------------------------------------------------------------------------


def _misses(run: Run) -> None:
    for case in CASES[:60]:
        run[1]["rag", "recall@k", case] = 0.0


def _ignored(run: Run) -> None:
    _set(run, "rag", hallucination=1.0)
    for case in FAILING:
        run[2]["rag", case] = replace(run[2]["rag", case], text=f"BASELINE  says {case}")


def _slow(run: Run) -> None:
    slow = {"p95": runs.around(2500.0, 50.0, "ms"), "p50": runs.around(2000.0, 50.0, "ms")}
    run[0]["latency"] = {"rag": {"total": slow, "retrieval": slow}}


def _bursts(run: Run) -> None:
    bursty = {"p95": runs.around(400.0, 50.0, "ms"), "p50": runs.around(20.0, 1.0, "ms")}
    run[0]["latency"] = {"rag": {"total": bursty, "retrieval": bursty}}


def _stale_facts(run: Run) -> None:
    run[0]["freshness"] = {"arms": {"tune": {"old": runs.proportion(18, 20)}}}


def _forgets(run: Run) -> None:
    run[0]["forgetting"] = {"status": "measured", "arms": {"hybrid": {"difference": runs.around(-9.0, 2.0, "points")}}}


def _drilled(name: str) -> Callable[[Run], None]:
    def change(run: Run) -> None:
        run[0]["drills"] = [{"name": name, "title": name, "arms": {"hybrid": dict(DRILL)}}]

    return change


def _against(run: Run) -> None:
    _set(run, "hybrid", correct=0.0, hallucination=1.0)


def _uncited(run: Run) -> None:
    for case in FAILING:
        run[2]["hybrid", case] = replace(run[2]["hybrid", case], cited=())


def _over_formats(run: Run) -> None:
    _set(run, "hybrid", correct=0.0)


def _drifts(run: Run) -> None:
    _set(run, "hybrid", citation_precision=0.0)


def _unsupported(run: Run) -> None:
    _set(run, "rag", hallucination=1.0)


def _stale_passages(run: Run) -> None:
    for case in FAILING:
        run[2]["rag", case] = _answer("rag", case, "superseded")


PRODUCED: Mapping[str, Callable[[Run], None]] = {
    "retrieval_misses": _misses,
    "context_ignored": _ignored,
    "slow_retrieval": _slow,
    "stale_facts": _stale_facts,
    "forgetting": _forgets,
    "paraphrase_brittleness": _drilled("paraphrased"),
    "weights_against_context": _against,
    "answers_without_citing": _uncited,
    "over_formatting": _over_formats,
    "citation_drift": _drifts,
    "unsupported_despite_evidence": _unsupported,
    "stale_passages": _stale_passages,
    "latency_bursts": _bursts,
    "order_sensitivity": _drilled("shuffled"),
}


# --- tests -------------------------------------------------------------------------------------------------------


def test_there_are_fourteen_modes_from_three_sources_each_with_a_detector() -> None:
    sources = [mode.source for mode in FAILURES]
    assert [sources.count(s) for s in ("decision guide", "hybrid chapter", "workflow notes")] == [7, 3, 4]
    assert set(DETECTORS) == set(BY_NAME) == set(PRODUCED)


def test_a_healthy_run_shows_no_failure_mode_and_says_what_it_could_not_look_for() -> None:
    found = _diagnosed(healthy())
    assert [d.mode for d in found.values() if d.status == "present"] == []
    assert {d.mode for d in found.values() if d.status == "not measured"} == {"stale_facts", "order_sensitivity"}
    assert "drill 'shuffled' was not run" in found["order_sensitivity"].symptom


@pytest.mark.parametrize("mode", list(PRODUCED))
def test_a_produced_failure_is_found_with_its_figure_cause_and_setting(mode: str) -> None:
    run = healthy()
    PRODUCED[mode](run)
    found = _diagnosed(run)
    diagnosis = found[mode]
    assert diagnosis.status == "present"
    assert any(char.isdigit() for char in diagnosis.symptom)
    assert diagnosis.cause
    assert diagnosis.fix
    assert diagnosis.setting
    order = [d.status for d in found.values()]
    assert order == sorted(order, key=("present", "absent", "not measured").index)


def test_a_drill_names_the_cases_that_were_lost_and_two_are_none() -> None:
    run = healthy()
    PRODUCED["order_sensitivity"](run)
    arms = run[0]["drills"][0]["arms"]
    for lost, status in ((["q001", "q002", "q003"], "present"), (["q001", "q002"], "absent")):
        for row in arms.values():
            row["lost"] = lost
        found = _diagnosed(run)["order_sensitivity"]
        assert (found.status, found.evidence) == (status, tuple(lost))


def test_evidence_names_the_cases() -> None:
    run = healthy()
    _drifts(run)
    assert _diagnosed(run)["citation_drift"].evidence == tuple(FAILING)


def test_two_odd_cases_are_no_failure_mode() -> None:
    run = healthy()
    for case in CASES[:2]:
        run[1]["rag", "hallucination", case] = 1.0
    assert _diagnosed(run)["unsupported_despite_evidence"].status == "absent"


@pytest.mark.parametrize(("high", "status"), [(-2.0, "present"), (0.0, "absent"), (5.1, "absent"), (None, "absent")])
def test_a_loss_under_a_drill_that_may_be_chance_is_none(high: float | None, status: str) -> None:
    run = healthy()
    _drilled("paraphrased")(run)
    row = {**DRILL, "change": {"mean": -16.7, "low": -30.0, "high": high, "n": 120, "unit": "points"}}
    run[0]["drills"][0]["arms"]["hybrid"] = row
    found = _diagnosed(run)["paraphrase_brittleness"]
    assert found.status == status
    assert "95 % interval −30.0 to" in found.symptom


def test_overfitting_stands_in_for_a_paraphrase_drill_that_was_not_run() -> None:
    run = healthy()
    run[0]["tuning"] = {"hybrid": {"overfit": True, "examples": 60}}
    found = _diagnosed(run)["paraphrase_brittleness"]
    assert (found.status, found.arm) == ("present", "hybrid")
    assert "60 examples" in found.symptom


def test_the_setting_is_named_with_its_old_and_its_new_value() -> None:
    run = healthy()
    _against(run)
    _misses(run)
    found = _diagnosed(run)
    assert found["weights_against_context"].setting == "tuning.rank: 16 → 8; tuning.alpha: 32 → 16"
    assert found["retrieval_misses"].change == {"retrieval.top_k": 6}


def test_long_passages_are_halved_before_anything_else_is_tried() -> None:
    long = replace(SCENARIO, retrieval=RetrievalSettings(chunk_tokens=1024, overlap_tokens=200))
    assert BY_NAME["retrieval_misses"].change(long) == {"retrieval.chunk_tokens": 512, "retrieval.overlap_tokens": 64}


def test_the_record_keeps_only_what_is_present() -> None:
    record, scores, answers = healthy()
    _forgets((record, scores, answers))
    kept = rows(_diagnosed((record, scores, answers)).values())
    assert [row["mode"] for row in kept] == ["forgetting"]
    assert set(kept[0]) == {"mode", "title", "arm", "symptom", "evidence", "cause", "fix", "change", "setting"}


def test_the_fix_of_forgetting_raises_a_dropout_that_was_switched_off() -> None:
    off = replace(SCENARIO, tuning=replace(SCENARIO.tuning, dropout=0.0))
    assert BY_NAME["forgetting"].change(off)["tuning.dropout"] > 0


def test_a_changed_filter_is_written_for_people() -> None:
    run = healthy()
    for case in FAILING:
        run[2]["rag", case] = _answer("rag", case, "superseded")
    assert _diagnosed(run)["stale_passages"].setting == "retrieval.filters: none → status: current"
