"""The search of a scenario's corpus outside a run: its index brought up to date, its re-ranker in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.engine.inputs import corpus_key_of
from harness.engine.progress import Progress, silent
from harness.engine.store import default_store
from harness.errors import InputError
from harness.scenario.settings import Scenario
from harness.stages.index import open_live
from harness.stages.rerank import ranking_on

if TYPE_CHECKING:
    from harness.retrieval.pipeline import HybridRetriever, Index


@dataclass(frozen=True, slots=True)
class CorpusSearch:
    """An open index and the way from a question to its passages."""

    index: Index
    retriever: HybridRetriever


def open_search(scenario: Scenario, progress: Progress = silent, depth: int | None = None) -> CorpusSearch:
    """The live search of a scenario.

    Args:
        depth: hits a question; None: as many as a prompt shows (`retrieval.top_k`).

    Raises:
        InputError: the scenario has no corpus.
    """
    from harness.retrieval.pipeline import HybridRetriever

    if scenario.corpus is None:
        raise InputError(f"{scenario.dir / 'scenario.yaml'}: no 'corpus'; name the folder of your documents")
    index = open_live(scenario, corpus_key_of(scenario), lambda done, total: progress("index", done, total))
    ranking = ranking_on(scenario, index, default_store(), progress)
    return CorpusSearch(index, HybridRetriever(index, ranking.settings, ranking.reranker, depth=depth))
