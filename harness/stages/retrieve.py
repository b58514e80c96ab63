"""Every question looked up once, for all arms that use the same pipeline: those that are asked, and those trained on.

The two are steps of their own, so that a case that is added trains nothing again, and an example asks nobody again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from harness.arms import Arm
from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import Store, code_key
from harness.files.hashing import content_hash
from harness.retrieval.embed import weights_key
from harness.retrieval.hits_store import store_retrieval
from harness.stages.index import PASSAGES, IndexCorpus
from harness.stages.search import Search, search_of

SECONDS_PER_QUESTION = 0.01  # on one core of 2026, without a re-ranker


@dataclass(frozen=True, slots=True)
class Retrieved:
    questions: int  # distinct ones


@dataclass(frozen=True, kw_only=True)
class LookUp(Stage[Retrieved]):
    """The passages of some questions, written beside each other."""

    result = Retrieved
    group = PASSAGES

    search: Search
    questions: tuple[str, ...]

    def size(self) -> str:
        return f"{len(self.questions)} questions"

    def seconds(self) -> float:
        return SECONDS_PER_QUESTION * len(self.questions)

    def work(self, store: Store, progress: Progress) -> Retrieved:
        retriever = self.search.retriever(store, progress)
        progress(self.label, 0, len(self.questions))
        count = store_retrieval(store.folder(self), retriever, self.questions)
        progress(self.label, len(self.questions), len(self.questions))
        return Retrieved(count)


@dataclass(frozen=True, kw_only=True)
class Retrieve(LookUp):
    """The passages of every question that is asked."""

    name = "retrieve"


@dataclass(frozen=True, kw_only=True)
class RetrieveExamples(LookUp):
    """The passages of every question that an arm is trained on."""

    name = "retrieve-examples"


Kind = TypeVar("Kind", bound=LookUp)


def retrieve_steps(inputs: Inputs, planned: Planned) -> Iterable[LookUp]:
    """The look-ups, where an arm retrieves; once more for arms that rank by a tuned re-ranker."""
    search, examples = search_of(inputs, planned), example_questions(inputs)
    if search is None:
        return
    searches: list[tuple[Search, str | None]] = [(search, None)]
    if (tuned := next((arm for arm in inputs.arms if arm.reranker == "tuned"), None)) is not None:
        other = search_of(inputs, planned, tuned)
        searches += [(other, tuned.name)] if other is not None and other != search else []
    for each, arm in searches:
        yield _step(Retrieve, inputs.questions, inputs, planned, each, arm)
        if examples is not None:
            yield _step(RetrieveExamples, examples, inputs, planned, each, arm)


def retrieve_of(planned: Planned, arm: Arm, kind: type[Kind]) -> Kind | None:
    """The stage of a kind that looked up questions as an arm does."""
    stages = planned.all(kind)
    tuned = [stage for stage in stages if stage.search.scenario.retrieval.reranker == "tuned"]
    return next(iter(tuned if arm.reranker == "tuned" else stages), None)


def _step(
    kind: type[Kind], questions: tuple[str, ...], inputs: Inputs, planned: Planned, search: Search, arm: str | None
) -> Kind:
    s = search.scenario
    before = [stage for stage in (planned.one(IndexCorpus), search.reranker) if stage is not None]
    parts = [[stage.key for stage in before], s.retrieval, s.models.embedder, weights_key(s.models.reranker), questions]
    return kind(
        key=content_hash([parts, code_key("retrieval", "language", "stages/retrieve", "stages/search")]),
        after=tuple(stage.label for stage in before),
        arm=arm,
        search=search,
        questions=questions,
        reads=inputs.scenario.read(inputs.scenario.corpus),
    )


def example_questions(inputs: Inputs) -> tuple[str, ...] | None:
    """Every question that an arm is trained on with passages of its own; None where no arm is trained on passages."""
    recipes = [arm.recipe(inputs.scenario.tuning.method) for arm in inputs.arms]
    methods = {recipe.method for recipe in recipes if recipe is not None and recipe.book == "open_book"}
    if not methods:
        return None
    examples = [e for e in inputs.examples if e.context is None and e.use != "closed_book"]
    pairs = [pair for pair in inputs.preferences if "dpo" in methods and pair.passages is None]
    return (*(example.user for example in examples), *(pair.question for pair in pairs))
