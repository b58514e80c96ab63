"""Every question looked up once, for all arms that use the same pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

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
class Retrieve(Stage[Retrieved]):
    """The passages of every question, written beside each other."""

    name = "retrieve"
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


def retrieve_steps(inputs: Inputs, planned: Planned) -> Iterable[Retrieve]:
    """The look-up of every question, where an arm retrieves; once more for arms that rank by a tuned re-ranker."""
    search = search_of(inputs, planned)
    if search is None:
        return
    yield (own := _step(inputs, planned, search, None))
    tuned = next((arm for arm in inputs.arms if arm.reranker == "tuned"), None)
    other = None if tuned is None else search_of(inputs, planned, tuned)
    if tuned is not None and other is not None and other != search:
        yield replace(_step(inputs, planned, other, tuned.name), after=(own.label, *own.after))


def retrieve_of(planned: Planned, arm: Arm) -> Retrieve | None:
    """The stage that looked up the passages of an arm's questions."""
    stages = planned.all(Retrieve)
    tuned = [stage for stage in stages if stage.search.scenario.retrieval.reranker == "tuned"]
    return next(iter(tuned if arm.reranker == "tuned" else stages), None)


def _step(inputs: Inputs, planned: Planned, search: Search, arm: str | None) -> Retrieve:
    s, questions = search.scenario, retrieved_questions(inputs)
    before = [stage for stage in (planned.one(IndexCorpus), search.reranker) if stage is not None]
    parts = [[stage.key for stage in before], s.retrieval, s.models.embedder, weights_key(s.models.reranker), questions]
    return Retrieve(
        key=content_hash([parts, code_key("retrieval", "language", "stages/retrieve", "stages/search")]),
        after=tuple(stage.label for stage in before),
        arm=arm,
        search=search,
        questions=questions,
        reads=inputs.scenario.read(inputs.scenario.corpus),
    )


def retrieved_questions(inputs: Inputs) -> tuple[str, ...]:
    """Every question whose passages some arm needs: asked of all, and trained on where an arm trains on passages."""
    recipes = [arm.recipe(inputs.scenario.tuning.method) for arm in inputs.arms]
    methods = {recipe.method for recipe in recipes if recipe is not None and recipe.book == "open_book"}
    examples = [e for e in inputs.examples if methods and e.context is None and e.use != "closed_book"]
    pairs = [pair for pair in inputs.preferences if "dpo" in methods and pair.passages is None]
    return (*inputs.questions, *(example.user for example in examples), *(pair.question for pair in pairs))
