"""The tuned re-ranker: trained on the scenario's own questions, used only where its gain on dev is proven."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.hashing import content_hash, file_hash
from harness.record.measurements import RerankerSection
from harness.run.inputs import Inputs, corpus_key_of
from harness.run.planned import Planned
from harness.run.stage import Progress, Stage
from harness.run.store import Store, code_key
from harness.scenario.settings import Scenario
from harness.stages.index import PASSAGES, open_live

SECONDS = 150.0  # of its training steps and of judging it, on one busy core


@dataclass(frozen=True, kw_only=True)
class TuneReranker(Stage[RerankerSection]):
    """Train a re-ranker, choose its weight on held-out questions, judge it on dev."""

    name = "rerank"
    result = RerankerSection
    group = PASSAGES

    scenario: Scenario
    index: str  # key of the index whose passages it learns from

    def size(self) -> str:
        from harness.tuning.reranker import STEPS

        return f"a re-ranker trained, {STEPS} steps at most"

    def seconds(self) -> float:
        return SECONDS

    def work(self, store: Store, progress: Progress) -> RerankerSection:
        from harness.tuning.reranker import make_reranker

        index = open_live(self.scenario, self.index, lambda done, total: progress("index", done, total))
        folder = store.folder(self)
        return make_reranker(self.scenario, index, folder, lambda done, total: progress(self.label, done, total))


def reranker_of(scenario: Scenario) -> TuneReranker | None:
    """The stage that trains a scenario's re-ranker; None where it asks for none to be trained."""
    if scenario.retrieval.reranker != "tuned":
        return None
    index = corpus_key_of(scenario)
    files = [file_hash(path) for path in (scenario.golden, scenario.examples) if path is not None]
    code = code_key("tuning/reranker", "tuning/pairs", "stages/rerank")
    key = content_hash([index, scenario.retrieval, scenario.models.reranker, files, scenario.seed, code])
    return TuneReranker(key=key, after=("index",), scenario=scenario, index=index)


def rerank_steps(inputs: Inputs, planned: Planned) -> Iterable[TuneReranker]:
    """The tuned re-ranker, where an arm retrieves and the scenario asks for one."""
    stage = reranker_of(inputs.scenario) if any(arm.retriever for arm in inputs.arms) else None
    if stage is not None:
        yield stage
