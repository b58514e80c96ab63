"""What a worker does. Each task finishes one stage; what it has done already is on disk and is not done again."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from harness.arms import Arm, ArmGenerator, BuiltArm, Prepared
from harness.errors import InputError
from harness.forgetting import ask_items
from harness.generation.local import LocalGenerator, load_generator
from harness.generation.server import ServerGenerator
from harness.golden.load import load_examples
from harness.prompts import shots
from harness.record import to_json, trace_from, write_atomic, write_jsonl
from harness.run.inputs import Asked
from harness.run.probes import left_out
from harness.run.retrieved import load_retrieval
from harness.run.store import Stage, Store
from harness.run.workers import Progress
from harness.settings import Scenario
from harness.tuning.adapters import facts
from harness.tuning.examples import build_rows, general_replay
from harness.tuning.train import train_adapter
from harness.types import Example, Generation, Trace


@dataclass(frozen=True, slots=True)
class Generate:
    """The answers of one arm to every question."""

    scenario: Scenario
    store: Store
    stage: Stage
    arm: Arm
    asked: tuple[Asked, ...]
    retrieval: Path | None  # stored hits, for an arm with a retriever
    adapter: Path | None  # trained adapter, for an arm with one


def generate(job: Generate, progress: Progress) -> Mapping[str, Any]:
    """Answer every golden question, then the probes where the form is still open; each batch is on disk at once.

    The layout of the batches depends on nothing but the prompts, so a resumed run forms the same ones.
    """
    done = job.store.done(job.stage)
    if done is not None:
        return done
    start = time.perf_counter()
    built = build_arm(job.scenario, job.arm, job.retrieval, job.adapter)
    golden, probes = ([asked for asked in job.asked if asked.probe is probe] for probe in (False, True))
    found = _answer(job, built, golden, 0, progress)
    reason = left_out(found.traces) if probes else None
    if probes and reason is None:
        more = _answer(job, built, probes, found.batches, progress, len(golden))
        found = Answered((*found.traces, *more.traces), found.batches + more.batches, found.trimmed + more.trimmed)
    answers = len(found.traces)
    progress(job.stage.label, answers, answers)
    asked = {"answers": answers, "probes": answers - len(golden), "probes_left_out": reason}
    return job.store.finish(job.stage, time.perf_counter() - start, trimmed=found.trimmed, **asked)


@dataclass(frozen=True, slots=True)
class Answered:
    """What one arm answered to some questions, in no particular order."""

    traces: tuple[Trace, ...]
    batches: int
    trimmed: int  # passages that did not fit


def _answer(
    job: Generate, built: BuiltArm, asked: Sequence[Asked], first: int, progress: Progress, before: int = 0
) -> Answered:
    """Answer these questions in batches of like length, numbered from `first`; those on disk are not asked again."""
    prepared = built.prepare([a.question for a in asked])
    prompts = [p.prompt for p in prepared]
    layout = dict(enumerate(built.generator.layout(prompts, built.decoding), start=first))
    path = job.store.folder(job.stage) / "batches.jsonl"
    kept = {number: traces for number, traces in read_batches(path).items() if number in layout}
    missing = [number for number in layout if number not in kept]
    traces = [trace for rows in kept.values() for trace in rows]
    progress(job.stage.label, before + len(traces), len(job.asked))
    with path.open("a", encoding="utf-8") as out:
        stream = built.generator.stream(prompts, built.decoding, [layout[number] for number in missing])
        for number, (indices, generations) in zip(missing, stream, strict=True):
            pairs = zip(indices, generations, strict=True)
            made = [_trace(asked[i], built, prepared[i], generation) for i, generation in pairs]
            out.write(to_json({"batch": number, "traces": made}) + "\n")
            out.flush()
            traces += made
            progress(job.stage.label, before + len(traces), len(job.asked))
    return Answered(tuple(traces), len(layout), sum(_trimmed(p) for p in prepared))


def _trace(asked: Asked, built: BuiltArm, prepared: Prepared, generation: Generation) -> Trace:
    return Trace(asked.id, built.arm.name, built.read(prepared, generation), None, asked.probe)


def _trimmed(prepared: Prepared) -> int:
    return len(prepared.retrieved) - len(prepared.hits)


def read_batches(path: Path) -> dict[int, list[Trace]]:
    """Batches that are on disk. A line cut off by a crash is dropped from the file, so that it can be appended to."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        return {}
    text = path.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        write_atomic(path, whole)
    rows = [json.loads(line) for line in whole.splitlines()]
    return {row["batch"]: [trace_from(trace) for trace in row["traces"]] for row in rows}


def stored_traces(store: Store, stage: Stage, asked: Sequence[Asked]) -> list[Trace]:
    """The traces of a finished generate stage, in the order of the questions; without probes that were left out."""
    found = read_batches(store.folder(stage) / "batches.jsonl")
    by_id = {trace.case_id: trace for traces in found.values() for trace in traces}
    return [by_id[a.id] for a in asked if not a.probe or a.id in by_id]


# --- tuning and forgetting ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tune:
    """The adapter of one arm."""

    scenario: Scenario
    store: Store
    stage: Stage
    arm: Arm
    examples: tuple[Example, ...]
    retrieval: Path | None  # stored hits, for an arm that trains on passages


def tune(job: Tune, progress: Progress) -> Mapping[str, Any]:
    """Train the arm's adapter into the stage's folder; a training that was killed goes on from its last checkpoint."""
    done = job.store.done(job.stage)
    if done is not None:
        return done
    start = time.perf_counter()
    scenario, open_book = job.scenario, job.arm.adapter == "open_book"
    rows = build_rows(
        job.examples,
        arm_open_book=open_book,
        retriever=load_retrieval(job.retrieval) if open_book and job.retrieval else None,
        answer_format=scenario.answer,
        replay_rows=general_replay() if scenario.tuning.replay else (),
        replay_share=scenario.tuning.replay,
        seed=scenario.seed,
    )
    base = base_generator(scenario.models.generator, scenario.tuning.quantization).loaded
    record = train_adapter(
        base, rows, scenario.tuning, job.store.folder(job.stage) / "adapter", seed=scenario.seed,
        progress=lambda step, steps: progress(job.stage.label, step, steps),
    )  # fmt: skip
    told = {**facts(record), "training_seconds": record.seconds}
    told.pop("seconds")  # the stage's own seconds take its place
    return job.store.finish(job.stage, time.perf_counter() - start, **told)


@dataclass(frozen=True, slots=True)
class Forget:
    """The general ability of the base, or of one arm's adapter on it."""

    scenario: Scenario
    store: Store
    stage: Stage
    adapter: Path | None


def forget(job: Forget, progress: Progress) -> Mapping[str, Any]:
    """Ask every general item and keep the results item by item."""
    done = job.store.done(job.stage)
    if done is not None:
        return done
    start = time.perf_counter()
    scenario = job.scenario
    progress(job.stage.label, 0, scenario.forgetting.limit)
    base = base_generator(scenario.models.generator, scenario.tuning.quantization)
    loaded = (base.with_adapter(job.adapter) if job.adapter else base).loaded
    items = ask_items(loaded.model, loaded.tokenizer, scenario.forgetting, scenario.seed)
    write_jsonl(job.store.folder(job.stage) / "items.jsonl", items)
    progress(job.stage.label, len(items), len(items))
    return job.store.finish(job.stage, time.perf_counter() - start, items=len(items))


# --- arms in a worker ---------------------------------------------------------------------------------------------


def torch_threads() -> int:
    """Threads of this process: a worker was given its share."""
    import torch

    return torch.get_num_threads()


@lru_cache(maxsize=1)
def base_generator(model: str, quantization: Literal["none", "nf4"]) -> LocalGenerator:
    """The base model, loaded once a process."""
    return load_generator(model, quantization=quantization, threads=torch_threads())


def build_arm(scenario: Scenario, arm: Arm, retrieval: Path | None, adapter: Path | None) -> BuiltArm:
    """An arm on stored retrieval."""
    return BuiltArm(
        arm=arm,
        generator=_generator(scenario, arm, adapter),
        retriever=load_retrieval(retrieval) if arm.retriever and retrieval else None,
        format=scenario.answer,
        few_shot=few_shot_of(scenario) if arm.few_shot else (),
    )


def _generator(scenario: Scenario, arm: Arm, adapter: Path | None) -> ArmGenerator:
    models = scenario.models
    if models.base_url is not None:
        if arm.adapter is not None:
            where = scenario.dir / "scenario.yaml"
            raise InputError(f"{where}: arm '{arm.name}' trains an adapter, which needs the model here, not a server's")
        return ServerGenerator(models.base_url, models.generator)
    base = base_generator(models.generator, scenario.tuning.quantization)
    return base.with_adapter(adapter) if adapter else base


def few_shot_of(scenario: Scenario) -> tuple[tuple[str, str], ...]:
    """The scenario's worked examples as chat turns. InputError where an arm wants them and there are none."""
    if scenario.answer.few_shot is None:
        where = scenario.dir / "scenario.yaml"
        raise InputError(f"{where}: a few-shot arm needs answer.few_shot (a file of examples with context); add it")
    return shots(load_examples(scenario.answer.few_shot, scenario.answer.system))
