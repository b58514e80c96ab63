"""The table of metrics: its names, and a row as the record keeps it."""

from __future__ import annotations

from harness.metrics.table import METRICS
from tests.metrics.cases import answer, case, score


def test_the_table() -> None:
    assert all(name == metric.name for name, metric in METRICS.items())
    assert METRICS["hallucination"].better == "lower"
    assert score("prompt_tokens", case(), answer("x", prompt_tokens=7)) == 7.0
    assert score("completion_tokens", case(), answer("x", completion_tokens=3)) == 3.0


def test_a_row_as_the_record_keeps_it() -> None:
    row = METRICS["groundedness"].section()
    assert (row.name, row.group, row.better, row.needs_passages, row.compared) == (
        "groundedness", "Grounding", "higher", True, True
    )  # fmt: skip
    assert [name for name, metric in METRICS.items() if metric.compared] == [
        "task_success", "task_success_without_form", "correct", "groundedness", "citation_recall", "schema"
    ]  # fmt: skip
    assert {name: metric.rests_on for name, metric in METRICS.items() if metric.rests_on} == {
        "task_success": "detector", "task_success_without_form": "detector",
        "groundedness": "detector", "hallucination": "detector",
    }  # fmt: skip
    assert row.rests_on == "detector"
