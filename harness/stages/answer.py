"""What a worker does. Each task finishes one stage; what it has done already is on disk and is not done again."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
from harness.record.files import to_json, trace_from, write_atomic, write_jsonl
from harness.retrieval.stored import load_retrieval
from harness.run.inputs import Asked
from harness.run.probes import left_out
from harness.run.store import Stage, Store
from harness.run.workers import Progress
from harness.scenario.settings import Scenario
from harness.tuning.adapters import facts
from harness.tuning.examples import build_rows, general_replay
from harness.tuning.train import train_adapter
from harness.types import Example, Generation, Trace

Part = Literal["", "golden", "probes"]


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
    part: Part = ""  # what this job answers of it; empty: all of it
    share: int = 0  # which of `shares` shares of the part, from 1; 0: all of it
    shares: int = 1


def generate(job: Generate, progress: Progress) -> Mapping[str, Any]:
    """Answer every golden question, then the probes where the form is still open; each batch is on disk at once.

    The layout of the batches depends on nothing but the prompts, so a resumed run forms the same ones. A stage in
    parts is shared by jobs for the golden questions, and after them by as many for the probes; `together` ends it.
    """
    done = job.store.done(job.stage)
    if done is not None:
        return done
    start = time.perf_counter()
    built = build_arm(job.scenario, job.arm, job.retrieval, job.adapter)
    golden, probes = ([asked for asked in job.asked if asked.probe is probe] for probe in (False, True))
    whole = Place(job.store, job.stage, total=len(job.asked))
    mine = replace(whole, part=job.part, share=job.share, shares=job.shares)
    place = mine if job.part == "golden" else whole
    found = answer_all(place, built, golden, built.prepare([a.question for a in golden]), progress)
    if job.part == "golden":
        return {"answers": len(found.traces), "trimmed": found.trimmed, "seconds": time.perf_counter() - start}
    reason = left_out(found.traces, len(probes), job.arm.name == job.scenario.candidate) if probes else None
    if job.part:
        found = Answered((), found.batches, 0)  # other jobs'
    if probes and reason is None:
        place = replace(mine, first=found.batches, before=0 if job.part else len(golden))
        more = answer_all(place, built, probes, built.prepare([a.question for a in probes]), progress)
        found = Answered((*found.traces, *more.traces), found.batches + more.batches, found.trimmed + more.trimmed)
    told = {"answers": len(found.traces), "trimmed": found.trimmed, "probes_left_out": reason}
    seconds = time.perf_counter() - start
    return {**told, "seconds": seconds} if job.part else _ended(job.store, job.stage, len(golden), seconds, told)


def together(store: Store, stage: Stage, golden: int, parts: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """End a stage whose answers several jobs gave; `golden`: how many of its questions are no probes."""
    if (done := store.done(stage)) is not None:
        return done
    told = {name: sum(part[name] for part in parts) for name in ("answers", "trimmed", "seconds")}
    return _ended(store, stage, golden, told.pop("seconds"), {**told, "probes_left_out": parts[-1]["probes_left_out"]})


def _ended(store: Store, stage: Stage, golden: int, seconds: float, told: Mapping[str, Any]) -> Mapping[str, Any]:
    return store.finish(stage, seconds, probes=told["answers"] - golden, **told)


@dataclass(frozen=True, slots=True)
class Answered:
    """What one arm answered to some questions, in no particular order."""

    traces: tuple[Trace, ...]
    batches: int
    trimmed: int  # passages that did not fit


@dataclass(frozen=True, slots=True)
class Place:
    """Where answers are kept, and how far the stage has come."""

    store: Store
    stage: Stage
    total: int  # questions of the stage
    first: int = 0  # number of the first batch
    before: int = 0  # answers that the stage had before
    part: Part = ""  # what is answered here, where several jobs share it
    share: int = 0  # which of `shares` shares of the batches is answered, from 1; 0: all of them
    shares: int = 1

    @property
    def label(self) -> str:
        return f"{self.stage.label}, {self.part} {self.share}" if self.share else self.stage.label

    @property
    def file(self) -> Path:
        """Where the batches are appended; every share has a file of its own."""
        return self.store.folder(self.stage) / (f"batches-{self.share}.jsonl" if self.share else "batches.jsonl")


def answer_all(
    place: Place, built: BuiltArm, asked: Sequence[Asked], prepared: Sequence[Prepared], progress: Progress
) -> Answered:
    """Answer these questions in batches of like length; those on disk are not asked again."""
    prompts = [p.prompt for p in prepared]
    formed = built.generator.layout(prompts, built.decoding) if prompts else []
    layout = dict(enumerate(formed, start=place.first))
    if place.share:
        layout = {number: batch for number, batch in layout.items() if number % place.shares == place.share - 1}
    path = place.file
    held = {**stored_batches(path.parent), **read_batches(path)}
    kept = {number: traces for number, traces in held.items() if number in layout}
    missing = [number for number in layout if number not in kept]
    traces = [trace for rows in kept.values() for trace in rows]
    total = sum(len(batch) for batch in layout.values()) if place.share else place.total
    progress(place.label, place.before + len(traces), total)
    with path.open("a", encoding="utf-8") as out:
        stream = built.generator.stream(prompts, built.decoding, [layout[number] for number in missing])
        for number, (indices, generations) in zip(missing, stream, strict=True):
            pairs = zip(indices, generations, strict=True)
            made = [_trace(asked[i], built, prepared[i], generation) for i, generation in pairs]
            out.write(to_json({"batch": number, "traces": made}) + "\n")
            out.flush()
            traces += made
            progress(place.label, place.before + len(traces), total)
    return Answered(tuple(traces), len(layout), sum(_trimmed(prepared[i]) for batch in layout.values() for i in batch))


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
    return _batches(whole)


def stored_batches(folder: Path) -> dict[int, list[Trace]]:
    """Batches in any of a stage's files, some of which other jobs may be writing: nothing is mended."""
    found: dict[int, list[Trace]] = {}
    for path in sorted(folder.glob("batches*.jsonl")):
        text = path.read_text(encoding="utf-8")
        found |= _batches(text[: text.rfind("\n") + 1])
    return found


def _batches(lines: str) -> dict[int, list[Trace]]:
    rows = [json.loads(line) for line in lines.splitlines()]
    return {row["batch"]: [trace_from(trace) for trace in row["traces"]] for row in rows}


def stored_traces(store: Store, stage: Stage, asked: Sequence[Asked]) -> list[Trace]:
    """The traces of a finished generate stage, in the order of the questions; without probes that were left out."""
    found = stored_batches(store.folder(stage))
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
