"""The training of adapters: one for each book that an arm of the run is tuned on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from harness.arms import Arm, Book
from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import StagePlace, Store, code_key
from harness.generation.pocket import REPLAY_PATH
from harness.hashing import content_hash, file_hash
from harness.record.measurements import AdapterSection
from harness.retrieval.hits_store import load_retrieval
from harness.scenario.settings import Scenario
from harness.stages.models import base_generator, scale_of
from harness.stages.retrieve import Retrieve
from harness.tuning.examples import build_rows, general_replay
from harness.types import Example

SECONDS_PER_EXAMPLE: dict[Book, float] = {"open_book": 2.0, "closed_book": 0.8}  # and epoch; on one core of 2026


@dataclass(frozen=True, kw_only=True)
class TuneAdapter(Stage[AdapterSection]):
    """Train an adapter into the stage's folder; a training that was killed goes on from its last checkpoint."""

    name = "tune"
    result = AdapterSection
    files: ClassVar[tuple[str, ...]] = ("adapter/*",)

    scenario: Scenario
    book: Book
    examples: tuple[Example, ...]
    hits: StagePlace | None  # the retrieve stage, for a book that is read with passages
    scale: float  # size of the model beside the built-in one's

    def size(self) -> str:
        return f"{self._used} examples x {self.scenario.tuning.epochs:g} epochs"

    def seconds(self) -> float:
        return SECONDS_PER_EXAMPLE[self.book] * self.scenario.tuning.epochs * self.scale * self._used

    @property
    def _used(self) -> int:
        return sum(example.use in (self.book, "both") for example in self.examples)

    def work(self, store: Store, progress: Progress) -> AdapterSection:
        from harness.tuning.train import train_adapter

        scenario, settings = self.scenario, self.scenario.tuning
        rows = build_rows(
            self.examples,
            arm_open_book=self.book == "open_book",
            retriever=load_retrieval(store.folder(self.hits)) if self.hits is not None else None,
            answer_format=scenario.answer,
            replay_rows=general_replay() if settings.replay else (),
            replay_share=settings.replay,
            seed=scenario.seed,
        )
        base = base_generator(scenario.models, settings.quantization).loaded
        return train_adapter(
            base, rows, settings, store.folder(self) / "adapter", seed=scenario.seed,
            progress=lambda step, steps: progress(self.label, step, steps),
        )  # fmt: skip


def tune_steps(inputs: Inputs, planned: Planned) -> Iterable[TuneAdapter]:
    """One adapter a book, named after the first arm that is tuned on it."""
    retrieve = planned.one(Retrieve)
    first: dict[Book, Arm] = {}
    for arm in inputs.arms:
        if arm.adapter is not None:
            first.setdefault(arm.adapter, arm)
    for book, arm in first.items():
        reads = retrieve if book == "open_book" else None
        yield TuneAdapter(
            key=_key(inputs, book, reads),
            after=(reads.label,) if reads else (),
            arm=arm.name,
            scenario=inputs.scenario,
            book=book,
            examples=inputs.examples,
            hits=reads.place if reads else None,
            scale=scale_of(inputs),
        )


def tune_of(planned: Planned, arm: Arm) -> TuneAdapter | None:
    """The stage that trains an arm's adapter; arms of one book share one."""
    return next((stage for stage in planned.all(TuneAdapter) if stage.book == arm.adapter), None)


def _key(inputs: Inputs, book: Book, retrieve: Retrieve | None) -> str:
    s = inputs.scenario
    examples = [replace(example, where="") for example in inputs.examples]  # a folder that moved trains nothing anew
    read = [inputs.model_key, s.tuning, s.seed, s.answer.system, examples, book, retrieve and retrieve.key]
    replay = file_hash(REPLAY_PATH) if s.tuning.replay and REPLAY_PATH.exists() else None
    return content_hash([read, replay, code_key("tuning", "prompts")])
