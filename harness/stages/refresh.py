"""Facts changed in a copy of the corpus, a copy of the index brought up to date, the questions looked up again."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.documents.folder import unreadable_beside
from harness.drills.changes import Changed, change_facts, shipped_changes
from harness.drills.questions import FRESH, drill_question, write_questions
from harness.engine.inputs import Inputs, spread
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import Store, code_key
from harness.evidence.carry import cut_cases
from harness.files.hashing import content_hash
from harness.files.paths import index_home
from harness.record.codec import write_atomic
from harness.record.measurements import ChangedFact
from harness.scenario.settings import Scenario
from harness.stages.gold import DERIVED, SECONDS
from harness.stages.perturb import CODE, read_by_drills
from harness.stages.retrieve import Retrieve
from harness.stages.search import Search
from harness.types import Case, Hit

if TYPE_CHECKING:
    from harness.retrieval.pipeline import HybridRetriever


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The changes made, and what it took to bring the index up to date."""

    documents: int  # that hold the changed facts
    changes: tuple[ChangedFact, ...]
    skipped: Mapping[str, int]  # why a case's fact could not be changed -> cases
    update_seconds: float | None = None  # to refresh the index; None where there is none
    embedded: int | None = None
    reused: int | None = None


@dataclass(frozen=True, kw_only=True)
class RefreshIndex(Stage[Refreshed]):
    """Change facts, refresh, look the changed questions up; corpus and index of the run are not touched."""

    name = "refresh"
    result = Refreshed
    group = DERIVED

    scenario: Scenario
    search: Search | None  # None where no arm retrieves
    cases: tuple[Case, ...]  # of the test split

    def size(self) -> str:
        return f"passages for {len(self.cases)} cases"

    def seconds(self) -> float:
        return SECONDS

    def work(self, store: Store, progress: Progress) -> Refreshed:
        progress(self.label, 0, 1)
        changes, folder = self._changes(), store.folder(self)
        facts = tuple(ChangedFact(c.case.id, c.doc, c.old, c.new) for c in changes.changes)
        outcome = Refreshed(len(changes.texts), facts, changes.skipped)
        hits: list[tuple[Hit, ...]] = [()] * len(changes.changes)
        cases = tuple(change.case for change in changes.changes)
        if changes.changes and self.search is not None:
            retriever, seconds = _refresh(self.search, store, changes, folder)
            hits = [r.hits for r in retriever.retrieve([case.question for case in cases])]
            cases = cut_cases(cases, retriever.index.passages)
            report = retriever.index.report
            outcome = replace(outcome, update_seconds=seconds, embedded=report.embedded, reused=report.reused)
        rows = zip(cases, changes.changes, hits, strict=True)
        write_questions(folder, [drill_question(FRESH, case, h, c.was) for case, c, h in rows])
        progress(self.label, 1, 1)
        return outcome

    def _changes(self) -> Changed:
        s = self.scenario
        if s.corpus is None:
            return Changed({}, (), {"the scenario has no corpus": len(self.cases)})
        shipped = shipped_changes(s.drills.changes, self.cases)
        reachable = change_facts(self.cases, s.corpus, len(self.cases), s.seed, shipped)
        ids = {change.case.id for change in spread(reachable.changes, s.drills.cases)}
        again = change_facts([c for c in self.cases if c.id in ids], s.corpus, s.drills.cases, s.seed, shipped)
        return Changed(again.texts, again.changes, reachable.skipped)


def _refresh(search: Search, store: Store, changes: Changed, folder: Path) -> tuple[HybridRetriever, float]:
    """A retriever on the refreshed copy, and what refreshing took. The embedder is loaded before the clock starts."""
    from harness.retrieval.embed import load_embedder
    from harness.retrieval.index_files import current
    from harness.retrieval.pipeline import HybridRetriever, open_index
    from harness.retrieval.upkeep import restore

    scenario = search.scenario
    assert scenario.corpus is not None  # nothing was changed otherwise
    corpus, home = _copied(scenario.corpus, folder, changes.texts), folder / "index"
    shutil.rmtree(home, ignore_errors=True)  # what a crash left
    source = current(index_home(scenario.corpus))
    if source is not None:
        restore(source, home)
    load_embedder(scenario.models.embedder).embed(["warm"])
    start = time.perf_counter()
    index = open_index(corpus, scenario.retrieval, scenario.models.embedder, home)
    seconds = time.perf_counter() - start
    ranking = search.ranking(store)
    return HybridRetriever(index, ranking.settings, ranking.reranker), seconds


def _copied(corpus: Path, folder: Path, texts: Mapping[str, str]) -> Path:
    copy = folder / corpus.name
    if corpus.is_dir():
        shutil.copytree(corpus, copy, ignore=unreadable_beside, dirs_exist_ok=True)
        for name, text in texts.items():
            write_atomic(copy / name, text)
    else:
        write_atomic(copy, texts[corpus.name])
    return copy


def refresh_steps(inputs: Inputs, planned: Planned) -> Iterable[RefreshIndex]:
    """The changed facts, where the run makes drills."""
    if not inputs.drills:
        return
    s, retrieve = inputs.scenario, planned.one(Retrieve)
    shipped = s.hash_of(s.drills.changes) if s.drills.changes is not None else None
    code = code_key("stages/refresh", *CODE)
    yield RefreshIndex(
        key=content_hash([read_by_drills(inputs), retrieve and retrieve.key, shipped, code]),
        after=(retrieve.label,) if retrieve else (),
        scenario=s,
        search=retrieve.search if retrieve else None,
        cases=inputs.test_cases,
        reads=s.read(s.corpus, s.drills.changes),
    )
