"""The record of a run from what its stages left. `measured` has every figure; verdict and advice are added after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from harness.arms import Arm
from harness.hashing import content_hash, file_hash
from harness.metrics.retrieval import curves
from harness.record.files import plain, read_jsonl
from harness.results import drills as drilled
from harness.results import provenance
from harness.results import scores as measure
from harness.retrieval.stored import load_retrieval
from harness.run.inputs import Inputs
from harness.run.store import Store, Timing
from harness.stages.answer import stored_traces
from harness.stages.engine import Done, stored_latency
from harness.stages.plan import Plan, latency_cases
from harness.types import Score, Trace

BASE_OF = {"tune": "baseline", "hybrid": "rag", "tune+rag": "rag"}


def gather(inputs: Inputs, plan: Plan, store: Store) -> list[Trace]:
    """Every trace of the run, arm by arm."""
    return [t for arm in inputs.arms for t in stored_traces(store, plan.stage("generate", arm.name), inputs.asked)]


def measured(
    inputs: Inputs, plan: Plan, store: Store, done: Done, traces: Sequence[Trace], scores: Sequence[Score]
) -> dict[str, Any]:
    """Every figure of the run, by the shape of record.json."""
    s, test = inputs.scenario, inputs.test_cases
    table = measure.tabulate(scores)
    metrics = measure.estimates(table, test, inputs.clusters, s.seed)
    return {
        **_identity(inputs, plan, done),
        "counts": {"traces": len(traces), "errors": sum(trace.answer is None for trace in traces)},
        "metrics": metrics,
        "slices": measure.slices(table, test, inputs.clusters, s.seed),
        "differences": measure.differences(table, test, inputs.clusters, s.arms, s.candidate, s.seed),
        "forms": measure.forms(test, traces),
        "retrieval": _retrieval(inputs, plan, store, done),
        **_latency(inputs, plan, store),
        "prices": plain(s.prices),
        "cost": measure.cost_section(metrics, s.prices, {arm.name for arm in inputs.arms if arm.retriever}),
        "forgetting": _forgetting(inputs, plan, store),
        "safety": {"status": "not measured", "reason": "this run asked no unsafe prompts"},
        "tuning": {arm: done.facts[stage.label] for arm, stage in plan.adapters.items()},
        "identical_outputs": measure.identical_outputs(traces, BASE_OF),
        **drilled.sections(inputs, plan, store, done.facts, table),
    }


def _identity(inputs: Inputs, plan: Plan, done: Done) -> dict[str, Any]:
    s = inputs.scenario
    verified = Counter(case.verified_by or "not said" for case in inputs.cases)
    index = done.facts.get("index", {})
    return {
        "scenario": {"id": s.id, "title": s.title, "hash": s.hash, "dir": s.dir.as_posix()},
        "candidate": s.candidate,
        "models": plain(s.models),
        "arms": [_arm(arm, plan, done) for arm in inputs.arms],
        "golden": {
            "path": None if s.golden is None else s.golden.name,
            "hash": content_hash([[c.id, c.question, c.accept, c.evidence, c.split] for c in inputs.cases]),
            "cases": dict(Counter(case.split for case in inputs.cases)),
            "clusters": len({inputs.clusters[case.id] for case in inputs.test_cases}),
            "cluster_of": {case.id: inputs.clusters[case.id] for case in inputs.test_cases},
            "verified_by": dict(verified),
        },
        "probes": len(inputs.probes),
        "corpus": {
            "documents": len(inputs.corpus.documents),
            "passages": index.get("passages", 0),
            "embedded": index.get("embedded", 0),
            "skipped": plain(inputs.corpus.skipped),
            "hash": inputs.corpus_key,
        },
        "seeds": [s.seed + i for i in range(s.tuning.seeds)],
        "partial": inputs.partial,
        "test_double": False,
        "hashes": _hashes(inputs),
    }


def _arm(arm: Arm, plan: Plan, done: Done) -> dict[str, Any]:
    trained = plan.adapters.get(arm.name)
    tuned = done.facts[trained.label] if trained else {}
    answered = done.facts[f"generate {arm.name}"]
    return {
        "name": arm.name,
        "title": arm.title,
        "retriever": arm.retriever,
        "few_shot": arm.few_shot,
        "oracle": arm.oracle,
        "adapter": tuned.get("adapter"),
        "trimmed": answered.get("trimmed", 0),
        "probes": answered.get("probes", 0),
        "probes_left_out": answered.get("probes_left_out"),
    }


def _hashes(inputs: Inputs) -> dict[str, Any]:
    s = inputs.scenario
    files = {"golden": s.golden, "corpus": s.corpus, "examples": s.examples, "probes": s.probes}
    found: dict[str, Any] = {name: file_hash(path) if path else None for name, path in files.items()}
    return {**found, "system": content_hash(s.answer.system), "schema": content_hash(s.answer.schema or {}),
            "model": inputs.model_key}  # fmt: skip


def _retrieval(inputs: Inputs, plan: Plan, store: Store, done: Done) -> dict[str, Any] | None:
    if "retrieve" not in plan.stages:
        return None
    stored = load_retrieval(store.folder(plan.stage("retrieve")))
    cases = [case for case in inputs.test_cases if case.evidence]
    ranked = [[hit.passage for hit in stored.found[case.question].hits] for case in cases]
    k = range(1, inputs.scenario.retrieval.top_k + 1)
    found = curves(cases, ranked, tuple(k), [inputs.clusters[case.id] for case in cases])
    return {"k": found, "queries": len(cases), "reranker": done.facts["retrieve"].get("reranker")}


def _latency(inputs: Inputs, plan: Plan, store: Store) -> dict[str, Any]:
    """Latency by arm, and how it was asked; no arm has any where the scenario asks no question for it."""
    rows = stored_latency(store, plan.stage("latency")) if "latency" in plan.stages else ()
    asked = {"questions": len(latency_cases(inputs)), "repeats": inputs.scenario.latency.repeats}
    return {**measure.latency_section(rows), "latency_setup": asked}


def _forgetting(inputs: Inputs, plan: Plan, store: Store) -> dict[str, Any]:
    from harness.forgetting import compare_items

    tuned = [stage for stage in plan.stages.values() if stage.name == "forget" and stage.arm != "base"]
    if not tuned:
        reason = "no arm is tuned" if not any(arm.adapter for arm in inputs.arms) else "forgetting.tasks is none"
        return {"status": "not applicable", "reason": reason}
    base = read_jsonl(store.folder(plan.stage("forget", "base")) / "items.jsonl")
    items = {str(stage.arm): read_jsonl(store.folder(stage) / "items.jsonl") for stage in tuned}
    adapters = {arm: items[str(stage.arm)] for arm, stage in plan.adapters.items()}
    return dict(compare_items(base, adapters, inputs.scenario.forgetting))


def stage_rows(timings: Sequence[Timing]) -> list[Mapping[str, Any]]:
    """The stages as the record lists them."""
    return [
        {"name": t.stage.name, "arm": t.stage.arm, "seconds": t.seconds, "cached": t.cached, "key": t.stage.key}
        for t in timings
    ]


def surroundings(inputs: Inputs) -> dict[str, Any]:
    """Versions, hardware and git state: what a figure was made with."""
    return {
        "versions": provenance.versions(),
        "hardware": provenance.hardware(),
        "git": provenance.git_state(inputs.scenario.dir),
    }
