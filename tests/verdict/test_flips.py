"""What would flip a gate."""

from __future__ import annotations

import verdict_runs as runs

from harness.stats import failures_allowed
from harness.verdict.evidence import gather
from harness.verdict.flips import flips
from harness.verdict.gates import judge_all, read_thresholds

THRESHOLDS = read_thresholds({})


def said(hits: dict[str, int] | None = None, **changes: object) -> dict[str, str]:
    facts = gather(runs.record(**changes), runs.scores(hits or runs.HITS), runs.cases())
    return flips(facts, THRESHOLDS, "hybrid")


def status(hits: dict[str, int], gate: str) -> str:
    facts = gather(runs.record(), runs.scores(hits), runs.cases())
    return next(g.status for g in judge_all(facts, "hybrid", THRESHOLDS) if g.name == gate)


def test_the_number_of_answers_is_the_smallest_that_turns_the_gate() -> None:
    found = said()["task_success_gain"]
    fewer = int(found.split()[0])
    assert found == f"{fewer} good answers fewer would make it not proven"
    # hits are the first ones in the golden set and the first ones are turned, so RAG-only keeps those that are lost
    facts = gather(runs.record(), runs.scores(), runs.cases())
    lost = {f"q{i:03}": 0.0 for i in range(fewer)}
    turned = runs.replaced(runs.scores(), "hybrid", "task_success", lost)
    kept = runs.replaced(runs.scores(), "hybrid", "task_success", dict(list(lost.items())[:-1]))
    gates = [judge_all(gather(runs.record(), s, runs.cases()), "hybrid", THRESHOLDS)[0] for s in (turned, kept)]
    assert [gate.status for gate in gates] == ["not proven", "pass"]
    assert facts.cases


def test_a_failed_gate_says_how_many_more_it_takes() -> None:
    hits = {**runs.HITS, "hybrid": 60}
    assert status(hits, "task_success_gain") == "fail"
    found = said(hits)["task_success_gain"]
    assert "good answers more would make it not proven" in found
    assert "fewer" not in found


def test_the_gates_on_an_arms_own_success_are_counted_in_answers() -> None:
    """Of 98 answerable cases 98 succeed, of 22 unanswerable ones 16. Answerable ones are lost first; 15 of them against
    6 needless answers still prove a gain over refusing, (15 - 6) / sqrt(15 + 6) > 1.96, and 14 do not."""
    facts = gather(runs.record(), runs.scores(), runs.cases(unanswerable=22))
    found = flips(facts, read_thresholds({"task_success": 85}), "hybrid")
    assert found["gain_over_refusing"] == "84 good answers fewer would make it not proven"  # 84 of 98 lost
    assert found["task_success"] == "5 good answers fewer would make it not proven"


def test_forms_are_counted_over_golden_answers_and_probes() -> None:
    forms = {
        arm["name"]: {"schema": runs.proportion(1115, 1120), "repair": runs.proportion(0, 1120)} for arm in runs.ARMS
    }
    found = said(forms=forms)
    assert failures_allowed(1120, 0.99) == 4  # and here are five
    assert found["schema"].startswith("1 good answer more would make it pass; ")
    assert found["repair"].endswith("good answers fewer would make it not proven")


def test_gates_that_no_single_answer_decides_say_how_far_the_limit_is() -> None:
    found = said()
    assert found["p95_ratio"] == "its interval would have to move by 0.06 × to reach the limit"
    assert found["forgetting"] == "its interval would have to move by 3.0 points to reach the limit"
    wide = {"hybrid": runs.around(1.08, 0.1, "ratio", 60)}
    assert "lies inside its interval" in said(latency_ratio=wide)["p95_ratio"]
