"""One call from a plan to figures: execute, gather, score, measure; kept in the cache under the plan's measure key."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from harness.golden.clusters import case_clusters
from harness.record.files import Run, load_run, plain, save_run
from harness.results import provenance
from harness.results import record as assemble
from harness.results import scores as measure
from harness.retrieval.documents import load_documents
from harness.run.inputs import Inputs
from harness.run.store import Store, Timing
from harness.run.workers import Progress
from harness.scenario.settings import Scenario
from harness.stages.engine import execute
from harness.stages.plan import Plan
from harness.types import Case, Score, Trace

Measured = tuple[dict[str, Any], Sequence[Trace], Sequence[Score]]


def measure_run(inputs: Inputs, plan: Plan, store: Store, progress: Progress, workers: int | None = None) -> Measured:
    """Figures, traces and scores of a run; from the cache where nothing that they depend on has changed."""
    stage = plan.stage("measure")
    folder = store.folder(stage)
    if (facts := store.done(stage)) is not None:
        kept = load_run(folder)
        kept_rows = [_cached(row) for row in facts["stages"]]
        # figures are those of then, the tree that they are judged in is that of now
        git = provenance.git_state(inputs.scenario.dir)
        return {**kept.record, "git": git, "stages": kept_rows}, kept.traces, kept.scores
    done = execute(inputs, plan, store, progress, workers)
    start = time.perf_counter()
    traces = assemble.gather(inputs, plan, store)
    scores = measure.score_traces(inputs.cases, traces)
    figures = assemble.measured(inputs, plan, store, done, traces, scores)
    figures = {**figures, **assemble.surroundings(inputs)}
    timings = [*done.timings, Timing(stage, time.perf_counter() - start, False)]
    rows: list[Any] = list(assemble.stage_rows(timings))
    record = plain({"schema_version": 1, **figures, "stages": rows})
    save_run(Run(folder, record, tuple(traces), tuple(scores)))
    store.finish(stage, time.perf_counter() - start, stages=json.loads(json.dumps(plain(rows))))
    return record, traces, scores


def _cached(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "cached": True}


def rescore(run: Run, cases: Sequence[Case], scenario: Scenario) -> tuple[dict[str, Any], list[Score]]:
    """Scores and their estimates again, from the stored answers; figures that need a model stay as they were."""
    corpus = load_documents(scenario.corpus) if scenario.corpus else None
    clusters = case_clusters(cases, [*corpus.documents, *corpus.passages] if corpus else [])
    arms = [arm["name"] for arm in run.record["arms"] if not arm.get("tried")]
    test = [case for case in cases if case.split == "test"]
    scores = measure.score_traces(cases, run.traces)
    table = measure.tabulate(scores)
    figures = dict(run.record) | {
        "metrics": measure.estimates(table, test, clusters, scenario.seed),
        "slices": measure.slices(table, test, clusters, scenario.seed),
        "differences": measure.differences(table, test, clusters, arms, scenario.candidate, scenario.seed),
        "forms": measure.forms(test, run.traces),
    }
    return figures, scores
