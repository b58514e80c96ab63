"""The step summary of a CI job."""

from __future__ import annotations

from dataclasses import replace

from harness.record.sections import MetricSection
from harness.report.text.markdown import cell, render_markdown
from tests.make import RIGHT_TO_LEFT, SCRIPT
from tests.report.runs import Reported, gate, span


def test_markdown_has_verdict_gates_arms_and_no_foreign_markup(run: Reported) -> None:
    record = run.record
    open_gate = gate("not proven", span(6, 1, 11, "points"), 5.0, title="Task success beats RAG-only")
    text = render_markdown(
        replace(
            record,
            scenario=replace(record.scenario, title=f"A | B {SCRIPT}\n# C"),
            verdict=replace(record.verdict, word="NO-GO", gates=(*record.verdict.gates, open_gate)),
        )
    )
    assert text.startswith("# ⛔ NO-GO: A \\| B")
    assert "<script>" not in text
    assert "🔶 not proven | Task success beats RAG-only" in text
    assert sum(line.startswith("| ") for line in text.splitlines()) > 20
    assert cell(RIGHT_TO_LEFT)


def test_a_metric_that_a_user_adds_is_in_the_summary(run: Reported) -> None:
    own = MetricSection("judge_tone", "Tone", "House rules", "fraction", "higher", needs_passages=False, compared=False)
    metrics = {arm: {**row, own.name: span(0.5, 0.4, 0.6)} for arm, row in run.record.metrics.items()}
    text = render_markdown(replace(run.record, metric_rows=(*run.record.metric_rows, own), metrics=metrics))
    assert "| Tone | 50.0 %" in text
