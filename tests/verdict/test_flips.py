"""What would flip a gate."""

from __future__ import annotations

from harness.stats import failures_allowed
from harness.verdict.flips import flips
from harness.verdict.gates import judge_all
from harness.verdict.score_sheet import ScoreSheet, gather
from harness.verdict.thresholds import read_thresholds
from tests import make
from tests.verdict import runs

THRESHOLDS = read_thresholds({})


def sheet_of(hits: dict[str, int] | None = None, **changes: object) -> ScoreSheet:
    return gather(runs.figures(**changes), runs.scores(hits or runs.HITS), runs.cases())


def flips_of(hits: dict[str, int] | None = None, **changes: object) -> dict[str, str]:
    return flips(sheet_of(hits, **changes), THRESHOLDS, "hybrid")


def status(hits: dict[str, int], gate: str) -> str:
    return next(g.status for g in judge_all(sheet_of(hits), "hybrid", THRESHOLDS) if g.name == gate)


def test_the_number_of_answers_is_the_smallest_that_turns_the_gate() -> None:
    words = flips_of()["task_success_gain"]
    fewer = int(words.split()[0])
    assert words == f"{fewer} good answers fewer would make it not proven"
    # hits are the first ones in the golden set and the first ones are turned, so RAG-only keeps those that are lost
    lost = {f"q{i:03}": 0.0 for i in range(fewer)}
    turned = runs.replaced(runs.scores(), "hybrid", "task_success", lost)
    one_less = runs.replaced(runs.scores(), "hybrid", "task_success", dict(list(lost.items())[:-1]))
    sheets = [gather(runs.figures(), rows, runs.cases()) for rows in (turned, one_less)]
    gates = [judge_all(sheet, "hybrid", THRESHOLDS)[0] for sheet in sheets]
    assert [gate.status for gate in gates] == ["not proven", "pass"]


def test_a_failed_gate_says_how_many_more_it_takes() -> None:
    hits = {**runs.HITS, "hybrid": 60}
    assert status(hits, "task_success_gain") == "fail"
    words = flips_of(hits)["task_success_gain"]
    assert "good answers more would make it not proven" in words
    assert "fewer" not in words


def test_the_gates_on_an_arms_own_success_are_counted_in_answers() -> None:
    """Of 98 answerable cases 98 succeed, of 22 unanswerable ones 16. Answerable ones are lost first; 15 of them against
    6 needless answers still prove a gain over refusing, (15 - 6) / sqrt(15 + 6) > 1.96, and 14 do not."""
    sheet = gather(runs.figures(), runs.scores(), runs.cases(unanswerable=22))
    words = flips(sheet, read_thresholds({"task_success": 85}), "hybrid")
    assert words["gain_over_constant"] == "84 good answers fewer would make it not proven"  # 84 of 98 lost
    assert words["task_success"] == "5 good answers fewer would make it not proven"


def test_forms_are_counted_over_golden_answers_and_probes() -> None:
    form = runs.form(schema=make.proportion(1115, 1120), repair=make.proportion(0, 1120))
    words = flips_of(forms=dict.fromkeys(runs.HITS, form))
    assert failures_allowed(1120, 0.99) == 4  # and here are five
    assert words["schema"].startswith("1 good answer more would make it pass; ")
    assert words["repair"].endswith("good answers fewer would make it not proven")


def test_gates_that_no_single_answer_decides_say_how_far_the_limit_is() -> None:
    words = flips_of()
    assert words["p95_ratio"] == "its interval would have to move by 0.06 × to reach the limit"
    assert words["forgetting"] == "its interval would have to move by 3.0 points to reach the limit"
    assert "adapter_effect" not in words
    wide = runs.latencies(hybrid=runs.latency(ratio=make.around(1.08, 0.1, "ratio", 60)))
    assert "lies inside its interval" in flips_of(latency=wide)["p95_ratio"]
