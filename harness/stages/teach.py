"""A stronger arm asked the tuning questions: what it answers and is accepted is what `distilled` is trained on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from harness.arms import Arm
from harness.engine.inputs import Inputs, Request
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import StagePlace, Store, code_key
from harness.errors import InputError
from harness.files.hashing import content_hash
from harness.metrics.acceptance import accepted
from harness.prompts import completion_text
from harness.retrieval.hits_store import load_retrieval
from harness.scenario.settings import Scenario
from harness.stages.answer_batches import Answering, answer_all, stored_batches, stored_traces
from harness.stages.models import Shots, build_arm, scale_of
from harness.stages.retrieve import RetrieveExamples, retrieve_of
from harness.structured import demand_of, read_form
from harness.types import Answer, Example

SECONDS_PER_ANSWER = 0.9  # on one core of 2026


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a teacher answered."""

    questions: int
    accepted: int  # answers that say what their example says, in the demanded form
    again: int  # questions that the next run asks again


@dataclass(frozen=True, kw_only=True)
class AskTeacher(Stage[Lesson]):
    """Ask the teacher every tuning question of an open book."""

    name = "teach"
    result = Lesson

    scenario: Scenario
    to: Arm
    examples: tuple[Example, ...]
    hits: StagePlace | None
    shots: Shots
    scale: float

    def size(self) -> str:
        return f"{len(self.questions)} questions to {self.to.name}"

    def seconds(self) -> float:
        return SECONDS_PER_ANSWER * self.scale * len(self.questions)

    @property
    def questions(self) -> dict[str, Example]:
        """The examples by the id of their question."""
        own = [e for e in self.examples if e.of_book("open_book") and e.context is None]
        return {f"example-{number}": example for number, example in enumerate(own, start=1)}

    def work(self, store: Store, progress: Progress) -> Lesson:
        retriever = load_retrieval(store.folder(self.hits)) if self.hits is not None else None
        arm = build_arm(self.scenario, self.to, retriever, None, self.shots)
        requests = [Request(id, example.user, False) for id, example in self.questions.items()]
        place = Answering(store.folder(self), self.label, len(requests))
        answer_all(place, arm, requests, arm.prepare([request.question for request in requests]), progress)
        again = sum(len(batch.again) for batch in stored_batches(store.folder(self)).values())
        return Lesson(len(requests), len(self.right(store)), again)

    def is_whole(self, result: Lesson) -> bool:
        return not result.again

    def accepted(self, store: Store) -> tuple[Example, ...]:
        """The examples whose question was answered rightly, with the teacher's answer and passages in place of theirs.

        Raises InputError where there is none.
        """
        rows = self.right(store)
        if not rows:
            asked_count = len(self.questions)
            raise InputError(
                f"{self.to.name} gave no accepted answer to {asked_count} tuning questions; name a stronger "
                "tuning.teacher"
            )
        return rows

    def right(self, store: Store) -> tuple[Example, ...]:
        """The same; none where no answer was right."""
        traces, own = stored_traces(store.folder(self)), self.questions
        answers = {id: trace.answer for id, trace in traces.items() if trace.answer is not None and id in own}
        return tuple(_example(own[id], a) for id, a in sorted(answers.items()) if self._agrees(own[id], a))

    def _agrees(self, example: Example, answer: Answer) -> bool:
        gold = read_form(completion_text(example.output), demand_of(self.scenario.answer))
        if not answer.form.valid or answer.truncated or gold.refused != answer.refused:
            return False
        return gold.refused or accepted(answer.text, [gold.text], [example.user])


def _example(example: Example, answer: Answer) -> Example:
    passages = tuple(hit.passage for hit in answer.hits)
    output = answer.raw if answer.parsed is None else answer.parsed
    return replace(example, output=output, context=passages, evidence=(), use="open_book")


def teacher_step(inputs: Inputs, planned: Planned) -> AskTeacher:
    """The step that asks the scenario's teacher. InputError where it cannot be one."""
    s = inputs.scenario
    arm = next((arm for arm in inputs.arms if arm.name == s.tuning.teacher), None)
    if (fault := next(teacher_faults(inputs), None)) is not None or arm is None:
        raise InputError(f"{s.dir / 'scenario.yaml'}: {fault}")
    retrieve = retrieve_of(planned, arm, RetrieveExamples) if arm.retriever else None
    code = code_key("generation", "prompts", "arms", "structured", "metrics/acceptance", "stages/teach")
    shots = inputs.shots if arm.few_shot else ()
    examples = [[e.user, e.output, e.use, e.replay, e.context is None] for e in inputs.examples]
    asked_by = [inputs.model_key, arm.section(), arm.source, s.answer, shots, s.tuning.quantization, s.models.precision]
    return AskTeacher(
        key=content_hash([asked_by, retrieve and retrieve.key, examples, code]),
        after=(retrieve.label,) if retrieve else (),
        arm=arm.name,
        scenario=s,
        to=arm,
        examples=inputs.examples,
        hits=retrieve.place if retrieve else None,
        shots=shots,
        scale=scale_of(inputs),
    )


def teacher_faults(inputs: Inputs) -> Iterator[str]:
    """Why the scenario's teacher cannot teach, in words."""
    name = inputs.scenario.tuning.teacher
    arm = next((arm for arm in inputs.arms if arm.name == name), None)
    if arm is None:
        yield f"tuning.teacher: '{name}' is not among the arms; add it, so that it is measured, or name another"
    elif arm.oracle or arm.tuned or arm.by_itself:
        yield (
            f"tuning.teacher: '{name}' cannot be asked tuning questions with the scenario's prompts; name an arm "
            "without an adapter, or a model behind a server (arms:, model)"
        )
