"""The stages of a run with their keys: what would be done, what the cache already holds, how large each is.

A key is the hash of everything a stage's result depends on: settings, files, models, the keys of the stages before it
and the package's own code. Nothing else decides whether work is redone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.arms import Arm
from harness.generation.pocket import REPLAY_PATH
from harness.hashing import content_hash, file_hash
from harness.run.inputs import Inputs, spread
from harness.run.store import Stage, code_key
from harness.scenario.settings import Scenario
from harness.stages.drill import drill_stages
from harness.types import Case


@dataclass(frozen=True, slots=True)
class Plan:
    """The stages of a run by label ("tune hybrid", "generate rag", ...), in the order they can be done."""

    stages: Mapping[str, Stage]
    adapters: Mapping[str, Stage]  # arm -> the stage that trains its adapter; arms of one book share one
    key: str  # of the whole run: figures, gates, advice

    def stage(self, name: str, arm: str | None = None) -> Stage:
        return self.stages[f"{name} {arm}" if arm else name]


def make_plan(inputs: Inputs) -> Plan:
    """Name every stage of a run and give it its key."""
    scenario = inputs.scenario
    stages: list[Stage] = []
    retrieve = None
    if any(arm.retriever for arm in inputs.arms):
        retrieve = Stage("retrieve", _retrieve_key(inputs))
        stages += [Stage("index", inputs.corpus_key), retrieve]
    oracle = _gold(inputs, retrieve)
    stages += [oracle] if oracle else []
    adapters = _adapters(inputs, retrieve)
    tunes = list(dict.fromkeys(adapters.values()))
    stages += tunes
    generates = [
        _generate(inputs, arm, oracle if arm.oracle else retrieve, adapters.get(arm.name)) for arm in inputs.arms
    ]
    stages += generates
    stages += drill_stages(inputs, retrieve, generates)
    if scenario.forgetting.tasks != "none" and tunes:
        stages += [_forget(inputs, "base", None), *(_forget(inputs, str(tune.arm), tune) for tune in tunes)]
    if latency_cases(inputs):
        stages.append(Stage("latency", _latency_key(inputs, generates)))
    stages.append(Stage("measure", _measure_key(inputs, stages)))
    by_label = {stage.label: stage for stage in stages}
    key = content_hash([by_label["measure"].key, scenario.hash, code_key("verdict", "report")])
    return Plan(by_label, adapters, key)


def _adapters(inputs: Inputs, retrieve: Stage | None) -> dict[str, Stage]:
    """arm -> the stage that trains its adapter, named after the first arm that wants it."""
    by_book: dict[str, Stage] = {}
    for arm in inputs.arms:
        if arm.adapter is not None and arm.adapter not in by_book:
            by_book[arm.adapter] = Stage("tune", _tune_key(inputs, arm, retrieve), arm.name)
    return {arm.name: by_book[arm.adapter] for arm in inputs.arms if arm.adapter is not None}


def _gold(inputs: Inputs, retrieve: Stage | None) -> Stage | None:
    """The stage that finds the golden passages, where an arm is given them."""
    if retrieve is None or not any(arm.oracle for arm in inputs.arms):
        return None
    return Stage("gold", content_hash([retrieve.key, inputs.cases, code_key("stages/gold", "drills")]))


def _retrieve_key(inputs: Inputs) -> str:
    s = inputs.scenario
    asked = retrieved_questions(inputs)
    parts = [inputs.corpus_key, s.retrieval, s.models.embedder, s.models.reranker, asked, code_key("retrieval")]
    return content_hash([*parts, _reranker_key(s)])


def _reranker_key(s: Scenario) -> str | None:
    """What a tuned re-ranker is made from, beside the index: every golden case and tuning example, and how."""
    if s.retrieval.reranker != "tuned":
        return None
    files = [file_hash(path) for path in (s.golden, s.examples) if path is not None]
    return content_hash([files, s.seed, code_key("tuning/reranker", "tuning/pairs")])


def retrieved_questions(inputs: Inputs) -> list[str]:
    """Every question whose passages some arm needs: asked of all, and trained on where an arm trains on passages."""
    trains = any(arm.adapter == "open_book" for arm in inputs.arms)
    examples = [e for e in inputs.examples if trains and e.context is None and e.use != "closed_book"]
    return [*inputs.questions, *(example.user for example in examples)]


def _tune_key(inputs: Inputs, arm: Arm, retrieve: Stage | None) -> str:
    s = inputs.scenario
    context = retrieve.key if arm.adapter == "open_book" and retrieve else None
    parts = [inputs.model_key, s.tuning, s.seed, s.answer.system, inputs.examples, arm.adapter, context]
    replay = file_hash(REPLAY_PATH) if s.tuning.replay and REPLAY_PATH.exists() else None
    return content_hash([*parts, replay, code_key("tuning", "prompts")])


def _generate(inputs: Inputs, arm: Arm, retrieve: Stage | None, tune: Stage | None) -> Stage:
    s = inputs.scenario
    few_shot = file_hash(s.answer.few_shot) if arm.few_shot and s.answer.few_shot else None
    parts = [arm, inputs.model_key, tune and tune.key, retrieve.key if arm.retriever and retrieve else None, s.answer]
    code = code_key("generation", "prompts", "arms", "structured", "run/probes")
    asked = [a.question for a in inputs.asked_of(arm)]
    whole = bool(inputs.probes) and arm.name == s.candidate  # the candidate's probes are never left out for its form
    return Stage("generate", content_hash([*parts, few_shot, s.tuning.quantization, asked, whole, code]), arm.name)


def _forget(inputs: Inputs, name: str, tune: Stage | None) -> Stage:
    s = inputs.scenario
    tasks = Path(s.forgetting.tasks)
    content = file_hash(tasks) if tasks.exists() else s.forgetting.tasks
    parts = [inputs.model_key, tune and tune.key, s.forgetting, content, s.seed, code_key("forgetting", "generation")]
    return Stage("forget", content_hash(parts), name)


def _latency_key(inputs: Inputs, generates: Sequence[Stage]) -> str:
    asked, repeats = [case.question for case in latency_cases(inputs)], inputs.scenario.latency.repeats
    return content_hash(
        [[stage.key for stage in generates], asked, repeats, code_key("stages/latency", "generation", "retrieval")]
    )


def _measure_key(inputs: Inputs, stages: Sequence[Stage]) -> str:
    s = inputs.scenario
    code = code_key("metrics", "stats", "results", "structured")
    read = [inputs.cases, inputs.clusters, s.prices, s.candidate, s.arms, s.seed, inputs.partial, inputs.drills]
    return content_hash([[stage.key for stage in stages], read, code])


def latency_cases(inputs: Inputs) -> list[Case]:
    """The test cases whose latency is measured: spread evenly over the golden set, so that every kind is among them."""
    return spread(inputs.test_cases, inputs.scenario.latency.questions)
