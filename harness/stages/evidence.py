"""The evidence of every case looked for in the index: quotes that no passage holds as a whole, or not even in parts.

A quote is longer than a passage, or the cut between two passages goes through it. Its parts then count as evidence
(`harness.evidence.carry`); who scores answers has no index at hand, so that what was cut is written down here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import Store, code_key
from harness.evidence.carry import carries, cut_cases, mark_cut
from harness.files.hashing import content_hash
from harness.stages.gold import DERIVED
from harness.stages.index import IndexCorpus
from harness.stages.search import Search, search_of
from harness.types import Case

SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class EvidencePlaces:
    """The evidence that was cut, by case id and number of the item."""

    cut: Mapping[str, tuple[int, ...]]
    nowhere: Mapping[str, tuple[int, ...]]  # of these: not even enough of a part stands in a passage


@dataclass(frozen=True, kw_only=True)
class PlaceEvidence(Stage[EvidencePlaces]):
    """Look for every quote in the passages of its document."""

    name = "evidence"
    result = EvidencePlaces
    group = DERIVED

    search: Search
    cases: tuple[Case, ...]

    def size(self) -> str:
        return f"evidence of {len(self.cases)} cases"

    def seconds(self) -> float:
        return SECONDS

    def work(self, store: Store, progress: Progress) -> EvidencePlaces:
        progress(self.label, 0, 1)
        passages = self.search.open().passages
        cases = cut_cases(self.cases, passages)
        cut = {case.id: rows for case in cases if (rows := tuple(i for i, e in enumerate(case.evidence) if e.cut))}
        absent = {
            case.id: tuple(i for i in cut[case.id] if not any(carries(case.evidence[i], p) for p in passages))
            for case in cases
            if case.id in cut
        }
        nowhere = {case: rows for case, rows in absent.items() if rows}
        progress(self.label, 1, 1)
        return EvidencePlaces(cut, nowhere)


def evidence_steps(inputs: Inputs, planned: Planned) -> Iterable[PlaceEvidence]:
    """The evidence in the index, where an arm retrieves."""
    search, index = search_of(inputs, planned), planned.one(IndexCorpus)
    quoted = tuple(case for case in inputs.cases if any(item.quote for item in case.evidence))
    if search is None or index is None or not quoted:
        return
    read = [[case.id, case.evidence] for case in quoted]
    yield PlaceEvidence(
        key=content_hash([index.key, read, code_key("stages/evidence", "evidence")]),
        after=(index.label,),
        search=search,
        cases=quoted,
    )


def placed_cases(inputs: Inputs, planned: Planned, store: Store) -> tuple[Case, ...]:
    """The cases of a run, their quotes marked that the index holds in parts only."""
    stage = planned.one(PlaceEvidence)
    return inputs.cases if stage is None else mark_cut(inputs.cases, store.result(stage).cut)
