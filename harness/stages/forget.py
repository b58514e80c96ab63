"""General ability: the same items asked of the base model and of every adapter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import Store, code_key
from harness.files.hashing import content_hash
from harness.files.input_file import fault_of
from harness.forgetting.ask import ask_items
from harness.forgetting.items import Item, forms_of_use
from harness.record.codec import read_rows, write_rows
from harness.scenario.settings import Scenario
from harness.stages.adapters import ArmAdapter, Place, adapter_content, adapter_folder, adapters_of
from harness.stages.models import base_generator, scale_of

SECONDS_PER_ITEM = 0.08  # on one core of 2026, with the built-in model
BASE = "base"  # in place of an arm's name
FILE = "items.jsonl"


@dataclass(frozen=True, slots=True)
class ItemsAsked:
    items: int


@dataclass(frozen=True, kw_only=True)
class AskItems(Stage[ItemsAsked]):
    """Ask every general item of the base, or of one adapter on it, and keep the results item by item."""

    name = "forget"
    result = ItemsAsked

    scenario: Scenario
    adapter: Place | None  # the stage that trained it, or its folder; None: the base
    base: AskItems | None  # asked before an adapter, which is asked in the forms that the base can do
    scale: float  # size of the model beside the built-in one's
    own: str  # hash of everything that it depends on but the adapter

    def content(self, store: Store) -> str | None:
        return adapter_content(store, self.adapter, self.own)

    def size(self) -> str:
        return f"{self.scenario.forgetting.limit} multiple-choice items"

    def seconds(self) -> float:
        return SECONDS_PER_ITEM * self.scenario.forgetting.limit * self.scale

    def work(self, store: Store, progress: Progress) -> ItemsAsked:
        scenario = self.scenario
        progress(self.label, 0, scenario.forgetting.limit)
        base = base_generator(scenario.models, scenario.tuning.quantization)
        folder = adapter_folder(store, self.adapter)
        model = (base.with_adapter(folder) if folder is not None else base).loaded
        only = None if self.base is None else forms_of_use(self.base.items(store))
        items = ask_items(model.model, model.tokenizer, scenario.forgetting, scenario.seed, only)
        write_rows(store.folder(self) / FILE, items)
        progress(self.label, len(items), len(items))
        return ItemsAsked(len(items))

    def items(self, store: Store) -> list[Item]:
        """The items of a finished stage, each with whether it was answered right."""
        return read_rows(store.folder(self) / FILE, Item)


def forget_steps(inputs: Inputs, planned: Planned) -> Iterable[AskItems]:
    """The base and every adapter, where the scenario asks for items at all."""
    adapters = adapters_of(inputs, planned)
    if inputs.scenario.forgetting.tasks == "none" or not adapters:
        return
    yield (base := item_step(inputs, None, None))
    for adapter in adapters:
        yield item_step(inputs, adapter, base)


def item_step(inputs: Inputs, adapter: ArmAdapter | None, base: AskItems | None) -> AskItems:
    """The step that asks one adapter, or the base."""
    s = inputs.scenario
    tasks = Path(s.forgetting.tasks)
    content = s.hash_of(tasks) if fault_of(tasks, "file or folder") is None else s.forgetting.tasks
    code = code_key("forgetting", "generation", "stages/forget")
    own = content_hash([inputs.model_key, s.forgetting, content, s.seed, code])
    return AskItems(
        key=content_hash([own, adapter and adapter.key]),
        after=(*(adapter.after if adapter else ()), *((base.label,) if base else ())),
        arm=adapter.arm if adapter else BASE,
        scenario=s,
        adapter=adapter.place if adapter else None,
        base=base,
        scale=scale_of(inputs),
        own=own,
        reads=s.read(tasks),
    )
