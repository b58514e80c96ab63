"""The first screen: what a run that cannot count says, what has no room, what is not there."""

from __future__ import annotations

from dataclasses import replace

from harness.report.headline import headline
from harness.types import Estimate
from tests.report.runs import Reported, gate


def test_a_run_that_cannot_count_says_so_first(run: Reported) -> None:
    arms = tuple(replace(arm, test_double=True) for arm in run.record.arms)
    words = headline(replace(run.record, arms=arms, partial="2 of 5 arms")).warnings
    assert [("test double" in w, "2 of 5 arms" in w).index(True) for w in words] == [0, 1]
    assert headline(run.record).warnings == ()


def test_the_first_screen_lists_five_gates_and_counts_the_rest(run: Reported) -> None:
    failing = tuple(gate("fail", name=f"f{i}") for i in range(4))
    waiting = tuple(gate("not measured", name=f"o{i}") for i in range(3))
    verdict = run.record.verdict
    screen = headline(replace(run.record, verdict=replace(verdict, gates=failing + waiting)))
    assert (len(screen.failed), len(screen.unsettled), screen.left_out) == (3, 2, 2)
    screen = headline(replace(run.record, verdict=replace(verdict, gates=failing[:1] + waiting)))
    assert (len(screen.failed), len(screen.unsettled), screen.left_out) == (1, 3, 0)


def test_the_first_screen_does_without_rag_passages_and_latency(run: Reported) -> None:
    latency = replace(run.record.latency, arms={}, control=None)
    keys = headline(replace(run.record, differences=(), metrics={}, latency=latency)).keys
    assert [key.value for key in keys] == [None] * 3
    assert all(key.missing for key in keys)


def test_a_candidate_that_is_rag_only_is_not_compared_with_itself(run: Reported) -> None:
    verdict = replace(run.record.verdict, candidate="rag", gates=())
    gain, _, latency = headline(replace(run.record, verdict=verdict)).keys
    assert gain.missing == latency.missing == "the candidate is RAG-only itself"


def test_the_advice_stands_under_its_name(run: Reported) -> None:
    said = {name: headline(replace(run.record, verdict=replace(run.record.verdict, advised=name))).advised
            for name in ("rag_first", None)}  # fmt: skip
    assert said["rag_first"] == "RAG first, tuning later"
    assert said[None].startswith("nothing")


def test_a_key_figure_reads_on_the_side_of_its_gate(run: Reported) -> None:
    estimate = Estimate(0.8997, 0.8985, 0.89998, 130)
    candidate = run.record.verdict.candidate
    verdict = replace(run.record.verdict, gates=(gate("fail", estimate, 0.9, name="groundedness"),))
    metrics = {candidate: {"groundedness": estimate}}
    key = headline(replace(run.record, verdict=verdict, metrics=metrics)).keys[1]
    assert (str(key.value), key.interval, key.gate and key.gate.threshold) == (
        "89.970 %", "89.850 to 89.998 %", "≥ 90 %"
    )  # fmt: skip
