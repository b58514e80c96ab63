"""Arms × metrics: the rows are the record's, and best is only what really is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.metrics.table import METRICS
from harness.record.sections import Figures, MetricSection
from harness.report.matrix import Cell, matrix, pair_table, without_figures
from tests import make
from tests.report.runs import Reported, difference, span

Ends = tuple[float, float, float]
OWN = MetricSection("judge_tone", "Tone", "House rules", "fraction", "higher", needs_passages=False, compared=True)


def two_arms(hybrid: Ends, rag: Ends, p: float | None, metric: str = "correct") -> Figures:
    """RAG-only and the hybrid with one metric; their paired difference has this p, None: it was not compared."""
    figures = make.figures(make.script(arms=("rag", "hybrid")))
    gap = span(100 * (hybrid[0] - rag[0]), -1.0, 9.0, "points")
    differences = () if p is None else (difference(metric, "hybrid", "rag", gap, p),)
    metrics = {"rag": {metric: span(*rag)}, "hybrid": {metric: span(*hybrid)}}
    return replace(figures, metrics=metrics, differences=differences)


def cells(figures: Figures) -> dict[str, Cell]:
    return {cell.arm: cell for cell in matrix(figures)[0].lines[0].cells}


@pytest.mark.parametrize(
    ("p", "hybrid_low", "best"),
    [(0.01, 0.7, True), (0.2, 0.7, False), (None, 0.7, False), (None, 0.85, True)],
)
def test_best_is_marked_only_where_the_difference_is_real(p: float | None, hybrid_low: float, best: bool) -> None:
    by_arm = cells(two_arms((0.9, hybrid_low, 0.95), (0.75, 0.7, 0.8), p))
    assert by_arm["hybrid"].best is best
    assert not by_arm["rag"].best
    assert by_arm["hybrid"].real == ("better" if p == 0.01 else "")


def test_a_metric_where_less_is_better_is_judged_that_way() -> None:
    cell = cells(two_arms((0.02, 0.01, 0.03), (0.2, 0.15, 0.25), 0.001, "hallucination"))["hybrid"]
    assert (cell.best, cell.real) == (True, "better")


def test_every_metric_of_the_run_has_a_row_under_its_own_title(run: Reported) -> None:
    rows = [line.row for block in matrix(run.record) for line in block.lines]
    measured = {name for arm in run.record.metrics.values() for name, of in arm.items() if of.mean is not None}
    assert {row.name for row in rows} == measured
    assert all(row.title == METRICS[row.name].title for row in rows)
    others = {name for arm in run.record.metrics.values() for name in arm} - measured
    assert others, "one that no answer could be scored by"
    assert without_figures(run.record) == tuple(row.title for row in run.record.metric_rows if row.name in others)


def test_an_arm_that_is_given_the_right_passages_is_never_best() -> None:
    figures = two_arms((0.9, 0.85, 0.95), (0.75, 0.7, 0.8), 0.01)
    ceiling = replace(figures, arms=tuple(replace(arm, oracle=arm.name == "hybrid") for arm in figures.arms))
    assert cells(figures)["hybrid"].best
    assert not any(cell.best for cell in cells(ceiling).values())


def test_a_metric_that_a_user_adds_has_its_group_and_title_and_can_be_best() -> None:
    figures = two_arms((0.9, 0.7, 0.95), (0.75, 0.7, 0.8), 0.01, OWN.name)
    block = matrix(replace(figures, metric_rows=(*figures.metric_rows, OWN)))[-1]
    assert (block.title, block.lines[0].row.title) == ("House rules", "Tone")
    assert [cell.arm for cell in block.lines[0].cells if cell.best] == ["hybrid"]


def test_a_metric_of_a_known_group_stands_with_the_others_of_that_group(run: Reported) -> None:
    own = replace(OWN, group="Quality")
    metrics = {arm: {**row, OWN.name: span(0.5, 0.4, 0.6)} for arm, row in run.record.metrics.items()}
    blocks = matrix(replace(run.record, metric_rows=(*run.record.metric_rows, own), metrics=metrics))
    assert [block.title for block in blocks].count("Quality") == 1
    assert blocks[0].lines[-1].row == own


def test_pairs_are_found_by_metric_and_arms(run: Reported) -> None:
    assert ("task_success", "hybrid", "rag") in pair_table(run.record.differences)
