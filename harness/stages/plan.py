"""The steps of a run, in the order they can be done: what would be done, what the cache holds, how large each is.

A stage's key is the hash of everything its result depends on: settings, files, models, the keys of the stages before
it and the package's own code. Nothing else decides whether work is redone.

A new step is one file like the others here, and one line in the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.stage import Stage
from harness.stages.answer import generate_steps
from harness.stages.detect import detect_drill_steps, detect_steps
from harness.stages.drill import drill_steps
from harness.stages.evidence import evidence_steps
from harness.stages.forget import forget_steps
from harness.stages.gold import gold_steps
from harness.stages.index import index_steps
from harness.stages.judge import judge_steps
from harness.stages.latency import latency_steps
from harness.stages.likeness import likeness_steps
from harness.stages.perturb import perturb_steps
from harness.stages.refresh import refresh_steps
from harness.stages.rerank import rerank_steps
from harness.stages.retrieve import retrieve_steps
from harness.stages.safety import safety_steps
from harness.stages.tune import tune_steps
from harness.stages.variants import variant_steps

Step = Callable[[Inputs, Planned], Iterable[Stage[Any]]]  # what is planned so far -> the step's own stages

STEPS: tuple[Step, ...] = (
    index_steps,
    rerank_steps,
    retrieve_steps,
    evidence_steps,
    gold_steps,
    tune_steps,
    generate_steps,
    likeness_steps,
    detect_steps,
    judge_steps,
    perturb_steps,
    refresh_steps,
    drill_steps,
    detect_drill_steps,
    forget_steps,
    variant_steps,
    safety_steps,
    latency_steps,
)


def make_plan(inputs: Inputs, steps: Iterable[Step] = STEPS) -> Planned:
    """Every stage of a run, with its key."""
    planned = Planned()
    for step in steps:
        planned += step(inputs, planned)
    return planned
