"""Arms with their models in place, as a worker builds them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from harness.arms import Arm, ArmGenerator, BuiltArm
from harness.engine.inputs import Inputs
from harness.generation.called import SystemGenerator, by_id, called
from harness.generation.local import LocalGenerator, load_generator
from harness.golden.answers import load_answers
from harness.scenario.arm_entries import AnswersFile, HttpEndpoint, PythonCall, ServedModel
from harness.scenario.settings import Models, Precision, Scenario
from harness.types import Retriever

if TYPE_CHECKING:
    from harness.generation.server import ServerGenerator

Shots = tuple[tuple[str, str], ...]  # (user turn, assistant turn)
BUILT_IN_BYTES = 269_000_000  # of smollm2, whose times the stages know: those of other models are scaled by their size


def scale_of(inputs: Inputs) -> float:
    """The factor by which a run's model takes longer than `smollm2`, by their sizes; never below a tenth."""
    return max(0.1, inputs.model_bytes / BUILT_IN_BYTES)


def build_arm(
    scenario: Scenario, arm: Arm, retriever: Retriever | None, adapter: Path | None, shots: Shots = ()
) -> BuiltArm:
    """An arm ready to be asked.

    Args:
        retriever: for an arm that has one; it may be left out where the passages are given.
        adapter: folder of the trained adapter, for an arm with one.
        shots: worked examples as chat turns, for an arm that is shown them.
    """
    return BuiltArm(
        arm=arm,
        generator=_generator(scenario, arm, adapter),
        retriever=retriever if arm.retriever else None,
        format=scenario.answer,
        few_shot=shots if arm.few_shot else (),
    )


def _generator(scenario: Scenario, arm: Arm, adapter: Path | None) -> ArmGenerator:
    models = models_of(scenario, arm)
    if arm.answers is not None:
        return SystemGenerator(called(arm.answers, arm.name))
    match arm.source:
        case PythonCall():
            from harness.generation.python_call import load_call

            return SystemGenerator(called(load_call(arm.source), arm.name))
        case AnswersFile(file):
            return SystemGenerator(by_id(load_answers(file), file.name))
        case HttpEndpoint():
            from harness.generation.http_system import HttpSystem

            return SystemGenerator(HttpSystem(arm.source, models.timeout, models.retries, models.concurrency))
    if models.base_url is not None:
        return server_generator(models)
    base = base_generator(models, scenario.tuning.quantization)
    return base.with_adapter(adapter) if adapter else base


def models_of(scenario: Scenario, arm: Arm) -> Models:
    """The models of a scenario as one arm uses them: a served one has a name, and may have a server, of its own."""
    models, source = scenario.models, arm.source
    if not isinstance(source, ServedModel):
        return models
    if source.base_url is None:
        return replace(models, generator=source.model)
    return replace(models, generator=source.model, base_url=source.base_url, api_key_env=source.api_key_env)


def servers_of(inputs: Inputs) -> tuple[Models, ...]:
    """Every server that a run asks, as the models behind it: each once."""
    scenario = inputs.scenario
    rows = [_server_of(scenario, arm) for arm in inputs.arms]
    rows += [judge_server(scenario.models)] if scenario.models.judge.is_set else []
    return tuple(dict.fromkeys(models for models in rows if models.base_url is not None))


def judge_server(models: Models) -> Models:
    """The judge's server, as the models behind it."""
    judge = models.judge
    return replace(models, generator=judge.model, base_url=judge.base_url, api_key_env=judge.api_key_env, thinking=None)


def server_of(scenario: Scenario, arm: Arm) -> Models | None:
    """The server that answers for an arm; None where none does."""
    models = _server_of(scenario, arm)
    return None if models.base_url is None else models


def _server_of(scenario: Scenario, arm: Arm) -> Models:
    if isinstance(arm.source, HttpEndpoint):
        return Models(generator=arm.name, base_url=arm.source.url)
    return replace(scenario.models, base_url=None) if arm.by_itself else models_of(scenario, arm)


def server_generator(models: Models) -> ServerGenerator:
    """The model behind the scenario's server."""
    from harness.generation.endpoint import Endpoint
    from harness.generation.server import ServerGenerator

    return ServerGenerator(
        Endpoint(models.base_url or "", models.generator, models.api_key_env, models.timeout, models.retries),
        models.context,
        models.concurrency,
        models.thinking,
    )


def base_generator(models: Models, quantization: Literal["none", "nf4"]) -> LocalGenerator:
    """The base model, loaded once a process, with the threads that this process was given."""
    return _local_model(models.generator, quantization, models.thinking, models.precision)


@lru_cache(maxsize=1)
def _local_model(
    model: str, quantization: Literal["none", "nf4"], thinking: bool | None, precision: Precision
) -> LocalGenerator:
    import torch

    return load_generator(
        model, quantization=quantization, threads=torch.get_num_threads(), thinking=thinking, precision=precision
    )
