"""Every question looked up once, for all arms that use the same pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import Store, code_key
from harness.hashing import content_hash
from harness.retrieval.embed import weights_key
from harness.retrieval.hits_store import store_retrieval
from harness.stages.index import PASSAGES, IndexCorpus
from harness.stages.rerank import TuneReranker
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
    """The look-up of every question, where an arm retrieves."""
    search = search_of(inputs, planned)
    if search is None:
        return
    s, questions = inputs.scenario, retrieved_questions(inputs)
    before = [stage for stage in (planned.one(IndexCorpus), planned.one(TuneReranker)) if stage is not None]
    parts = [[stage.key for stage in before], s.retrieval, s.models.embedder, weights_key(s.models.reranker), questions]
    yield Retrieve(
        key=content_hash([parts, code_key("retrieval", "language", "stages/retrieve", "stages/search")]),
        after=tuple(stage.label for stage in before),
        search=search,
        questions=questions,
        reads=s.read(s.corpus),
    )


def retrieved_questions(inputs: Inputs) -> tuple[str, ...]:
    """Every question whose passages some arm needs: asked of all, and trained on where an arm trains on passages."""
    trains = any(arm.adapter == "open_book" for arm in inputs.arms)
    examples = [e for e in inputs.examples if trains and e.context is None and e.use != "closed_book"]
    return (*inputs.questions, *(example.user for example in examples))
