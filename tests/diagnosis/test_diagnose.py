"""Each failure mode produced on purpose in a small run is found, and a healthy run shows none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from harness import stats
from harness.diagnosis.diagnose import Diagnosis, diagnose, present
from harness.diagnosis.modes import MODES, FailureMode, fix_of
from harness.diagnosis.symptoms import DiagnosedRun, Symptom, share_of
from harness.errors import InputError
from harness.record.measurements import DrilledArm, DrillSection, FreshArm, FreshnessSection, Quantiles
from harness.record.sections import Figures
from harness.scenario.settings import RetrievalSettings, Scenario
from harness.types import Answer, Estimate, Form, Hit, Passage, Score, Trace
from tests import make
from tests.verdict import runs

SCENARIO = Scenario(id="s", dir=Path("s"), title="S", arms=("baseline", "rag", "tune", "hybrid"))
GOOD = Form(demanded=True, first_try=True, valid=True, repaired=False)
CASES = [f"q{i:03}" for i in range(runs.N)]
FAILING = CASES[:20]
LOST = Estimate(-16.7, -30.0, -2.0, 120, 0, "points", "given")
BY_NAME = {mode.name: mode for mode in MODES}


@dataclass
class Run:
    """A run to be broken: figures, scores by (arm, metric, case), answers by (arm, case)."""

    figures: Figures
    scores: dict[tuple[str, str, str], float | None]
    answers: dict[tuple[str, str], Answer]
    unanswerable: int = 0  # of the first cases
    labels: int = 0  # of the first cases, that no passage answers

    def change(self, **sections: object) -> None:
        self.figures = replace(self.figures, **sections)  # type: ignore[arg-type]


def _answer(arm: str, case: str, status: str = "current") -> Answer:
    passage = Passage("d#1", "d", "T", "text", metadata={"status": status})
    hits, cited = ((Hit(passage, 1.0),), ("S1",)) if arm in ("rag", "hybrid") else ((), ())
    return Answer(raw="", text=f"{arm} says {case}", parsed=None, form=GOOD, refused=False, cited=cited, hits=hits)


def healthy() -> Run:
    good = {"correct": 1.0, "task_success": 1.0, "hallucination": 0.0, "recall@k": 1.0, "citation_precision": 1.0}
    scores: dict[tuple[str, str, str], float | None] = {
        (arm, metric, case): value for arm in runs.HITS for metric, value in good.items() for case in CASES
    }
    answers = {(arm, case): _answer(arm, case) for arm in runs.HITS for case in CASES}
    return Run(runs.figures(), scores, answers)


def _diagnosed(run: Run, modes: tuple[FailureMode, ...] = MODES, scenario: Scenario = SCENARIO) -> dict[str, Diagnosis]:
    scores = [Score(case, arm, metric, value) for (arm, metric, case), value in run.scores.items()]
    traces = [Trace(case, arm, answer) for (arm, case), answer in run.answers.items()]
    cases = [replace(c, kind="unanswerable") if i < run.unanswerable else c for i, c in enumerate(runs.cases())]
    cases = [replace(c, kind="style", evidence=()) if i < run.labels else c for i, c in enumerate(cases)]
    diagnoses = diagnose(run.figures, traces, scores, cases, scenario, modes)
    return {diagnosis.section.mode: diagnosis for diagnosis in diagnoses}


def _set(run: Run, arm: str, **values: float) -> None:
    for metric, value in values.items():
        for case in FAILING:
            run.scores[arm, metric, case] = value


# --- how each mode is produced -----------------------------------------------------------------------------------


def _misses(run: Run) -> None:
    for case in CASES[:60]:
        run.scores["rag", "recall@k", case] = 0.0


def _ignored(run: Run) -> None:
    _set(run, "rag", hallucination=1.0)
    for case in FAILING:
        run.answers["rag", case] = replace(run.answers["rag", case], text=f"BASELINE  says {case}")


def _slow(run: Run) -> None:
    slow = Quantiles(make.around(2000.0, 50.0, "ms"), make.around(2500.0, 50.0, "ms"))
    run.change(latency=runs.latencies(rag=runs.latency(total=slow, retrieval=slow)))


def _bursts(run: Run) -> None:
    bursty = Quantiles(make.around(20.0, 1.0, "ms"), make.around(400.0, 50.0, "ms"))
    run.change(latency=runs.latencies(rag=runs.latency(total=bursty, retrieval=bursty)))


def _stale_facts(run: Run) -> None:
    none = make.proportion(2, 20)
    tune = FreshArm(before=none, new=none, old=make.proportion(18, 20), update_seconds=None, retune_seconds=60.0)
    run.change(freshness=FreshnessSection(20, 20, 20, 100, {}, (), {"tune": tune}))


def _forgets(run: Run) -> None:
    run.change(forgetting=runs.ability(hybrid=make.around(-9.0, 2.0, "points")))


def _drill(run: Run, name: str, lost: tuple[str, ...] = (), change: Estimate = LOST) -> None:
    row = DrilledArm(make.proportion(100, 120), make.proportion(80, 120), change, change, lost, (), 0)
    run.change(drills=(DrillSection(name, name, "", 120, {}, {"hybrid": row}),))


def _drilled(name: str) -> Callable[[Run], None]:
    return lambda run: _drill(run, name)


def _against(run: Run) -> None:
    _set(run, "hybrid", correct=0.0, hallucination=1.0)


def _uncited(run: Run) -> None:
    for case in FAILING:
        run.answers["hybrid", case] = replace(run.answers["hybrid", case], cited=())


def _over_formats(run: Run) -> None:
    _set(run, "hybrid", correct=0.0)


def _drifts(run: Run) -> None:
    _set(run, "hybrid", citation_precision=0.0)


def _unsupported(run: Run) -> None:
    _set(run, "rag", hallucination=1.0)


def _not_read(run: Run) -> None:
    _set(run, "hybrid", correct=0.0, task_success=0.0)
    for case in FAILING:
        form = replace(GOOD, demanded=False)  # else it keeps the form and loses the content
        run.answers["hybrid", case] = replace(run.answers["hybrid", case], form=form)


def _refuses(run: Run) -> None:
    _set(run, "hybrid", correct=0.0, task_success=0.0)
    for case in FAILING:
        run.answers["hybrid", case] = replace(run.answers["hybrid", case], refused=True)


def _answers_all(run: Run) -> None:
    _set(run, "hybrid", task_success=0.0)
    run.unanswerable = len(FAILING)


def _labels_wrongly(run: Run) -> None:
    _set(run, "hybrid", correct=0.0, task_success=0.0)
    run.labels = len(FAILING)


def _stale_passages(run: Run) -> None:
    for case in FAILING:
        run.answers["rag", case] = _answer("rag", case, "superseded")


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
    "does_not_read": _not_read,
    "refuses_needlessly": _refuses,
    "refuses_too_little": _answers_all,
    "does_not_know_task": _labels_wrongly,
}


# --- tests -------------------------------------------------------------------------------------------------------


def test_there_are_fourteen_modes_from_three_sources_and_four_of_lost_questions_each_with_a_detector() -> None:
    sources = [mode.source for mode in MODES]
    named = ("decision guide", "hybrid chapter", "workflow notes", "lost questions")
    assert [sources.count(s) for s in named] == [7, 3, 4, 4]
    assert set(BY_NAME) == set(PRODUCED)
    assert all(mode.detector.__name__ == mode.name for mode in MODES)


def test_a_healthy_run_shows_no_failure_mode_and_says_what_it_could_not_look_for() -> None:
    diagnoses = _diagnosed(healthy())
    assert [mode for mode, d in diagnoses.items() if d.status == "present"] == []
    assert {mode for mode, d in diagnoses.items() if d.status == "not measured"} == {
        "stale_facts",
        "order_sensitivity",
        "refuses_too_little",
        "does_not_know_task",
    }
    assert "drill 'shuffled' was not run" in diagnoses["order_sensitivity"].section.symptom


@pytest.mark.parametrize("mode", list(PRODUCED))
def test_a_produced_failure_is_found_with_its_figure_cause_and_setting(mode: str) -> None:
    run = healthy()
    PRODUCED[mode](run)
    diagnoses = _diagnosed(run)
    assert diagnoses[mode].status == "present"
    section = diagnoses[mode].section
    assert any(char.isdigit() for char in section.symptom)
    assert section.cause
    assert section.fix
    assert section.setting
    order = [diagnosis.status for diagnosis in diagnoses.values()]
    assert order == sorted(order, key=("present", "absent", "not measured").index)


@pytest.mark.parametrize(("lost", "status"), [(("q001", "q002", "q003"), "present"), (("q001", "q002"), "absent")])
def test_a_drill_names_the_cases_that_were_lost_and_two_are_none(lost: tuple[str, ...], status: str) -> None:
    run = healthy()
    _drill(run, "shuffled", lost)
    diagnosis = _diagnosed(run)["order_sensitivity"]
    assert (diagnosis.status, diagnosis.section.evidence) == (status, lost)


def test_evidence_names_the_cases() -> None:
    run = healthy()
    _drifts(run)
    assert _diagnosed(run)["citation_drift"].section.evidence == tuple(FAILING)


def test_modes_stand_by_the_share_of_questions_that_their_fix_could_win() -> None:
    run = healthy()
    _refuses(run)
    for case in CASES[20:60]:
        for metric in ("correct", "task_success"):
            run.scores["hybrid", metric, case] = 0.0
        run.answers["hybrid", case] = replace(run.answers["hybrid", case], form=replace(GOOD, demanded=False))
    first, second = present(_diagnosed(run).values())
    assert (first.mode, first.wins, second.mode, second.wins) == ("does_not_read", 40, "refuses_needlessly", 20)
    assert first.share is not None
    assert first.share.mean == pytest.approx(40 / 120)
    assert None not in (first.share.low, first.share.high)


@pytest.mark.parametrize("spoilt", ["stale_facts", "forgetting", "answers_without_citing", "citation_drift"])
def test_a_share_that_is_spoilt_without_failing_weighs_half(spoilt: str) -> None:
    run = healthy()
    run.change(candidate="tune" if spoilt == "stale_facts" else "hybrid")
    PRODUCED["paraphrase_brittleness"](run)
    PRODUCED[spoilt](run)
    assert BY_NAME[spoilt].weight == 0.5
    rows = [d for d in _diagnosed(run).values() if d.status == "present"]
    assert spoilt in {d.section.mode for d in rows}
    own = [d for d in rows if d.section.arm == rows[0].section.arm]
    weights = [d.weight * (d.section.share.mean or 0.0) for d in own if d.section.share is not None]
    assert weights == sorted(weights, reverse=True)
    assert len(weights) == len(own)


def test_what_another_arm_suffers_from_stands_behind_what_the_candidate_does() -> None:
    run = healthy()
    _stale_facts(run)
    _refuses(run)
    assert [section.mode for section in present(_diagnosed(run).values())] == ["refuses_needlessly", "stale_facts"]


def test_a_wrong_answer_that_a_narrower_mode_explains_is_not_counted_twice() -> None:
    run = healthy()
    _set(run, "hybrid", correct=0.0, task_success=0.0, hallucination=1.0)
    modes = {section.mode: section for section in present(_diagnosed(run).values())}
    assert modes["weights_against_context"].wins == 20
    assert "does_not_read" not in modes


def test_a_wrong_answer_is_lost_for_being_wrong_and_not_for_what_it_claims() -> None:
    run = healthy()
    for case in CASES[:40]:
        wrong = 0.0 if case in CASES[:30] else 1.0
        for metric, value in (("correct", wrong), ("task_success", 0.0), ("hallucination", 1.0)):
            run.scores["rag", metric, case] = value
    assert _diagnosed(run)["unsupported_despite_evidence"].section.wins == 10


def test_latency_modes_are_silent_where_the_same_arm_differs_from_itself_by_as_much() -> None:
    wide = {"slow_retrieval": 1.3, "latency_bursts": 7.0}  # 2,500 ms of 2,000; 20 times of 3
    for mode, produce in (("slow_retrieval", _slow), ("latency_bursts", _bursts)):
        run = healthy()
        produce(run)
        for high, status in ((1.1, "present"), (wide[mode], "not measured")):
            control = Estimate(1.0, 0.9, high, 60, 0, "ratio", "given")
            run.change(latency=replace(run.figures.latency, control=control))
            assert _diagnosed(run)[mode].status == status
        assert "it may be the machine" in _diagnosed(run)[mode].section.symptom
        run.change(latency=replace(run.figures.latency, control=None))
        assert _diagnosed(run)[mode].status == "not measured"


def test_the_effect_of_a_fix_is_told_where_the_run_has_the_arm_that_it_names() -> None:
    run = healthy()
    run.change(candidate="rag")
    for case in FAILING:
        for metric in ("correct", "task_success"):
            run.scores["rag", metric, case] = 0.0
    scenario = replace(SCENARIO, candidate="rag", examples=Path("train.jsonl"))
    section = _diagnosed(run, scenario=scenario)["does_not_read"].section
    assert section.setting == "retrieval.top_k: 4 → 3", "the hybrid is run already: what it does is known"
    assert section.tried is None
    assert section.beside is not None
    assert section.beside.startswith("task success against rag in this run: hybrid +25.0 points (95 % interval")
    alone = replace(scenario, arms=("rag",))
    assert _diagnosed(run, scenario=alone)["does_not_read"].section.setting == "candidate: rag → hybrid"


def test_two_odd_cases_are_no_failure_mode() -> None:
    run = healthy()
    for case in CASES[:2]:
        run.scores["rag", "hallucination", case] = 1.0
    assert _diagnosed(run)["unsupported_despite_evidence"].status == "absent"


@pytest.mark.parametrize(("high", "status"), [(-2.0, "present"), (0.0, "absent"), (5.1, "absent"), (None, "absent")])
def test_a_loss_under_a_drill_that_may_be_chance_is_none(high: float | None, status: str) -> None:
    run = healthy()
    _drill(run, "paraphrased", change=replace(LOST, high=high))
    diagnosis = _diagnosed(run)["paraphrase_brittleness"]
    assert diagnosis.status == status
    assert "95 % interval −30.0 to" in diagnosis.section.symptom


def test_a_loss_of_exactly_the_limit_is_one_and_is_written_as_it() -> None:
    """0.77 - 0.72 is a little less than 0.05 in floating point."""
    run = healthy()
    five = stats.paired([1.0] * 72 + [0.0] * 28, [1.0] * 77 + [0.0] * 23, [str(i) for i in range(100)])
    _drill(run, "shuffled", change=five)
    diagnosis = _diagnosed(run)["order_sensitivity"]
    assert diagnosis.status == "present"
    assert "falls by 5.0 points" in diagnosis.section.symptom


def test_overfitting_stands_in_for_a_paraphrase_drill_that_was_not_run() -> None:
    run = healthy()
    run.change(tuning={"hybrid": runs.tuning(overfit=True, examples=60)})
    diagnosis = _diagnosed(run)["paraphrase_brittleness"]
    assert (diagnosis.status, diagnosis.section.arm) == ("present", "hybrid")
    assert "60 examples" in diagnosis.section.symptom


def test_the_setting_is_named_with_its_old_and_its_new_value() -> None:
    run = healthy()
    _against(run)
    _misses(run)
    diagnoses = _diagnosed(run)
    assert diagnoses["weights_against_context"].section.setting == "tuning.rank: 16 → 8; tuning.alpha: 32 → 16"
    assert diagnoses["retrieval_misses"].section.change == {"retrieval.top_k": 6}


def test_long_passages_are_halved_before_anything_else_is_tried() -> None:
    long = replace(SCENARIO, retrieval=RetrievalSettings(chunk_tokens=1024, overlap_tokens=200))
    assert BY_NAME["retrieval_misses"].change(long) == {"retrieval.chunk_tokens": 512, "retrieval.overlap_tokens": 64}


def test_the_record_keeps_only_what_is_present() -> None:
    run = healthy()
    _forgets(run)
    assert [section.mode for section in present(_diagnosed(run).values())] == ["forgetting"]


def test_the_fix_of_forgetting_raises_a_dropout_that_was_switched_off() -> None:
    off = replace(SCENARIO, tuning=replace(SCENARIO.tuning, dropout=0.0))
    assert BY_NAME["forgetting"].change(off)["tuning.dropout"] > 0


def test_a_changed_filter_is_written_for_people() -> None:
    run = healthy()
    for case in FAILING:
        run.answers["rag", case] = _answer("rag", case, "superseded")
    assert _diagnosed(run)["stale_passages"].section.setting == "retrieval.filters: none → status: current"


def test_a_failure_mode_of_ones_own_is_looked_for_beside_the_others() -> None:
    def shouts(run: DiagnosedRun) -> Symptom:
        loud = [case for (arm, case), answer in run.answers.items() if arm == "rag" and answer.text.isupper()]
        symptom = share_of("rag", loud, CASES, "answers shout")
        assert isinstance(symptom, Symptom)
        return symptom

    own = FailureMode("shouting", "Answers shout", "our own", shouts, "Examples in capitals.", "Rewrite them.")
    run = healthy()
    for case in FAILING:
        run.answers["rag", case] = replace(run.answers["rag", case], text="YES")
    diagnosis = _diagnosed(run, (*MODES, own))["shouting"]
    assert (diagnosis.status, diagnosis.section.evidence) == ("present", tuple(FAILING))
    assert diagnosis.section.setting == "no setting does this: change the training examples"


def test_a_fix_is_looked_up_by_its_mode_and_only_where_a_setting_does_it() -> None:
    assert fix_of("weights_against_context", SCENARIO).change == {"tuning.rank": 8, "tuning.alpha": 16}
    with pytest.raises(InputError, match=r"did you mean 'forgetting'\?"):
        fix_of("forgeting", SCENARIO)
    with pytest.raises(InputError, match="citation_drift: no setting does this"):
        fix_of("citation_drift", SCENARIO)
