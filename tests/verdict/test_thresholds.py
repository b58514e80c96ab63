"""A scenario's gates, read: other people's words, units that are mistaken, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from harness.errors import InputError
from harness.verdict.gates import GATES
from harness.verdict.thresholds import NO_GATE, WORDS, read_thresholds
from tests.verdict import runs


def _limit(gate: str, **gates: Any) -> float:
    return next(threshold for row, threshold in read_thresholds(gates).rows if row.name == gate)


@pytest.mark.parametrize(
    ("gates", "message"),
    [
        ({"groundednes": 90}, r"gates.groundednes: no such gate; did you mean 'groundedness'\?"),
        ({"zzz": 1}, "known gates: task_success_gain"),
        ({"groundedness": 900}, "gates.groundedness: found 900, expected a number from 0 to 100"),
        ({"schema": "high"}, "gates.schema: found 'high'"),
        ({"task_success": 101}, "gates.task_success: found 101, expected a number from 0 to 100"),
        ({"task_success": -1}, "gates.task_success: found -1, expected a number from 0 to 100"),
        ({"gain_over_constant": 200}, "gates.gain_over_constant: found 200, expected a number from 0 to 100"),
        ({"p95_ratio": True}, "gates.p95_ratio: found True"),
        ({"policy": "lenient"}, "gates.policy: found 'lenient', expected one of: interval, point"),
        ({"gain_over_refusing": 0}, "gates.gain_over_refusing: no such gate; it is gain_over_constant now"),
    ],
)
def test_a_gate_that_cannot_be_read_is_one_message(gates: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        runs.judged(**gates)


@pytest.mark.parametrize(
    ("gates", "message"),
    [
        ({"groundedness": 0.9}, "found 0.9, which reads like a share of 1, but this gate is in per cent; write 90, or"),
        ({"schema": 1.0}, "found 1, which reads like a share of 1, but this gate is in per cent; write 100, or '1 %'"),
        ({"hallucination": 0.05}, "write 5, or '0.05 %' if that is what you mean"),
        ({"repair": 0.03}, "this gate is in per cent; write 3"),
        ({"task_success_gain": 0.05}, "this gate is in points; write 5, or '0.05 points'"),
        ({"forgetting": 0.02}, "this gate is in points; write 2"),
        ({"ship_margin": 0.05}, "gates.ship_margin: found 0.05"),
        ({"p95_ms": 1.5}, "found 1.5, which reads like seconds, but this gate is in ms; write 1500, or '1.5 ms'"),
        ({"p95_ratio": 0.1}, "gates.p95_ratio: found 0.1"),
    ],
)
def test_a_number_in_another_unit_is_asked_back(gates: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_thresholds(gates)


def test_a_number_with_its_unit_is_taken_as_it_stands() -> None:
    assert _limit("hallucination", hallucination="0.5 %") == pytest.approx(0.005)
    assert _limit("groundedness", groundedness="90%") == pytest.approx(0.9)
    assert _limit("task_success_gain", task_success_gain="0.5 points") == 0.5
    assert _limit("p95_ms", p95_ms="1.5 ms") == 1.5
    with pytest.raises(InputError, match=r"gates\.groundedness: found '90 ms'"):
        read_thresholds({"groundedness": "90 ms"})


def test_small_numbers_that_mean_themselves_are_not_asked_back() -> None:
    assert _limit("hallucination", hallucination=1) == pytest.approx(0.01)
    assert _limit("gain_over_tune", gain_over_tune=0) == 0
    assert _limit("p95_ratio", p95_ratio=0.9) == 0.9


@pytest.mark.parametrize(
    ("word", "gate"),
    [
        ("faithfulness", "groundedness"),
        ("Hallucination Rate", "hallucination"),
        ("gain-over-fine-tuning", "gain_over_tune"),
        ("pass_rate", "task_success"),
        ("Groundedness", "groundedness"),
    ],
)
def test_everybodys_word_for_a_gate_is_understood_and_said(word: str, gate: str) -> None:
    verdict = runs.judged(**{word: 80})
    assert runs.gate(verdict, gate).threshold in (pytest.approx(0.8), pytest.approx(80.0))
    assert f"The scenario's gate {word} was read as {gate}." in verdict.notes


def test_a_word_for_what_no_gate_measures_names_the_nearest() -> None:
    with pytest.raises(InputError, match=r"gates\.context_recall: no such gate; retrieval is measured"):
        read_thresholds({"context_recall": 80})
    with pytest.raises(InputError, match=r"gates\.accuracy: no such gate; the floor of right answers is task_success"):
        read_thresholds({"accuracy": 80})


def test_a_gate_set_twice_under_two_names_is_refused() -> None:
    with pytest.raises(InputError, match="gates: groundedness and faithfulness are the same gate"):
        read_thresholds({"groundedness": 90, "faithfulness": 85})


def test_every_word_means_one_gate_of_the_table() -> None:
    names = {row.name for row in GATES}
    words = [word for own in WORDS.values() for word in own]
    assert WORDS.keys() <= names
    assert len(words) == len(set(words))
    assert not names & {*words, *NO_GATE}
    assert not set(words) & NO_GATE.keys()
