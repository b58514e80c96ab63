"""The outcome of a run at a terminal."""

from __future__ import annotations

from dataclasses import replace

from harness.report.text.terminal import outcome, table
from harness.report.text.verdict import gate_lines
from harness.stats.numbers import table_cell
from tests.report.runs import Reported


def test_the_table_has_the_brief_metrics_under_their_titles_and_the_latency(run: Reported) -> None:
    lines = table(run.record)
    titles = [row.title for row in run.record.metric_rows if row.brief]
    assert all(line.startswith(title) for line, title in zip(lines[1:-1], titles, strict=True))
    assert lines[-1].startswith("p95 latency")
    assert len({len(line) for line in lines}) == 1, "columns align"


def test_form_is_that_of_golden_answers_and_probes_together(run: Reported) -> None:
    line = next(line for line in table(run.record) if line.startswith("Form valid after repair"))
    assert table_cell(run.record.forms["hybrid"].schema) in line


def test_a_metric_that_no_arm_has_is_no_line(run: Reported) -> None:
    metrics = {arm: {"correct": row["correct"]} for arm, row in run.record.metrics.items()}
    lines = table(replace(run.record, metrics=metrics, forms={}))
    assert [line.split("  ")[0] for line in lines] == ["test split", "Correct", "p95 latency"]


def test_the_outcome_says_verdict_gates_advice_and_notes(run: Reported) -> None:
    verdict = run.record.verdict
    text = outcome(run.record)
    assert text.startswith(f"{verdict.word}: {verdict.sentence}")
    assert all(line in text.splitlines() for line in gate_lines(verdict.gates))
    assert all(f" {gate.status} " in line for gate, line in zip(verdict.gates, gate_lines(verdict.gates), strict=True))
    assert f"the checklist said both: {verdict.agreement}" in text
    assert all(f"note: {note}" in text for note in verdict.notes)
