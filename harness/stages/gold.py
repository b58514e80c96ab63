"""Golden passages in place of retrieved ones, for a ceiling: what a generator reaches if retrieval never fails.

An unanswerable case that names its nearest document in `source` gets that, the hardest page to refuse by; without one,
and for a probe, what was retrieved stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from harness.drills.perturb import MOST_GOLD, gold_hits
from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import StagePlace, Store, code_key
from harness.evidence.carry import cut_cases
from harness.files.hashing import content_hash
from harness.retrieval.hits_store import StoredRetriever, load_retrieval, store_retrieval
from harness.stages.retrieve import Retrieve
from harness.stages.search import Search
from harness.types import Case, Evidence, Retrieval

DERIVED = "derived passages"  # the group of the stages that read the finished index again
SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class GoldFound:
    questions: int
    with_gold: int  # cases that have a golden passage


@dataclass(frozen=True, kw_only=True)
class FindGold(Stage[GoldFound]):
    """The golden passages of every question, in the retrieve stage's own format."""

    name = "gold"
    result = GoldFound
    group = DERIVED

    search: Search
    hits: StagePlace  # the retrieve stage
    cases: tuple[Case, ...]
    questions: tuple[str, ...]
    tested: int  # test cases among them

    def size(self) -> str:
        return f"passages for {self.tested} cases"

    def seconds(self) -> float:
        return SECONDS

    def work(self, store: Store, progress: Progress) -> GoldFound:
        progress(self.label, 0, 1)
        passages = self.search.open().passages
        cases = cut_cases(self.cases, passages)
        gold = {case.question: gold_hits(_with_nearest(case), passages)[:MOST_GOLD] for case in cases}
        retrievals = {question: Retrieval(hits, {}) for question, hits in gold.items() if hits}
        retrieved = load_retrieval(store.folder(self.hits)).retrievals
        count = store_retrieval(store.folder(self), StoredRetriever({**retrieved, **retrievals}), self.questions)
        progress(self.label, 1, 1)
        return GoldFound(count, len(retrievals))


def _with_nearest(case: Case) -> Case:
    """The case with its nearest document in the place of evidence, where nothing answers it."""
    if case.kind != "unanswerable" or case.source is None:
        return case
    return replace(case, evidence=(Evidence(id=case.source),))


def gold_steps(inputs: Inputs, planned: Planned) -> Iterable[FindGold]:
    """The golden passages, where an arm is given them."""
    retrieve = planned.one(Retrieve)
    if retrieve is None or not any(arm.oracle for arm in inputs.arms):
        return
    yield FindGold(
        key=content_hash([retrieve.key, inputs.cases, code_key("stages/gold", "drills", "evidence")]),
        after=(retrieve.label,),
        search=retrieve.search,
        hits=retrieve.place,
        cases=inputs.cases,
        questions=inputs.questions,
        tested=len(inputs.test_cases),
        reads=inputs.scenario.read(inputs.scenario.corpus),
    )
