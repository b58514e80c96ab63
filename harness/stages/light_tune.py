"""A light training that goes on from an adapter: on new examples, and on those about pages that changed or failed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from harness.arms import Recipe
from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import Store, code_key
from harness.files.hashing import content_hash
from harness.record.measurements import AdapterSection
from harness.scenario.settings import Scenario, Tuning
from harness.stages.models import base_generator, scale_of
from harness.stages.search import Search, search_of
from harness.stages.tune import SECONDS_PER_EXAMPLE, settings_of, training_rows
from harness.types import Example


@dataclass(frozen=True, kw_only=True)
class LightTune(Stage[AdapterSection]):
    """Train on from an adapter, with passages of the index as it is now."""

    name = "light"
    result = AdapterSection
    files: ClassVar[tuple[str, ...]] = ("adapter/*",)

    scenario: Scenario
    recipe: Recipe
    examples: tuple[Example, ...]
    start: Path  # folder of the adapter that it goes on from
    search: Search | None  # for a book that is read with passages
    scale: float

    def size(self) -> str:
        return f"{len(self.examples)} examples x {self.scenario.tuning.refresh_epochs:g} epochs"

    def seconds(self) -> float:
        each = SECONDS_PER_EXAMPLE[self.recipe.book] * self.scenario.tuning.refresh_epochs
        return each * self.scale * len(self.examples)

    def work(self, store: Store, progress: Progress) -> AdapterSection:
        from harness.tuning.kinds import trained_on
        from harness.tuning.train import train_adapter

        scenario, settings = self.scenario, light_settings(self.scenario.tuning, self.recipe)
        retriever = None if self.search is None else self.search.retriever(store, progress)
        rows = training_rows(scenario, settings, self.recipe, self.examples, retriever)
        return train_adapter(
            base_generator(scenario.models, trained_on(settings)).loaded, rows, settings,
            store.folder(self) / "adapter", seed=scenario.seed, start=self.start,
            progress=lambda step, steps: progress(self.label, step, steps),
        )  # fmt: skip


def light_settings(tuning: Tuning, recipe: Recipe) -> Tuning:
    """The settings of a light training: those of a supervised one, with fewer epochs."""
    return replace(settings_of(tuning, Recipe(recipe.book, "sft")), epochs=tuning.refresh_epochs)


def light_tune(
    inputs: Inputs, planned: Planned, recipe: Recipe, examples: tuple[Example, ...], start: Path, start_id: str
) -> LightTune:
    """The step that trains on these examples from an adapter of this content id."""
    s = inputs.scenario
    open_book = recipe.book == "open_book"
    settings = light_settings(s.tuning, recipe)
    rows = [replace(example, where="") for example in examples]
    read = [inputs.model_key, settings, s.seed, s.answer.system, rows, recipe.book, start_id]
    corpus = inputs.corpus_key if open_book else None
    return LightTune(
        key=content_hash([read, corpus, code_key("tuning", "prompts", "stages/light_tune")]),
        scenario=s,
        recipe=recipe,
        examples=examples,
        start=start,
        search=search_of(inputs, planned) if open_book else None,
        scale=scale_of(inputs),
        reads=s.read(s.corpus) if open_book else (),
    )
