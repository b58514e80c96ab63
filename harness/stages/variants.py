"""More trainings of one recipe, and what their adapters answer: by other seeds, and on fewer examples.

Each is asked the golden questions of the test split, and for a learning curve the items by which forgetting is
measured; nothing else, so that three seeds cost no three runs. The arm itself is the first of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from harness.arms import Arm, Recipe
from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import Store
from harness.files.hashing import content_hash
from harness.stages.adapters import ArmAdapter
from harness.stages.answer import Generate, Generated
from harness.stages.detect import claims_step
from harness.stages.forget import BASE, AskItems, item_step
from harness.stages.tune import Retraining, TuneAdapter, training, tune_of


@dataclass(frozen=True, kw_only=True)
class AskVariant(Stage[Generated]):
    """The golden answers of one more training."""

    name = "variant"
    result = Generated

    generate: Generate  # as the arm is asked, with the other adapter
    of: str  # the arm
    tune: TuneAdapter
    items: AskItems | None  # forgetting of the same adapter; None: not asked

    def size(self) -> str:
        return f"{len(self.generate.requests)} cases"

    def seconds(self) -> float:
        return self.generate.seconds()

    def work(self, store: Store, progress: Progress) -> Generated:
        return self.generate.work(store, lambda _, done, total: progress(self.label, done, total))

    def is_whole(self, result: Generated) -> bool:
        return not result.again


def variant_steps(inputs: Inputs, planned: Planned) -> Iterable[Stage[Any]]:
    """Every further seed of each recipe, and the smaller trainings of a learning curve."""
    tuning, seed = inputs.scenario.tuning, inputs.scenario.seed
    seeds = [Retraining(seed + step) for step in range(1, tuning.seeds)]
    for arm in _first_of_recipes(inputs):
        for variant in seeds:
            yield from _variant(inputs, planned, arm, variant, forgetting=False)
    arm_of_curve = curve_arm(inputs)
    if arm_of_curve is not None:
        for size in curve_sizes(inputs, arm_of_curve):
            yield from _variant(inputs, planned, arm_of_curve, Retraining(seed, size), forgetting=True)


def _first_of_recipes(inputs: Inputs) -> Iterator[Arm]:
    """Of the arms that share a recipe the first."""
    recipes: set[Recipe] = set()
    for arm in inputs.arms:
        recipe = arm.recipe(inputs.scenario.tuning.method)
        if recipe is not None and recipe not in recipes:
            recipes.add(recipe)
            yield arm


def curve_arm(inputs: Inputs) -> Arm | None:
    """The arm whose learning curve is drawn: the candidate where it is trained on examples, else the first that is."""
    method = inputs.scenario.tuning.method
    arms = [arm for arm in inputs.arms if (r := arm.recipe(method)) is not None and r.method in ("sft", "raft")]
    if not inputs.scenario.tuning.curve or not arms:
        return None
    return next((arm for arm in arms if arm.name == inputs.scenario.candidate), arms[0])


def curve_sizes(inputs: Inputs, arm: Arm) -> tuple[int, ...]:
    """The numbers of examples of a learning curve that are fewer than all; the arm itself has all."""
    every = sum(e.of_book(arm.adapter) for e in inputs.examples)
    return tuple(sorted({size for size in inputs.scenario.tuning.curve if size < every}))


def _variant(inputs: Inputs, planned: Planned, arm: Arm, variant: Retraining, forgetting: bool) -> Iterator[Stage[Any]]:
    base, generate = tune_of(planned, arm), planned.of_arm(Generate, arm.name)
    if base is None or generate is None:
        return
    start = base.start
    tune = training(inputs, planned, base.recipe, arm.name, start, base.teacher, variant)
    yield tune
    of_base = planned.of_arm(AskItems, BASE) if forgetting else None
    adapter = ArmAdapter(tune.key, str(tune.arm), tune.place, (tune.label,))
    items = item_step(inputs, adapter, of_base) if of_base is not None else None
    if items is not None:
        yield items
    test = {case.id for case in inputs.test_cases}
    requests = tuple(r for r in generate.requests if not r.probe and r.id in test)
    key = content_hash([generate.key, tune.key, [request.id for request in requests]])
    own = replace(generate, key=key, requests=requests, adapter=tune.place, arm=str(tune.arm))
    hits = [label for label in generate.after if label not in (base.label,)]
    step = AskVariant(
        key=key, after=(*hits, tune.label), arm=tune.arm, generate=own, of=arm.name, tune=tune, items=items,
        reads=generate.reads,
    )  # fmt: skip
    yield step
    yield from claims_step(inputs, own, step)
