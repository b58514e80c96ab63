"""The live search of a run: its index open, its re-ranker in place. For what asks new questions or reads passages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.arms import Arm
from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.progress import Progress, silent
from harness.engine.store import Store
from harness.scenario.settings import Scenario
from harness.stages.index import IndexCorpus, open_live
from harness.stages.rerank import TuneReranker, with_tuned

if TYPE_CHECKING:
    from harness.retrieval.pipeline import HybridRetriever, Index
    from harness.tuning.reranker import Ranking

CACHE_SECONDS = 300.0  # how long an answered question is remembered


@dataclass(frozen=True, slots=True)
class Search:
    """The search of a run, as a worker needs it."""

    scenario: Scenario
    index: str  # key of the index
    reranker: TuneReranker | None  # None: the one that models.reranker names

    def open(self, progress: Progress | None = None) -> Index:
        """The index; a process that has it open already keeps it."""
        report = progress or silent
        return open_live(self.scenario, self.index, lambda done, total: report("index", done, total))

    def ranking(self, store: Store) -> Ranking:
        """The re-ranker, with the settings that go with it."""
        from harness.tuning.reranker import named_ranking, tuned_ranking

        if self.reranker is None:
            return named_ranking(self.scenario)
        return tuned_ranking(self.scenario, store.result(self.reranker), store.folder(self.reranker))

    def retriever(self, store: Store, progress: Progress | None = None, remembers: bool = True) -> HybridRetriever:
        """The whole way from a question to its passages.

        Args:
            remembers: whether a question asked again is answered from memory; latency is measured without.
        """
        from harness.retrieval.pipeline import HybridRetriever

        ranking = self.ranking(store)
        seconds = CACHE_SECONDS if remembers else 0.0
        return HybridRetriever(self.open(progress), ranking.settings, ranking.reranker, cache_seconds=seconds)


def search_of(inputs: Inputs, planned: Planned, arm: Arm | None = None) -> Search | None:
    """The search of a run, or of an arm that ranks in its own way; None where no arm retrieves."""
    index, scenario = planned.one(IndexCorpus), inputs.scenario
    if index is None:
        return None
    if arm is not None and arm.reranker == "tuned":
        return Search(with_tuned(scenario), index.key, planned.one(TuneReranker))
    own = planned.one(TuneReranker) if scenario.retrieval.reranker == "tuned" else None
    return Search(scenario, index.key, own)
