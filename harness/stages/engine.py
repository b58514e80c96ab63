"""Runs the plan: stages that the cache holds are taken from it, the others are done, in workers where they can be."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.arms import Arm, BuiltArm
from harness.errors import InputError
from harness.paths import cache_dir, index_home
from harness.record.files import plain, read_jsonl, write_jsonl
from harness.retrieval.stored import store_retrieval
from harness.run.inputs import Inputs
from harness.run.store import Stage, Store, Timing
from harness.run.workers import Job, Progress, run_jobs, worker_count
from harness.stages import answer as tasks
from harness.stages import drill as drills
from harness.stages.estimate import expected
from harness.stages.gold import store_gold
from harness.stages.latency import CONTROL, Latency, measure_latency
from harness.stages.plan import Plan, latency_cases, retrieved_questions

RETRIEVAL = "index and retrieve"  # label of the one job that does both stages
SHARED_PROBES = 200  # from here on an arm's probes are shared out among the workers
FROM_PASSAGES = ("gold", "perturb", "refresh")
DERIVED = "golden, perturbed and changed passages"  # label of the one job that does these stages


@dataclass(frozen=True, slots=True)
class Done:
    """What the stages left: facts by stage label, and what each took."""

    facts: Mapping[str, Mapping[str, Any]]
    timings: tuple[Timing, ...]


def default_store() -> Store:
    return Store(cache_dir())


def execute(inputs: Inputs, plan: Plan, store: Store, progress: Progress, workers: int | None = None) -> Done:
    """Bring every stage of the plan to its end. What is done stays done when this is interrupted."""
    stages = {label: stage for label, stage in plan.stages.items() if label != "measure"}
    cached = {label: facts for label, stage in stages.items() if (facts := store.done(stage)) is not None}
    todo = {label: stage for label, stage in stages.items() if label not in cached}
    done: dict[str, Mapping[str, Any]] = dict(cached)
    count = worker_count(inputs.model_bytes, workers)
    jobs = _jobs(inputs, plan, store, todo, count)
    if jobs:
        active = min(count, len(jobs))
        results = _joined(inputs, store, todo, run_jobs(jobs, active, _threads(active), progress), count)
        done.update(results.pop(RETRIEVAL, {}))
        done.update(results.pop(DERIVED, {}))
        done.update(results)
    timings = [Timing(stage, done[label]["seconds"], label in cached) for label, stage in stages.items()]
    return Done(done, tuple(timings))


def _threads(workers: int) -> int:
    """Torch threads a worker: the cores this process may use, shared out."""
    import os

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // workers)


# --- retrieval ----------------------------------------------------------------------------------------------------


def index_and_retrieve(inputs: Inputs, plan: Plan, store: Store, progress: Progress) -> dict[str, Mapping[str, Any]]:
    """Both stages in one job, because the index stays open between them: facts of each by its label."""
    index_stage, retrieve_stage = plan.stage("index"), plan.stage("retrieve")
    start = time.perf_counter()
    retriever, report = _live_retriever(inputs, progress)
    middle = time.perf_counter()
    facts = {
        "passages": report.passages,
        "embedded": report.embedded,
        "reused": report.reused,
        "skipped": report.skipped,
    }
    indexed = store.finish(index_stage, middle - start, **facts)
    if (found := store.done(retrieve_stage)) is not None:
        return {"index": indexed, "retrieve": found}
    asked = retrieved_questions(inputs)
    progress("retrieve", 0, len(asked))
    count = store_retrieval(store.folder(retrieve_stage), retriever, asked)
    progress("retrieve", len(asked), len(asked))
    return {
        "index": indexed,
        "retrieve": store.finish(
            retrieve_stage, time.perf_counter() - middle, questions=count, reranker=report.reranker
        ),
    }


def from_passages(
    inputs: Inputs, plan: Plan, store: Store, stages: Sequence[Stage], progress: Progress
) -> dict[str, Mapping[str, Any]]:
    """Stages that read the live index itself: golden passages, perturbed passages, changed facts."""
    corpus, retrieve = inputs.scenario.corpus, plan.stages.get("retrieve")
    live = _live_retriever(inputs, _silent)[0] if retrieve else None
    stored = store.folder(retrieve) if retrieve else None
    found: dict[str, Mapping[str, Any]] = {}
    for stage in stages:
        progress(stage.label, 0, 1)
        if stage.name == "gold" and live is not None and stored is not None:
            found[stage.label] = store_gold(inputs, store, stage, live.index.passages, stored)
        elif stage.name == "perturb":
            found[stage.label] = drills.perturb(inputs, store, stage, live, stored)
        elif stage.name == "refresh":
            home = index_home(corpus) if corpus else Path()
            found[stage.label] = drills.refresh(inputs, store, stage, home, lambda *_: None)
        progress(stage.label, 1, 1)
    return found


@dataclass(frozen=True, slots=True)
class IndexFacts:
    passages: int
    embedded: int
    reused: int
    skipped: list[Mapping[str, str]]
    reranker: Mapping[str, Any] | None  # how a tuned re-ranker came about; None where none was asked for


def _live_retriever(inputs: Inputs, progress: Progress, cache: bool = True) -> tuple[Any, IndexFacts]:
    from harness.retrieval.pipeline import HybridRetriever, open_index
    from harness.tuning.reranker import ranking_of

    scenario = inputs.scenario
    assert scenario.corpus is not None  # plan has an index stage only where there is a corpus
    home = index_home(scenario.corpus)
    settings, embedder = scenario.retrieval, scenario.models.embedder
    index = open_index(scenario.corpus, settings, embedder, home, lambda done, total: progress("index", done, total))
    ranking = ranking_of(scenario, index, lambda done, total: progress("tune re-ranker", done, total))
    retriever = HybridRetriever(index, ranking.settings, ranking.reranker, cache_seconds=300.0 if cache else 0.0)
    facts = IndexFacts(
        len(index.passages), index.report.embedded, index.report.reused, [dict(s) for s in index.skipped], ranking.facts
    )
    return retriever, facts


def _silent(_: str, __: int, ___: int) -> None:
    """Progress of what was done before and is only opened again."""


# --- tuning, answering, forgetting --------------------------------------------------------------------------------


def _jobs(inputs: Inputs, plan: Plan, store: Store, todo: Mapping[str, Stage], workers: int) -> list[Job]:
    jobs = []
    looks_up = any(stage.name in ("index", "retrieve") for stage in todo.values())
    if looks_up:  # beside it a worker trains and answers what needs no passages
        seconds = sum(expected(inputs, plan.stage(name))[1] for name in ("index", "retrieve"))
        jobs.append(Job(RETRIEVAL, index_and_retrieve, (inputs, plan, store), weight=seconds))
    derived = [stage for stage in todo.values() if stage.name in FROM_PASSAGES]
    if derived:
        seconds = sum(expected(inputs, stage)[1] for stage in derived)
        after = (RETRIEVAL,) if looks_up else ()
        jobs.append(Job(DERIVED, from_passages, (inputs, plan, store, derived), after, weight=seconds))
    folders = {name: store.folder(plan.stages[name]) for name in ("retrieve", "gold") if name in plan.stages}
    retrieval = folders.get("retrieve")
    made = tuple(store.folder(plan.stages[name]) for name in ("perturb", "refresh") if name in plan.stages)
    for label, stage in todo.items():
        if stage.name == "latency":
            continue
        arm = next((arm for arm in inputs.arms if arm.name == stage.arm), None)
        trained = plan.adapters.get(stage.arm or "") if stage.name != "tune" else None
        after = (trained.label,) if trained and trained.label in todo else ()
        if looks_up and arm is not None and arm.retriever:
            after = (*after, RETRIEVAL)
        if derived and arm is not None and (arm.oracle or stage.name == "drill"):
            after = (*after, DERIVED)
        adapter = store.folder(trained) / "adapter" if trained else None
        seconds = expected(inputs, stage)[1]
        if stage.name == "tune" and arm is not None:
            job = tasks.Tune(inputs.scenario, store, stage, arm, inputs.examples, retrieval)
            jobs.append(Job(label, tasks.tune, (job,), after, weight=seconds))
        elif stage.name == "generate" and arm is not None:
            hits = folders.get("gold") if arm.oracle else retrieval
            work = tasks.Generate(inputs.scenario, store, stage, arm, inputs.asked_of(arm), hits, adapter)
            jobs += _answering(Job(label, tasks.generate, (work,), after, weight=seconds), work, workers)
        elif stage.name == "drill" and arm is not None:
            again = drills.Ask(inputs.scenario, store, stage, arm, made, adapter)
            jobs.append(Job(label, drills.ask, (again,), after, weight=seconds))
        elif stage.name == "forget":
            test = tasks.Forget(inputs.scenario, store, stage, adapter)
            jobs.append(Job(label, tasks.forget, (test,), after, weight=seconds))
    if "latency" in todo:  # alone on the machine, in a worker that has loaded the models
        jobs.append(Job("latency", _latency, (inputs, plan, store), tuple(job.label for job in jobs)))
    return jobs


def _answering(job: Job, work: tasks.Generate, workers: int) -> list[Job]:
    """The job of one arm's answers; where probes are many, the workers share its golden questions, then its probes."""
    probes = sum(asked.probe for asked in work.asked)
    if workers == 1 or probes < SHARED_PROBES:
        return [job]
    part = job.weight * probes / len(work.asked)

    def shared(kind: tasks.Part, weight: float, after: tuple[str, ...]) -> list[Job]:
        shares = [replace(work, part=kind, share=i, shares=workers) for i in range(1, workers + 1)]
        labels = _shares(job.label, kind, workers)
        return [
            Job(name, tasks.generate, (share,), after, weight=weight / workers)
            for name, share in zip(labels, shares, strict=True)
        ]

    golden = shared("golden", job.weight - part, job.after)
    return golden + shared("probes", part, (*job.after, *(first.label for first in golden)))


def _shares(label: str, part: tasks.Part, count: int) -> list[str]:
    return [f"{label}, {part} {number}" for number in range(1, count + 1)]


def _joined(
    inputs: Inputs, store: Store, todo: Mapping[str, Stage], results: Mapping[str, Mapping[str, Any]], workers: int
) -> dict[str, Mapping[str, Any]]:
    """The results with those of shared stages put together."""
    found = dict(results)
    golden = sum(not asked.probe for asked in inputs.asked)
    for label, stage in todo.items():
        shares = [*_shares(label, "golden", workers), *_shares(label, "probes", workers)]
        if shares[0] in results:
            found[label] = tasks.together(store, stage, golden, [found.pop(name) for name in shares])
    return found


# --- latency ------------------------------------------------------------------------------------------------------


def _latency(inputs: Inputs, plan: Plan, store: Store, progress: Progress) -> Mapping[str, Any]:
    start = time.perf_counter()
    live = None
    if any(arm.retriever for arm in inputs.arms):
        live = _live_retriever(inputs, _silent, cache=False)[0]
    built = {arm.name: _built(inputs, plan, store, arm, live) for arm in inputs.arms if not arm.oracle}
    control = "rag" if "rag" in built else next(iter(built))
    named = {**built, f"{control} {CONTROL}": built[control]}
    questions = [case.question for case in latency_cases(inputs)]
    rows = measure_latency(named, questions, inputs.scenario.latency.repeats, progress)
    stage = plan.stage("latency")
    write_jsonl(store.folder(stage) / "latency.jsonl", [plain(row) for row in rows])
    return store.finish(stage, time.perf_counter() - start, questions=len(questions))


def _built(inputs: Inputs, plan: Plan, store: Store, arm: Arm, live: Any) -> BuiltArm:
    adapter = store.folder(plan.adapters[arm.name]) / "adapter" if arm.adapter else None
    return replace(tasks.build_arm(inputs.scenario, arm, None, adapter), retriever=live if arm.retriever else None)


def live_arm(inputs: Inputs, plan: Plan, store: Store, name: str) -> BuiltArm:
    """One arm on the live index, to be asked anything.

    Raises:
        InputError: no such arm in the scenario, or its adapter has not been trained yet.
    """
    arm = next((arm for arm in inputs.arms if arm.name == name), None)
    if arm is None:
        raise InputError(f"arm '{name}': not an arm of this scenario; its arms: {', '.join(inputs.scenario.arms)}")
    if arm.oracle:
        raise InputError(f"arm '{name}': given the golden passages, which a question outside the golden set has not")
    if arm.adapter and store.done(plan.adapters[name]) is None:
        raise InputError(f"arm '{name}': its adapter is not trained yet; train it with: harness run SCENARIO")
    live = _live_retriever(inputs, _silent)[0] if arm.retriever else None
    return _built(inputs, plan, store, arm, live)


def stored_latency(store: Store, stage: Stage) -> Sequence[Latency]:
    """The rows that the latency stage wrote."""
    return [Latency(**row) for row in read_jsonl(store.folder(stage) / "latency.jsonl")]
