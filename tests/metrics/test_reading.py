"""A reading: all metrics of an answer share its parts, and each part is computed once, when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.evidence.carry import WHOLE
from harness.metrics import reading as module
from harness.metrics.reading import Reading
from harness.metrics.table import METRICS
from tests.metrics.cases import HUBS, PLANS, answer, case

PARTS = ("supports", "accepted", "carried_items")


def _counted(function: Callable[..., Any], calls: list[str]) -> Callable[..., Any]:
    def count(*arguments: Any, **named: Any) -> Any:
        calls.append(function.__name__)
        return function(*arguments, **named)

    return count


def test_every_part_is_computed_once_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    for part in PARTS:
        monkeypatch.setattr(module, part, _counted(getattr(module, part), calls))
    reading = Reading(case(key_points=("free",)), answer("It lasts 14 days [S2].", HUBS, PLANS, cited=("S2",)))
    for metric in METRICS.values():
        metric.read(reading)
    assert sorted(calls) == sorted(PARTS)


def test_a_part_that_no_metric_needs_is_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(module, "supports", _counted(module.supports, calls))
    METRICS["groundedness"].read(Reading(case(), answer("14 days")))  # no passages
    METRICS["correct"].read(Reading(case(), answer("14 days", PLANS)))
    assert calls == []


def test_parts() -> None:
    reading = Reading(
        case(), answer("14 days [S2]", HUBS, PLANS, cited=("S2", "S9"), parsed={"urgency": "high", "n": 1})
    )
    assert reading.text == "14 days"
    assert reading.words == ("14", "day", "high")
    assert reading.accepted
    assert list(reading.in_prompt) == [{}, {0: WHOLE}]
    assert reading.cited == ({0: WHOLE}, None)
    assert [claim.supported for claim in reading.claims] == [True]
