"""The index of the corpus: passages cut, embedded and stored; only what changed is embedded again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import Store
from harness.files.input_file import real
from harness.files.paths import index_home
from harness.scenario.settings import Scenario

if TYPE_CHECKING:
    from harness.retrieval.pipeline import Index

PASSAGES = "passages"  # the group of the stages that build the index and look everything up in it
SECONDS_PER_DOCUMENT = 0.03  # of about three passages, on one core of 2026 with the built-in embedder


@dataclass(frozen=True, slots=True)
class Indexed:
    """The corpus as indexed."""

    passages: int
    embedded: int  # passages embedded for this index; the others were taken over
    reused: int


@dataclass(frozen=True, kw_only=True)
class IndexCorpus(Stage[Indexed]):
    """Bring the index of the corpus up to date; it lives where every scenario with this corpus finds it."""

    name = "index"
    result = Indexed
    group = PASSAGES

    scenario: Scenario
    documents: int

    def size(self) -> str:
        return f"{self.documents} documents"

    def seconds(self) -> float:
        return SECONDS_PER_DOCUMENT * self.documents

    def work(self, store: Store, progress: Progress) -> Indexed:
        index = open_live(self.scenario, self.key, lambda done, total: progress(self.label, done, total))
        return Indexed(len(index.passages), index.report.embedded, index.report.reused)


def index_steps(inputs: Inputs, planned: Planned) -> Iterable[IndexCorpus]:
    """The index, where an arm retrieves."""
    if any(arm.retriever for arm in inputs.arms):
        s = inputs.scenario
        yield IndexCorpus(
            key=inputs.corpus_key, scenario=s, documents=len(inputs.corpus.documents), reads=s.read(s.corpus)
        )


@dataclass(frozen=True, slots=True)
class _Opening:
    """The index that is opened; two of one home and key are the same."""

    home: Path
    key: str
    scenario: Scenario = field(compare=False)
    progress: Callable[[int, int], None] = field(compare=False)


def open_live(scenario: Scenario, key: str, progress: Callable[[int, int], None]) -> Index:
    """The index of a scenario's corpus, brought up to date; a process that has it open already keeps it.

    Args:
        key: hash of corpus and settings (`Inputs.corpus_key`).
        progress: told (texts embedded, texts to embed).
    """
    assert scenario.corpus is not None  # arms that retrieve need one: load_inputs refuses them without
    return _open(_Opening(real(index_home(scenario.corpus)), key, scenario, progress))


@lru_cache(maxsize=1)
def _open(opening: _Opening) -> Index:
    from harness.retrieval.pipeline import open_index

    scenario = opening.scenario
    assert scenario.corpus is not None
    return open_index(scenario.corpus, scenario.retrieval, scenario.models.embedder, opening.home, opening.progress)
