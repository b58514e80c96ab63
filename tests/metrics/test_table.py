"""The table of metrics: its names, and a row as the record keeps it."""

from __future__ import annotations

from typing import get_args

from harness.metrics.judged import NEEDS
from harness.metrics.table import METRICS
from harness.scenario.settings import JudgeMetric
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
        "task_success", "task_success_without_form", "correct", "groundedness", "citation_recall", "schema",
        "ragas_faithfulness", "ragas_answer_correctness", "deepeval_faithfulness",
    ]  # fmt: skip
    assert [name for name, metric in METRICS.items() if metric.rests_on == "detector"] == [
        "task_success", "task_success_without_form", "groundedness", "hallucination"
    ]  # fmt: skip
    assert [name for name, metric in METRICS.items() if metric.rests_on == "judge"] == list(NEEDS)
    assert tuple(NEEDS) == get_args(JudgeMetric)
    assert row.rests_on == "detector"
