"""One arm asked again under the drills, batch by batch, like the golden questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.arms import Arm
from harness.drills.questions import DrillQuestion, read_questions
from harness.engine.inputs import Inputs, Request
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import StagePlace, Store, code_key
from harness.files.hashing import content_hash
from harness.scenario.settings import Scenario
from harness.stages.adapters import Place, adapter_folder, adapter_of
from harness.stages.answer import SECONDS_PER_ANSWER, Generate, reply_memory
from harness.stages.answer_batches import Answering, answer_all, stored_batches, stored_traces, trimmed
from harness.stages.models import Shots, build_arm
from harness.stages.perturb import PerturbPassages
from harness.stages.refresh import RefreshIndex
from harness.types import Answer, Failure, Trace

DRILLS_ASKED: Mapping[bool, int] = {True: 7, False: 2}  # of an arm with passages, without: for the forecast


@dataclass(frozen=True, slots=True)
class DrillsAnswered:
    answers: int
    trimmed: int  # passages that did not fit the prompts
    again: int = 0  # questions without an answer, that the next run asks again


@dataclass(frozen=True, kw_only=True)
class AskDrills(Stage[DrillsAnswered]):
    """Every question of the drills to one arm."""

    name = "drill"
    result = DrillsAnswered

    scenario: Scenario
    to: Arm  # the arm that is asked
    questions: tuple[StagePlace, ...]  # the stages that wrote them
    adapter: Place | None  # the stage that trained its adapter, or the adapter's folder, for an arm with one
    most: int  # cases that each drill is made of
    scale: float  # size of the model beside the built-in one's
    shots: Shots  # worked examples, for an arm that is shown them
    own: str  # hash of everything that an answer depends on but the prompt and the adapter

    def size(self) -> str:
        return f"about {self.count} questions"

    def seconds(self) -> float:
        return SECONDS_PER_ANSWER[self.to.retriever] * self.count * self.scale

    @property
    def count(self) -> int:
        """Questions to the arm, about."""
        return DRILLS_ASKED[self.to.retriever] * self.most

    def work(self, store: Store, progress: Progress) -> DrillsAnswered:
        questions = self.read(store)
        arm = build_arm(self.scenario, self.to, None, adapter_folder(store, self.adapter), self.shots)
        prepared = [arm.fit(row.case.question, row.hits if self.to.retriever else ()) for row in questions]
        requests = [Request(row.id, row.case.question, False) for row in questions]
        memory = reply_memory(store, self.to, self.own, self.adapter)
        place = Answering(store.folder(self), self.label, total=len(requests), memory=memory)
        outcome = answer_all(place, arm, requests, prepared, progress)
        again = sum(len(batch.again) for batch in stored_batches(store.folder(self)).values())
        return DrillsAnswered(len(requests), trimmed(outcome.traces), again)

    def is_whole(self, result: DrillsAnswered) -> bool:
        return not result.again

    def read(self, store: Store) -> list[DrillQuestion]:
        """The questions to the arm, in order."""
        rows = [row for place in self.questions for row in read_questions(store.folder(place))]
        return [row for row in rows if row.is_for(self.to)]

    def answers(self, store: Store) -> list[tuple[DrillQuestion, Answer | Failure]]:
        """The questions to the arm, each with its answer, or the reason why there is none."""
        traces = stored_traces(store.folder(self))
        return [(row, answer_of(traces.get(row.id))) for row in self.read(store)]


def answer_of(trace: Trace | None) -> Answer | Failure:
    """The answer of a trace; a question without one was not asked."""
    if trace is None:
        return Failure("not asked")
    return trace.answer if trace.answer is not None else Failure(trace.error or "no answer")


def drill_steps(inputs: Inputs, planned: Planned) -> Iterable[AskDrills]:
    """The drills of every arm that could be shipped; their passages are ranked as the scenario says, so that an arm
    with a re-ranker of its own has none."""
    perturb, refresh = planned.one(PerturbPassages), planned.one(RefreshIndex)
    if perturb is None or refresh is None:
        return
    code = code_key("stages/drill", "stages/answer_batches")
    for generate in planned.all(Generate):
        if generate.to.oracle or generate.to.file is not None or generate.to.reranker is not None:
            continue
        adapter = adapter_of(planned, generate.to)
        yield AskDrills(
            key=content_hash([generate.key, perturb.key, refresh.key, code]),
            after=(perturb.label, refresh.label, *(adapter.after if adapter else ())),
            arm=generate.to.name,
            scenario=inputs.scenario,
            to=generate.to,
            questions=(perturb.place, refresh.place),
            adapter=generate.adapter,
            most=min(inputs.scenario.drills.cases, len(inputs.test_cases)),
            scale=generate.scale,
            shots=generate.shots,
            own=content_hash([generate.own, "drills"]),
            reads=generate.reads,
        )
