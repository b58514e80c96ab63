"""The stages of a run with their keys: what would be done, what the cache already holds, how large each is.

A key is the hash of everything a stage's result depends on: settings, files, models, the keys of the stages before it
and the package's own code. Nothing else decides whether work is redone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.arms import ARMS, Arm
from harness.hashing import content_hash, file_hash
from harness.run.store import Stage, code_key
from harness.settings import Scenario
from harness.types import Case, Example, Probe


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a run reads, loaded and checked."""

    scenario: Scenario
    cases: tuple[Case, ...]
    probes: tuple[Probe, ...]
    examples: tuple[Example, ...]
    model_id: str  # identity of the generator's weights and tokenizer
    model_bytes: int
    corpus_key: str  # identity of the index that the corpus and the settings give
    partial: str | None = None  # why this run is a part of a run, if it is

    @property
    def arms(self) -> tuple[Arm, ...]:
        return tuple(ARMS[name] for name in self.scenario.arms)

    @property
    def questions(self) -> list[str]:
        """Everything that is asked, in the order of the traces: cases, then probes."""
        return [case.question for case in self.cases] + [probe.question for probe in self.probes]


@dataclass(frozen=True, slots=True)
class Plan:
    """The stages of a run by label ("tune hybrid", "generate rag", ...), in the order they can be done."""

    stages: Mapping[str, Stage]
    key: str  # of the whole run, gates included

    def stage(self, name: str, arm: str | None = None) -> Stage:
        return self.stages[f"{name} {arm}" if arm else name]


def make_plan(inputs: Inputs) -> Plan:
    """Name every stage of a run and give it its key."""
    scenario = inputs.scenario
    stages: list[Stage] = []
    retrieve = None
    if any(arm.retriever for arm in inputs.arms):
        retrieve = Stage("retrieve", _retrieve_key(inputs))
        stages.append(retrieve)
    tunes = {arm.name: Stage("tune", _tune_key(inputs, arm, retrieve), arm.name) for arm in inputs.arms if arm.adapter}
    stages += tunes.values()
    generates = [_generate(inputs, arm, retrieve, tunes.get(arm.name)) for arm in inputs.arms]
    stages += generates
    if scenario.forgetting.tasks != "none" and tunes:
        stages += [_forget(inputs, name, tune) for name, tune in [("base", None), *tunes.items()]]
    latency_parts = [
        [stage.key for stage in (*generates,)],
        code_key("run/latency", "generation"),
        _latency_sample(inputs),
    ]
    stages.append(Stage("latency", content_hash(latency_parts)))
    by_label = {stage.label: stage for stage in stages}
    scoring = code_key("metrics", "stats", "run", "verdict", "report", "structured")
    parts = [{label: stage.key for label, stage in by_label.items()}, _golden_key(inputs), scenario.hash, scoring]
    return Plan(by_label, content_hash([*parts, inputs.partial]))


def _retrieve_key(inputs: Inputs) -> str:
    s = inputs.scenario
    asked = [*inputs.questions, *(e.user for e in inputs.examples if e.context is None)]
    return content_hash(
        [inputs.corpus_key, s.retrieval, s.models.embedder, s.models.reranker, asked, code_key("retrieval")]
    )


def _tune_key(inputs: Inputs, arm: Arm, retrieve: Stage | None) -> str:
    s = inputs.scenario
    context = retrieve.key if arm.adapter == "open_book" and retrieve else None
    parts = [inputs.model_id, s.tuning, s.seed, s.answer.system, inputs.examples, arm.adapter, context]
    return content_hash([*parts, code_key("tuning", "prompts")])


def _generate(inputs: Inputs, arm: Arm, retrieve: Stage | None, tune: Stage | None) -> Stage:
    s = inputs.scenario
    few_shot = file_hash(s.answer.few_shot) if arm.few_shot and s.answer.few_shot else None
    parts = [arm, inputs.model_id, tune and tune.key, retrieve.key if arm.retriever and retrieve else None, s.answer]
    code = code_key("generation", "prompts", "arms", "structured")
    return Stage("generate", content_hash([*parts, few_shot, s.tuning.quantization, inputs.questions, code]), arm.name)


def _forget(inputs: Inputs, name: str, tune: Stage | None) -> Stage:
    s = inputs.scenario
    tasks = Path(s.forgetting.tasks)
    content = file_hash(tasks) if tasks.exists() else s.forgetting.tasks
    parts = [inputs.model_id, tune and tune.key, s.forgetting, content, s.seed, code_key("forgetting", "generation")]
    return Stage("forget", content_hash(parts), name)


def _latency_sample(inputs: Inputs) -> list[str]:
    return [case.question for case in latency_cases(inputs.cases)]


def latency_cases(cases: tuple[Case, ...], most: int = 30) -> list[Case]:
    """The test cases whose latency is measured: spread evenly over the golden set, so that every kind is among them."""
    test = [case for case in cases if case.split == "test"]
    step = max(1, len(test) // most)
    return test[::step][:most]


def _golden_key(inputs: Inputs) -> str:
    return content_hash(list(inputs.cases))
