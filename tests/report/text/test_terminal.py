"""The outcome of a run at a terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.report.first.next_step import Action, next_step
from harness.report.first.sentence import first_sentence
from harness.report.text.layout import blocks
from harness.report.text.terminal import outcome, step_lines, table
from harness.report.text.verdict import gate_lines
from harness.stats.numbers import table_cell
from harness.verdict.status import STATUSES
from tests.report.runs import Reported


def test_the_table_has_the_brief_metrics_under_their_titles_and_the_latency(run: Reported) -> None:
    lines = table(run.record, 200)
    titles = [row.title for row in run.record.metric_rows if row.brief]
    assert all(line.startswith(title) for line, title in zip(lines[1:-1], titles, strict=True))
    assert lines[-1].startswith("p95 latency")
    assert len({len(line) for line in lines}) == 1, "columns align"


def test_form_is_that_of_golden_answers_and_probes_together(run: Reported) -> None:
    line = next(line for line in table(run.record, 200) if line.startswith("Form valid after repair"))
    assert table_cell(run.record.forms["hybrid"].schema) in line


def test_a_metric_that_no_arm_has_is_no_line(run: Reported) -> None:
    metrics = {arm: {"correct": row["correct"]} for arm, row in run.record.metrics.items()}
    lines = table(replace(run.record, metrics=metrics, forms={}), 200)
    assert [line.split("  ")[0] for line in lines] == ["test split", "Correct", "p95 latency"]


def test_the_outcome_says_verdict_gates_advice_and_notes(run: Reported) -> None:
    verdict = run.record.verdict
    text = outcome(run.record)
    words = " ".join(text.split())
    assert text.startswith(f"{verdict.word}: ")
    assert first_sentence(run.record) in words
    assert all(line in text.splitlines() for line in gate_lines(verdict.gates))
    assert f"the checklist said both: {verdict.agreement}" in words
    assert all(f"note: {note}" in words for note in verdict.notes)
    step = next_step(run.record)
    assert step is not None
    assert f"next: {step.text}" in words
    assert text.splitlines()[-1].strip() == step.command


@pytest.mark.parametrize("width", [60, 80, 132, 400])
def test_nothing_is_wider_than_the_window_and_no_column_meets_another(run: Reported, width: int) -> None:
    text = outcome(run.record, width)
    # a word that is longer than the window stays whole, and so does a command, which is there to be copied
    wrapped = [line for line in text.splitlines() if not line.startswith("  harness ")]
    assert all(len(line) <= width or " " not in line.strip() for line in wrapped)
    heads = [line for line in table(run.record, width) if line.startswith("test split")]
    assert all(any(f"  {arm}" in line for line in heads) for arm in run.record.arm_names)
    for row in run.record.metric_rows:
        if row.brief:
            cells = [
                table_cell(run.record.metrics[arm][row.name])
                for arm in run.record.arm_names
                if row.name in run.record.metrics[arm] and row.name not in ("schema", "schema_first_try", "repair")
            ]
            lines = [line for line in table(run.record, width) if line.startswith(f"{row.title}  ")]
            assert all(any(f"  {cell}" in line for line in lines) for cell in cells)


def test_columns_that_do_not_fit_beside_stand_below() -> None:
    rows = {"": ["first arm", "second arm", "third"], "Task success": ["91.2 %", "90.0 %", "4.1 %"]}
    assert blocks(rows, 40) == [
        f"{'':<14}{'first arm':>11}{'second arm':>12}",
        f"{'Task success':<14}{'91.2 %':>11}{'90.0 %':>12}",
        "",
        f"{'':<14}{'third':>7}",
        f"{'Task success':<14}{'4.1 %':>7}",
    ]
    assert len(blocks(rows, 80)) == 2


def test_gates_that_do_not_apply_share_a_line(run: Reported) -> None:
    gates = [replace(gate, status="not applicable" if at % 2 else gate.status)
             for at, gate in enumerate(run.record.verdict.gates)]  # fmt: skip
    apart = [gate for gate in gates if gate.status == "not applicable"]
    lines = gate_lines(gates, 100)
    assert sum("not applicable" in line for line in lines) == 1
    tail = " ".join(lines[next(i for i, line in enumerate(lines) if "not applicable" in line) :])
    assert all(gate.name in tail for gate in apart)
    assert not any(gate.reason in " ".join(lines) for gate in apart if gate.reason)
    for gate in gates:
        if gate.status != "not applicable":
            assert any(line.startswith(f"{STATUSES[gate.status].mark} {gate.status}") for line in lines)


def test_a_command_is_never_wrapped_and_no_step_is_no_line() -> None:
    command = f"harness run {'x' * 90} --try-fix retrieval_misses"
    lines = step_lines(Action("Do it.", "It helps.", command, "top_k: 4 -> 6"), 60)
    assert lines == ["next: Do it. top_k: 4 -> 6. It helps.", f"  {command}"]
    assert step_lines(None, 60) == []
