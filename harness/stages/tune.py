"""The training of adapters: one for each recipe of the run's arms, and more of it for seeds and learning curves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from harness.arms import Arm, Book, Recipe
from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import StagePlace, Store, code_key
from harness.files.hashing import content_hash, file_hash
from harness.generation.pocket import REPLAY_PATH
from harness.record.measurements import AdapterSection
from harness.retrieval.hits_store import load_retrieval
from harness.scenario.settings import Scenario, Tuning
from harness.stages.models import base_generator, scale_of
from harness.stages.retrieve import RetrieveExamples
from harness.stages.search import Search
from harness.stages.teach import AskTeacher, teacher_step
from harness.tuning.examples import TrainingRows, build_rows, general_replay
from harness.tuning.preferences import PreferencePair
from harness.tuning.versions import write_examples
from harness.types import Example, Retriever

if TYPE_CHECKING:
    from harness.tuning.preference_rows import PairRows

SECONDS_PER_EXAMPLE: dict[Book, float] = {"open_book": 2.0, "closed_book": 0.8}  # and epoch; on one core of 2026
PAIR = 2.5  # a preference pair takes as long as so many examples: two answers, and the reference's figures


@dataclass(frozen=True, slots=True)
class Retraining:
    """Another training of the same recipe: by another seed, or on fewer examples."""

    seed: int
    examples: int | None = None  # of the scenario's own, in an order that the scenario's seed draws; None: all

    @property
    def words(self) -> str:
        return f"seed {self.seed}" if self.examples is None else f"{self.examples} examples"


def training_rows(
    scenario: Scenario, settings: Tuning, recipe: Recipe, examples: Sequence[Example], retriever: Retriever | None
) -> TrainingRows:
    """The rows of a supervised training: examples as the arm would meet them, and the share of general ones."""
    return build_rows(
        examples,
        arm_open_book=recipe.book == "open_book",
        retriever=retriever,
        answer_format=scenario.answer,
        replay_rows=general_replay() if settings.replay else (),
        replay_share=settings.replay,
        seed=scenario.seed,
    )


@dataclass(frozen=True, kw_only=True)
class TuneAdapter(Stage[AdapterSection]):
    """Train an adapter into the stage's folder; a training that was killed goes on from its last checkpoint."""

    name = "tune"
    result = AdapterSection
    files: ClassVar[tuple[str, ...]] = ("adapter/*",)

    scenario: Scenario
    recipe: Recipe
    examples: tuple[Example, ...]
    pairs: tuple[PreferencePair, ...]  # for DPO
    hits: StagePlace | None  # the stage that looked them up, for a book that is read with passages
    search: Search | None  # whose passages are distractors
    start: TuneAdapter | None  # trained before: what this one goes on from
    teacher: AskTeacher | None  # whose accepted answers are trained on
    variant: Retraining | None  # None: the adapter that answers for arms of this recipe
    scale: float  # size of the model beside the built-in one's
    own: str  # hash of everything that it depends on but the stages before it

    def size(self) -> str:
        what = "pairs" if self.recipe.method == "dpo" else "examples"
        kind = self.scenario.tuning.adapter
        return f"{self._used} {what} x {self.scenario.tuning.epochs:g} epochs" + (f", {kind}" if kind != "lora" else "")

    def seconds(self) -> float:
        each = SECONDS_PER_EXAMPLE[self.recipe.book] * (PAIR if self.recipe.method == "dpo" else 1)
        return each * self.scenario.tuning.epochs * self.scale * self._used

    @property
    def _used(self) -> int:
        if self.recipe.method == "dpo":
            open_book = self.recipe.book == "open_book"
            return sum(pair.passages is None or bool(pair.passages) == open_book for pair in self.pairs)
        return sum(example.of_book(self.recipe.book) for example in self.examples)

    @property
    def seed(self) -> int:
        return self.scenario.seed if self.variant is None else self.variant.seed

    def content(self, store: Store) -> str:
        """A page that changed trains nothing again unless it is shown beside an example."""
        start = self.start and store.result(self.start).id
        if self.recipe.method == "dpo":
            pairs = self._pairs(store)
            return content_hash([self.own, start, pairs.hash, pairs.other_book])
        rows = self._rows(store)
        return content_hash([self.own, start, rows.hash, replace(rows, rows=())])

    def work(self, store: Store, progress: Progress) -> AdapterSection:
        from harness.tuning.kinds import trained_on
        from harness.tuning.train import train_adapter, train_on_pairs

        settings = settings_of(self.scenario.tuning, self.recipe)
        base = base_generator(self.scenario.models, trained_on(settings)).loaded
        out, start = store.folder(self) / "adapter", None
        if self.start is not None:
            start = store.folder(self.start) / "adapter"

        def report(step: int, steps: int) -> None:
            progress(self.label, step, steps)

        if self.recipe.method == "dpo":
            pairs = self._pairs(store)
            record = train_on_pairs(base, pairs, settings, out, seed=self.seed, progress=report, start=start)
            write_examples(out, self.examples)
            return record
        method = "sft" if self.recipe.method == "distilled" else self.recipe.method
        rows = self._rows(store)
        record = train_adapter(base, rows, settings, out, seed=self.seed, progress=report, start=start, method=method)
        write_examples(out, self.examples)
        return record

    def _retriever(self, store: Store) -> Retriever | None:
        return load_retrieval(store.folder(self.hits)) if self.hits is not None else None

    def _pairs(self, store: Store) -> PairRows:
        from harness.tuning.preference_rows import build_pairs

        return build_pairs(
            self.pairs, arm_open_book=self.recipe.book == "open_book", retriever=self._retriever(store),
            answer_format=self.scenario.answer, seed=self.scenario.seed,
        )  # fmt: skip

    def _rows(self, store: Store) -> TrainingRows:
        if self.teacher is not None:
            taught, questions = self.teacher.accepted(store), len(self.teacher.questions)
            kinds = {
                f"accepted answers of {self.teacher.to.name}": len(taught),
                "not accepted": questions - len(taught),
            }
            return replace(self._training_rows(taught, self._retriever(store)), kinds=kinds)
        if self.recipe.method == "raft":
            return self._among_distractors(store)
        return self._training_rows(self.examples, self._retriever(store))

    def _training_rows(self, examples: Sequence[Example], retriever: Retriever | None) -> TrainingRows:
        return training_rows(self.scenario, self.scenario.tuning, self.recipe, examples, retriever)

    def _among_distractors(self, store: Store) -> TrainingRows:
        """Rows of RAFT, with how many of each kind there are."""
        from harness.tuning.raft import RaftSettings, raft_examples

        tuning, retriever = self.scenario.tuning, self._retriever(store)
        assert self.search is not None and retriever is not None  # noqa: PT018 - an open book is looked up
        raft = raft_examples(
            self.examples, self.search.open().passages, retriever, self.scenario.answer,
            RaftSettings(tuning.distractors, tuning.oracle_share, tuning.without_oracle, tuning.quotes),
            self.scenario.seed,
        )  # fmt: skip
        counts = raft.counts
        kinds = {
            "with the oracle": counts.oracle, "refusing without it": counts.refusals,
            "from memory without it": counts.closed_book, "unanswerable": counts.unanswerable,
            **{f"left out: {reason}": count for reason, count in counts.left_out.items()},
        }  # fmt: skip
        return replace(self._training_rows(raft.examples, None), kinds=kinds)


def settings_of(tuning: Tuning, recipe: Recipe) -> Tuning:
    """The settings that a training by this recipe goes by: those of other recipes, and how many are trained, at their
    defaults, so that they train nothing anew."""
    default = Tuning()
    plain = replace(
        tuning, method="sft", seeds=1, curve=(), beta=default.beta, dpo_from="sft", teacher=default.teacher,
        dpo_learning_rate=default.dpo_learning_rate, virtual_tokens=default.virtual_tokens,
        distractors=default.distractors, oracle_share=default.oracle_share, without_oracle=default.without_oracle,
        quotes=default.quotes, refresh_epochs=default.refresh_epochs,
    )  # fmt: skip
    if tuning.adapter == "prefix":
        plain = replace(plain, virtual_tokens=tuning.virtual_tokens)
    if recipe.method == "raft":
        return replace(
            plain, method="raft", distractors=tuning.distractors, oracle_share=tuning.oracle_share,
            without_oracle=tuning.without_oracle, quotes=tuning.quotes,
        )  # fmt: skip
    if recipe.method != "dpo":
        return plain
    return replace(
        plain, method="dpo", beta=tuning.beta, dpo_from=tuning.dpo_from, learning_rate=tuning.dpo_learning_rate
    )


def tune_steps(inputs: Inputs, planned: Planned) -> Iterable[AskTeacher | TuneAdapter]:
    """One adapter a recipe, named after the first arm that is tuned by it; before one by DPO what it begins with."""
    first: dict[Recipe, Arm] = {}
    for arm in inputs.arms:
        if (recipe := arm.recipe(inputs.scenario.tuning.method)) is not None:
            first.setdefault(recipe, arm)
    teacher = teacher_step(inputs, planned) if any(recipe.method == "distilled" for recipe in first) else None
    if teacher is not None:
        yield teacher
    trained: dict[Recipe, TuneAdapter] = {}
    for recipe, arm in sorted(first.items(), key=lambda pair: pair[0].method == "dpo"):
        for stage in _trainings(inputs, planned, recipe, arm.name, teacher, trained):
            trained[stage.recipe] = stage
            yield stage


def _trainings(
    inputs: Inputs, planned: Planned, recipe: Recipe, arm: str, teacher: AskTeacher | None,
    trained: dict[Recipe, TuneAdapter],
) -> Iterator[TuneAdapter]:  # fmt: skip
    """The training of a recipe, behind that of what it begins with, unless that is trained already."""
    start = None
    if recipe.method == "dpo" and inputs.scenario.tuning.dpo_from == "sft":
        before = Recipe(recipe.book, "sft")
        start = trained.get(before)
        if start is None:
            start = training(inputs, planned, before, f"{arm}, before its pairs")
            yield start
    yield training(inputs, planned, recipe, arm, start, teacher if recipe.method == "distilled" else None)


def training(
    inputs: Inputs, planned: Planned, recipe: Recipe, name: str, start: TuneAdapter | None = None,
    teacher: AskTeacher | None = None, variant: Retraining | None = None,
) -> TuneAdapter:  # fmt: skip
    """The stage of one training, called after an arm."""
    retrieve = planned.one(RetrieveExamples) if recipe.book == "open_book" else None
    before = [stage.label for stage in (retrieve, start, teacher) if stage is not None]
    examples = inputs.examples if variant is None else first_examples(inputs, recipe, variant.examples)
    pairs = inputs.preferences if recipe.method == "dpo" else ()
    own = _own(inputs, recipe, (examples, pairs), variant)
    return TuneAdapter(
        key=content_hash([own, [stage and stage.key for stage in (retrieve, start, teacher)]]),
        after=tuple(before),
        arm=name if variant is None else f"{name}, {variant.words}",
        scenario=inputs.scenario,
        recipe=recipe,
        examples=examples,
        pairs=pairs,
        hits=retrieve.place if retrieve else None,
        search=retrieve.search if retrieve and recipe.method == "raft" else None,
        start=start,
        teacher=teacher,
        variant=variant,
        scale=scale_of(inputs),
        own=own,
    )


def first_examples(inputs: Inputs, recipe: Recipe, most: int | None) -> tuple[Example, ...]:
    """The first so many of a book's examples in an order that the scenario's seed draws: fewer are part of more.

    Replay rows are not counted and stay.
    """
    if most is None:
        return inputs.examples
    import random

    own = [at for at, e in enumerate(inputs.examples) if e.of_book(recipe.book)]
    random.Random(f"{inputs.scenario.seed}:curve").shuffle(own)
    chosen_places = set(own[:most])
    return tuple(e for at, e in enumerate(inputs.examples) if e.replay or at in chosen_places)


def tune_of(planned: Planned, arm: Arm) -> TuneAdapter | None:
    """The stage that trains an arm's adapter; arms of one recipe share one."""
    every = (stage for stage in planned.all(TuneAdapter) if stage.variant is None)
    return next((s for s in every if s.recipe == arm.recipe(s.scenario.tuning.method)), None)


def _own(
    inputs: Inputs, recipe: Recipe, read: tuple[Sequence[Example], Sequence[PreferencePair]], variant: Retraining | None
) -> str:
    s = inputs.scenario
    examples, pairs = ([replace(row, where="") for row in rows] for rows in read)  # a folder that moved trains no more
    settings = settings_of(s.tuning, recipe)
    seeds = [s.seed, variant and variant.seed]
    parts = [inputs.model_key, settings, seeds, s.answer.system, examples, pairs, recipe]
    replay = file_hash(REPLAY_PATH) if s.tuning.replay and REPLAY_PATH.exists() else None
    return content_hash([parts, replay, code_key("tuning", "prompts")])
