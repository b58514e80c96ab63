"""One run as the page reads it: its record, its golden cases, its scores by trace and what became of each question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.record.score_table import ByTrace, by_trace
from harness.record.sections import Figures, Record
from harness.record.unanswered import Step
from harness.report.outcomes import Grid, grid, outcome_map
from harness.types import Case, Prompt, Score, Trace

Heads = Mapping[str, Prompt]  # arm -> the messages before the user's turn


@dataclass(frozen=True, slots=True)
class RunView:
    """The run as every part of the page takes it."""

    record: Record
    traces: tuple[Trace, ...]  # probes left out: they are counted in the record and not listed
    scores: ByTrace
    test_cases: tuple[Case, ...]  # the cases that figures are made of, as far as the golden set is at hand
    questions: tuple[Case, ...]  # what was asked; by their ids alone where the golden set is not at hand
    outcomes: Mapping[tuple[str, str], str]  # (case id, arm) -> key of OUTCOMES
    grid: Grid  # the same for the questions of the test split
    heads: Heads

    @property
    def arms(self) -> tuple[str, ...]:
        return self.record.arm_names


def view_of(
    record: Record, traces: Sequence[Trace], scores: Sequence[Score], cases: Sequence[Case], heads: Heads
) -> RunView:
    """The view of one run."""
    golden = tuple(trace for trace in traces if not trace.probe)
    table = by_trace(scores)
    ids = dict.fromkeys(trace.case_id for trace in golden)
    questions = tuple(case for case in cases if case.id in ids) or tuple(Case(name, "") for name in ids)
    outcomes = outcome_map(golden, table, {case.id: case for case in cases})
    test = tuple(case for case in cases if case.split == "test") or questions
    return RunView(record, golden, table, test, questions, outcomes, grid(outcomes, record.arm_names, test), heads)


def unanswered(figures: Figures, step: Step) -> tuple[str, ...]:
    """The questions of a step without an answer, a line a place: asked, answered, the reasons."""
    return tuple(row.says for row in figures.unanswered if row.step == step)
