"""The tuned re-ranker: trained on the scenario's own questions, used only where its gain on dev is proven."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from harness.engine.inputs import Inputs, corpus_key_of
from harness.engine.planned import Planned
from harness.engine.progress import Progress, silent
from harness.engine.stage import Stage
from harness.engine.store import Store, code_key
from harness.files.hashing import content_hash
from harness.files.read_files import refuse_changed
from harness.record.measurements import RerankerSection
from harness.retrieval.embed import weights_key
from harness.scenario.settings import Scenario
from harness.stages.index import PASSAGES, open_live

if TYPE_CHECKING:
    from harness.retrieval.pipeline import Index
    from harness.tuning.reranker import Ranking

SECONDS = 150.0  # of its training steps and of judging it, on one busy core


@dataclass(frozen=True, kw_only=True)
class TuneReranker(Stage[RerankerSection]):
    """Train a re-ranker, choose its weight on held-out questions, judge it on dev."""

    name = "rerank"
    result = RerankerSection
    files: ClassVar[tuple[str, ...]] = ("model/*",)
    group = PASSAGES

    scenario: Scenario
    index: str  # key of the index whose passages it learns from

    def size(self) -> str:
        from harness.tuning.reranker import STEPS

        return f"a re-ranker trained, {STEPS} steps at most"

    def seconds(self) -> float:
        return SECONDS

    def work(self, store: Store, progress: Progress) -> RerankerSection:
        return self.train(open_live(self.scenario, self.index, lambda d, t: progress("index", d, t)), store, progress)

    def train(self, index: Index, store: Store, progress: Progress) -> RerankerSection:
        """The work itself, on an index that is open."""
        from harness.tuning.reranker import make_reranker

        return make_reranker(self.scenario, index, store.folder(self), lambda d, t: progress(self.label, d, t))


def ranking_on(scenario: Scenario, index: Index, store: Store, progress: Progress = silent) -> Ranking:
    """The re-ranker of a scenario: the named one, or the one tuned on its questions, trained now if the store lacks it.

    Args:
        index: of the scenario's corpus, open.
    """
    from harness.tuning.reranker import named_ranking, tuned_ranking

    stage = reranker_of(scenario)
    if stage is None:
        return named_ranking(scenario)
    if store.done(stage) is None:
        with store.hold(stage):
            _train(stage, index, store, progress)
    return tuned_ranking(scenario, store.result(stage), store.folder(stage))


def _train(stage: TuneReranker, index: Index, store: Store, progress: Progress) -> None:
    if store.done(stage) is None:
        store.mend(stage)
        start = time.perf_counter()
        outcome = stage.train(index, store, progress)
        refuse_changed(stage.reads)
        store.finish(stage, time.perf_counter() - start, outcome)


def with_tuned(scenario: Scenario) -> Scenario:
    """The scenario as an arm with a tuned re-ranker looks its passages up."""
    return replace(scenario, retrieval=replace(scenario.retrieval, reranker="tuned"))


def reranker_of(scenario: Scenario, index: str | None = None) -> TuneReranker | None:
    """The stage that trains a scenario's re-ranker; None where it asks for none to be trained.

    Args:
        index: key of the index that is open; None: of the scenario's own.
    """
    if scenario.retrieval.reranker != "tuned":
        return None
    index = corpus_key_of(scenario) if index is None else index
    files = [scenario.hash_of(path) for path in (scenario.golden, scenario.examples) if path is not None]
    code = code_key("tuning/reranker", "tuning/pairs", "stages/rerank")
    key = content_hash([index, scenario.retrieval, weights_key(scenario.models.reranker), files, scenario.seed, code])
    reads = scenario.read(scenario.corpus, scenario.golden, scenario.examples)
    return TuneReranker(key=key, after=("index",), scenario=scenario, index=index, reads=reads)


def rerank_steps(inputs: Inputs, planned: Planned) -> Iterable[TuneReranker]:
    """The tuned re-ranker, where an arm retrieves and it or the scenario asks for one."""
    if not any(arm.retriever for arm in inputs.arms):
        return
    tuned = any(arm.reranker == "tuned" for arm in inputs.arms)
    scenario = with_tuned(inputs.scenario) if tuned else inputs.scenario
    stage = reranker_of(scenario, inputs.corpus_key)
    if stage is not None:
        yield stage
