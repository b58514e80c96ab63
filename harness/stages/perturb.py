"""The questions of the drills that need no change to the corpus: passages perturbed, questions in other words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.drills.files import read_texts
from harness.drills.perturb import DRILLS, QuestionHits, gold_hits
from harness.drills.questions import PARAPHRASED, DrillQuestion, drill_question, write_questions
from harness.drills.rewording import reworded
from harness.engine.inputs import Inputs, spread
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import StagePlace, Store, code_key
from harness.evidence.carry import cut_cases
from harness.files.hashing import content_hash
from harness.retrieval.embed import weights_key
from harness.retrieval.hits_store import load_retrieval
from harness.stages.gold import DERIVED, SECONDS
from harness.stages.retrieve import Retrieve
from harness.stages.search import Search
from harness.types import Case, Hit

if TYPE_CHECKING:
    from harness.retrieval.pipeline import HybridRetriever

DEPTH = 24  # ranks looked at for passages that do not answer
BY_RULE, BY_SCENARIO = "rule", "scenario"  # where a paraphrase is from


@dataclass(frozen=True, slots=True)
class Perturbed:
    questions: int


@dataclass(frozen=True, kw_only=True)
class PerturbPassages(Stage[Perturbed]):
    """Write every question of the drills with its passages."""

    name = "perturb"
    result = Perturbed
    group = DERIVED

    search: Search | None  # None where no arm retrieves
    hits: StagePlace | None  # the retrieve stage
    cases: tuple[Case, ...]  # of the test split
    most: int  # cases that each drill is made of
    paraphrases: Path | None  # the scenario's own
    seed: int

    def size(self) -> str:
        return f"passages for {len(self.cases)} cases"

    def seconds(self) -> float:
        return SECONDS

    def work(self, store: Store, progress: Progress) -> Perturbed:
        progress(self.label, 0, 1)
        retriever = self.search.retriever(store) if self.search is not None else None
        cases = self.cases if retriever is None else cut_cases(self.cases, retriever.index.passages)
        questions = list(self._paraphrased(cases, retriever))
        if retriever is not None and self.hits is not None:
            questions += self._perturbed(cases, retriever, store.folder(self.hits))
        write_questions(store.folder(self), questions)
        progress(self.label, 1, 1)
        return Perturbed(len(questions))

    def _paraphrased(self, every: Sequence[Case], retriever: HybridRetriever | None) -> list[DrillQuestion]:
        own = _own_paraphrases(self.paraphrases)
        cases = spread(every, self.most)
        questions = [own.get(case.id) or reworded(case.question, case.id) for case in cases]
        hits = [r.hits for r in retriever.retrieve(questions)] if retriever is not None else [()] * len(cases)
        sources = [BY_SCENARIO if case.id in own else BY_RULE for case in cases]
        return [
            drill_question(PARAPHRASED, replace(case, question=question), row, source=source)
            for case, question, row, source in zip(cases, questions, hits, sources, strict=True)
        ]

    def _perturbed(self, cases: Sequence[Case], retriever: HybridRetriever, retrieved: Path) -> list[DrillQuestion]:
        shallow = load_retrieval(retrieved).retrievals
        plain = [shallow[case.question].hits for case in cases]
        deep = _deeper(retriever, [case.question for case in cases], plain)
        passages = retriever.index.passages
        by_case = [QuestionHits(s, d, gold_hits(c, passages)) for c, s, d in zip(cases, plain, deep, strict=True)]
        questions: list[DrillQuestion] = []
        for drill in DRILLS.values():
            if drill.passages is None:
                continue
            changes = [(c, drill.passages(c, f, self.seed)) for c, f in zip(cases, by_case, strict=True)]
            applies = [(case, hits) for case, hits in changes if hits is not None]
            questions += [
                drill_question(drill.name, _scored_as(drill.name, case), hits)
                for case, hits in spread(applies, self.most)
            ]
        return questions


def _own_paraphrases(file: Path | None) -> Mapping[str, str]:
    return {row["id"]: row["question"] for row in read_texts(file, "id", "question")} if file is not None else {}


def _deeper(
    retriever: HybridRetriever, questions: Sequence[str], plain: Sequence[Sequence[Hit]]
) -> list[tuple[Hit, ...]]:
    """For each question, what is ranked behind the passages that are shown."""
    from harness.retrieval.pipeline import HybridRetriever
    from harness.retrieval.rerank import load_reranker

    deep = HybridRetriever(retriever.index, retriever.settings, load_reranker("none"), depth=DEPTH)
    ids = [{hit.passage.id for hit in hits} for hits in plain]
    deeper = deep.retrieve(questions)
    return [tuple(h for h in r.hits if h.passage.id not in own) for r, own in zip(deeper, ids, strict=True)]


def _scored_as(drill: str, case: Case) -> Case:
    """Without its evidence a question has no answer in the passages: the right thing is to refuse."""
    return replace(case, kind="unanswerable") if drill == "oracle_removed" else case


def perturb_steps(inputs: Inputs, planned: Planned) -> Iterable[PerturbPassages]:
    """The questions of the drills, where the run makes any."""
    if not inputs.drills:
        return
    s, retrieve = inputs.scenario, planned.one(Retrieve)
    own = s.hash_of(s.drills.paraphrases) if s.drills.paraphrases is not None else None
    yield PerturbPassages(
        key=content_hash([read_by_drills(inputs), retrieve and retrieve.key, own, code_key("stages/perturb", *CODE)]),
        after=(retrieve.label,) if retrieve else (),
        search=retrieve.search if retrieve else None,
        hits=retrieve.place if retrieve else None,
        cases=inputs.test_cases,
        most=s.drills.cases,
        paraphrases=s.drills.paraphrases,
        seed=s.seed,
        reads=s.read(s.corpus, s.drills.paraphrases),
    )


CODE = ("drills", "evidence", "retrieval", "language", "metrics/words")  # what makes the questions of the drills


def read_by_drills(inputs: Inputs) -> str:
    """Hash of what the questions of every drill depend on."""
    s = inputs.scenario
    return content_hash(
        [inputs.corpus_key, s.retrieval, weights_key(s.models.reranker), inputs.test_cases, s.seed, s.drills.cases]
    )
