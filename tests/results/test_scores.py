"""Traces to figures: what is scored, what is left out, what is compared; the order of cases changes nothing."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

import harness.stats as stats
from harness.arms import ARMS
from harness.metrics.table import BY_RULE, METRICS
from harness.record.score_table import tabulate
from harness.record.sections import SCHEMA_VERSION
from harness.results.scores import (
    compared_pairs,
    differences,
    estimates,
    forms,
    identical_outputs,
    metric_rows,
    reference_of,
    score_traces,
    slices,
)
from harness.types import Score, Trace
from tests import make

SMALL = make.drawn(make.World(n=24, mixed=True))


def test_every_metric_scores_every_golden_trace_and_no_probe() -> None:
    rows = score_traces(SMALL.cases, make.traces(SMALL))
    assert len(rows) == 24 * len(SMALL.arms) * len(BY_RULE)
    assert rows == make.scores(SMALL)


def test_an_error_is_unscored_in_every_metric() -> None:
    case = SMALL.cases[0]
    rows = score_traces([case], [Trace(case.id, "rag", error="timeout")])
    assert {row.reason for row in rows} == {"no answer: timeout"}
    assert all(row.value is None and row.applicable != METRICS[row.metric].needs_style for row in rows)


def test_what_does_not_apply_is_left_out_of_the_table_and_unknowns_are_kept() -> None:
    rows = [
        Score("a", "rag", "correct", None, "no accepted answer", applicable=False),
        Score("b", "rag", "correct", None, "no answer: timeout"),
        Score("c", "rag", "correct", 1.0),
    ]
    assert tabulate(rows) == {("rag", "correct"): {"b": None, "c": 1.0}}


def test_an_estimate_counts_the_unscored_and_a_metric_that_applies_nowhere_has_none() -> None:
    metrics = estimates(tabulate(make.scores(SMALL)), SMALL.cases, SMALL.world.clusters, 7)
    assert metrics["tune"]["task_success"].unscored == 1
    assert metrics["tune"]["task_success"].n == 23
    assert "groundedness" not in metrics["baseline"]
    assert metrics["rag"]["prompt_tokens"].unit == "tokens"


def test_slices_hold_task_success_of_every_value() -> None:
    table = tabulate(make.scores(SMALL))
    parts = slices(table, SMALL.cases, SMALL.world.clusters)
    assert set(parts) == {"category", "kind"}
    kinds = parts["kind"]
    assert list(kinds) == sorted({case.kind for case in SMALL.cases})
    whole = estimates(table, SMALL.cases, SMALL.world.clusters, 7)["rag"]["task_success"]
    assert sum(kind["rag"].n for kind in kinds.values()) == whole.n
    lookups = [case.id for case in SMALL.cases if case.kind == "lookup"]
    row = table["rag", "task_success"]
    assert kinds["lookup"]["rag"].mean == pytest.approx(sum(row[i] or 0.0 for i in lookups) / len(lookups))


def test_cases_later_than_every_training_example_are_a_slice_of_their_own() -> None:
    table = tabulate(make.scores(SMALL))
    dated = [replace(case, timestamp=f"2026-0{1 + n % 3}-01") for n, case in enumerate(SMALL.cases[:12])]
    cases = [*dated, *SMALL.cases[12:]]
    time = slices(table, cases, SMALL.world.clusters, "2026-02-01")["time"]
    assert {value: by_arm["rag"].n for value, by_arm in time.items()} == {
        "after the newest example": 4, "up to the newest example": 8
    }  # fmt: skip
    assert "time" not in slices(table, SMALL.cases, SMALL.world.clusters, "2026-02-01"), "no case has a date"
    assert "time" not in slices(table, cases, SMALL.world.clusters), "nothing is tuned"


def test_every_arm_is_compared_with_rag_and_the_candidate_with_every_arm() -> None:
    assert compared_pairs(("baseline", "rag", "tune", "hybrid"), "hybrid") == (
        ("baseline", "rag"),
        ("tune", "rag"),
        ("hybrid", "rag"),
        ("hybrid", "baseline"),
        ("hybrid", "tune"),
    )
    assert compared_pairs(("baseline", "tune"), "tune") == (("tune", "baseline"),)
    assert (reference_of(("baseline", "rag")), reference_of(("baseline",))) == ("rag", None)


def test_differences_are_of_the_metrics_that_the_table_compares_with_holm_over_all() -> None:
    table, pairs = tabulate(make.scores(SMALL)), compared_pairs(SMALL.arms, "hybrid")
    rows = differences(table, SMALL.cases, SMALL.world.clusters, pairs, 7)
    compared = [metric.name for metric in BY_RULE.values() if metric.compared]
    assert list(dict.fromkeys(row.metric for row in rows)) == compared
    assert set(compared) == {
        "task_success",
        "task_success_without_form",
        "correct",
        "groundedness",
        "schema",
        "citation_recall",
    }
    assert [row.p_holm for row in rows] == stats.holm([row.p for row in rows])


def test_the_order_of_traces_and_cases_changes_no_figure() -> None:
    rng, cases, traces = random.Random(3), list(SMALL.cases), list(make.traces(SMALL))
    rng.shuffle(cases)
    rng.shuffle(traces)
    table, clusters = tabulate(score_traces(cases, traces)), SMALL.world.clusters
    shuffled = slices(table, cases, clusters)
    assert shuffled == slices(tabulate(make.scores(SMALL)), SMALL.cases, clusters)
    assert forms(cases, traces) == forms(SMALL.cases, make.traces(SMALL))


def test_forms_count_golden_answers_and_probes_together() -> None:
    form = forms(make.HEALTHY.cases, make.traces(make.HEALTHY))["hybrid"]
    assert (form.n_cases, form.n_probes, form.schema.n) == (120, 1000, 1120)
    assert form.repair.mean == pytest.approx(5 / 1120)
    plain = make.script(world=make.World(n=6, demanded=False), hits={"rag": 6})
    assert forms(plain.cases, make.traces(plain)) == {}


def test_an_adapter_is_compared_with_the_arm_that_its_row_names() -> None:
    twins = make.script({"baseline": 3, "rag": 5, "hybrid": 5}, make.World(n=6), ("baseline", "rag", "hybrid"))
    arms = [ARMS[name] for name in twins.arms]
    assert identical_outputs(make.traces(twins), arms) == {"hybrid": True}
    alone = make.script({"tune": 3}, make.World(n=6), ("rag", "tune"))
    assert identical_outputs(make.traces(alone), [ARMS[name] for name in alone.arms]) == {"tune": None}


def test_metric_rows_are_the_table_without_its_functions() -> None:
    rows = metric_rows()
    assert [row.name for row in rows] == list(BY_RULE)
    assert rows[0].title == BY_RULE["task_success"].title
    assert make.figures().metric_rows == rows
    assert make.figures().schema_version == SCHEMA_VERSION
