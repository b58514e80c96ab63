"""Arms with their models in place, as a worker builds them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from harness.arms import Arm, ArmGenerator, BuiltArm
from harness.engine.inputs import Inputs
from harness.generation.called import CalledGenerator
from harness.generation.local import LocalGenerator, load_generator
from harness.scenario.settings import Models, Scenario
from harness.types import Retriever

if TYPE_CHECKING:
    from harness.generation.server import ServerGenerator

Shots = tuple[tuple[str, str], ...]  # (user turn, assistant turn)
BUILT_IN_BYTES = 12 << 20  # size of the built-in model: the times of other models are scaled by theirs


def scale_of(inputs: Inputs) -> float:
    """The factor by which a run's model takes longer than the built-in one, by their sizes; never below 1."""
    return max(1.0, inputs.model_bytes / BUILT_IN_BYTES)


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
    models = scenario.models
    if arm.answers is not None:
        return CalledGenerator(arm.answers, arm.name)
    if models.base_url is not None:
        return server_generator(models)
    base = base_generator(models, scenario.tuning.quantization)
    return base.with_adapter(adapter) if adapter else base


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
    return _local_model(models.generator, quantization, models.thinking)


@lru_cache(maxsize=1)
def _local_model(model: str, quantization: Literal["none", "nf4"], thinking: bool | None) -> LocalGenerator:
    import torch

    return load_generator(model, quantization=quantization, threads=torch.get_num_threads(), thinking=thinking)
