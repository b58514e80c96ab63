"""What a run would do: stages, sizes, times; and what its golden set can show at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness import stats
from harness.run.inputs import Inputs
from harness.run.store import Stage, Store
from harness.run.workers import worker_count
from harness.stages.plan import Plan, latency_cases, retrieved_questions

# Seconds on one core of 2026 for the built-in models; used until this machine has finished the stage once.
SECONDS_PER_PASSAGE = 0.01
SECONDS_PER_QUESTION = 0.01
SECONDS_PER_EXAMPLE = {"open_book": 0.2, "closed_book": 0.07}  # and epoch
SECONDS_PER_ANSWER = {True: 0.08, False: 0.04}  # with passages, without
SECONDS_PER_ITEM = 0.02  # of a forgetting test
SECONDS_PER_REQUEST = 0.15  # of the latency probe
ICC = 0.2  # how alike cases about one document are taken to be, before any was asked (see stats.sample)
IN_WORKERS = ("tune", "generate", "drill", "forget")
DRILLED = {True: 7, False: 2}  # drills that an arm is asked: with passages, without
BUILT_IN_BYTES = 12 << 20  # size of the built-in model: the times of other models are scaled by theirs


def dry_run(inputs: Inputs, plan: Plan, store: Store, thresholds: Mapping[str, float | None]) -> dict[str, Any]:
    """One row a stage: label, size in words, seconds, cached; the total; what the golden set can prove."""
    rows = [_row(inputs, stage, store) for stage in plan.stages.values()]
    workers = worker_count(inputs.model_bytes)
    alone = sum(r["seconds"] for r in rows if not r["cached"] and r["name"] not in IN_WORKERS)
    shared = sum(r["seconds"] for r in rows if not r["cached"] and r["name"] in IN_WORKERS)
    return {"stages": rows, "seconds": alone + shared / workers, "workers": workers, "power": power(inputs, thresholds)}


def _row(inputs: Inputs, stage: Stage, store: Store) -> dict[str, Any]:
    done = store.done(stage)
    size, seconds = expected(inputs, stage)
    row = {"name": stage.name, "label": stage.label, "size": size, "cached": done is not None}
    return {**row, "seconds": seconds if done is None else done["seconds"]}


def expected(inputs: Inputs, stage: Stage) -> tuple[str, float]:
    """Size of a stage in words, and rough seconds of it on one core."""
    arm = next((arm for arm in inputs.arms if arm.name == stage.arm), None)
    scale = max(1.0, inputs.model_bytes / BUILT_IN_BYTES)
    documents = len(inputs.corpus.documents)
    if stage.name == "index":
        return f"{documents} documents", SECONDS_PER_PASSAGE * 3 * documents
    if stage.name == "retrieve":
        wanted = len(retrieved_questions(inputs))
        return f"{wanted} questions", SECONDS_PER_QUESTION * wanted
    if stage.name == "tune" and arm is not None and arm.adapter is not None:
        used = [e for e in inputs.examples if e.use in (arm.adapter, "both")]
        epochs = inputs.scenario.tuning.epochs
        each = SECONDS_PER_EXAMPLE[arm.adapter] * epochs * scale
        return f"{len(used)} examples x {epochs:g} epochs", each * len(used)
    if stage.name == "generate" and arm is not None:
        asked = len(inputs.asked_of(arm))
        size = f"{len(inputs.cases)} cases and {asked - len(inputs.cases)} probes"
        return size, SECONDS_PER_ANSWER[arm.retriever] * asked * scale
    if stage.name in ("gold", "perturb", "refresh"):
        return f"passages for {len(inputs.test_cases)} cases", 2.0
    if stage.name == "drill" and arm is not None:
        count = DRILLED[arm.retriever] * min(inputs.scenario.drills.cases, len(inputs.test_cases))
        return f"about {count} questions", SECONDS_PER_ANSWER[arm.retriever] * count * scale
    if stage.name == "forget":
        limit = inputs.scenario.forgetting.limit
        return f"{limit} multiple-choice items", SECONDS_PER_ITEM * limit * scale
    if stage.name == "latency":
        requests = len(latency_cases(inputs)) * inputs.scenario.latency.repeats * (len(inputs.arms) + 1)
        return f"{requests} requests, one at a time", SECONDS_PER_REQUEST * requests * scale
    return "scores, intervals, paired tests", 5.0


def power(inputs: Inputs, thresholds: Mapping[str, float | None]) -> str:
    """What this many test cases and probes can and cannot prove, before a minute is spent.

    Args:
        thresholds: gate -> threshold in its Estimate's unit (fractions of 1, points); None where it is off.
    """
    n, clusters = len(inputs.test_cases), len({inputs.clusters[case.id] for case in inputs.test_cases})
    margin, effect = thresholds.get("task_success_gain"), 1 + (n / clusters - 1) * ICC
    said = [f"{n} test cases about {clusters} groups of documents."]
    if margin is not None:
        gain = stats.detectable_gain(n, margin, design_effect=effect)
        least = "no true gain of any size" if gain is None else f"a true gain of about {gain:.0f} points"
        said.append(
            f"'At least {margin:g} points better' is proven in 80 % of runs by {least}, if the arms differ on 30 % of "
            "the cases."
        )
    asked = n + len(inputs.probes)
    for gate, title, out_of, effective in (
        ("groundedness", "groundedness", n, n / effect),
        ("schema", "schema adherence", asked, asked),
    ):
        threshold = thresholds.get(gate)
        if threshold is not None:
            allowed = stats.failures_allowed(int(effective), threshold)
            proof = "cannot be proven" if allowed is None else f"is proven with at most {allowed} failures"
            said.append(
                f"{threshold:.0%} {title} {proof} in {out_of} answers (worth {effective:.0f} independent ones)."
            )
    return " ".join(said)
