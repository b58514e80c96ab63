"""The claims of an arm's answers held against its passages by a classifier, where `models.grounding` names one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.drills.questions import FRESH
from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import Store, code_key
from harness.errors import InputError
from harness.files.hashing import content_hash, file_hash
from harness.generation.load import locate, weights_hash
from harness.judges.classifiers import Classifier
from harness.judges.detect import SUPPORTED, DetectedAnswer, ReadAnswer, detect
from harness.metrics.reading import Grounds
from harness.record.codec import read_rows, write_rows
from harness.stages.answer import Generate
from harness.stages.drill import AskDrills
from harness.structured import without_marks
from harness.types import Answer, Failure, Passage, Unscored

RULES = "rules"
FILE = "detected.jsonl"
SECONDS_PER_BYTE = 2e-9  # of weights, for one answer on one core of 2026

DetectedGrounds = Mapping[tuple[str, str], "Grounds | Unscored"]  # (arm, case id) ->


@dataclass(frozen=True, slots=True)
class ClaimsDetected:
    answers: int
    unread: int  # of them, those that nothing could be said of


@dataclass(frozen=True, kw_only=True)
class Detect(Stage[ClaimsDetected]):
    """Read answers of one arm."""

    result = ClaimsDetected
    group = "detect"  # one process holds the classifier

    classifier: str
    bytes: int  # of its weights

    @property
    @abstractmethod
    def count(self) -> int:
        """Answers to read, at most."""

    @abstractmethod
    def texts(self, store: Store) -> Iterator[tuple[str, str, Answer]]:
        """(id, question, answer) of those that there are."""

    def size(self) -> str:
        return f"claims of {self.count} answers"

    def seconds(self) -> float:
        return SECONDS_PER_BYTE * self.bytes * self.count

    def work(self, store: Store, progress: Progress) -> ClaimsDetected:
        # refusals claim nothing, and without passages nothing is held against any
        answers = [
            ReadAnswer(id, question, without_marks(answer.text), passage_texts(answer))
            for id, question, answer in self.texts(store)
            if answer.hits and not answer.refused
        ]
        progress(self.label, 0, len(answers))
        rows = detect(answers, Classifier(self.classifier), lambda count: progress(self.label, count, len(answers)))
        write_rows(store.folder(self) / FILE, rows)
        return ClaimsDetected(len(rows), sum(row.reason is not None for row in rows))

    def rows(self, store: Store) -> list[DetectedAnswer]:
        """What a finished stage found."""
        return read_rows(store.folder(self) / FILE, DetectedAnswer)

    def grounds(self, store: Store) -> dict[str, Grounds | Unscored]:
        """The same by case, as metrics read it."""
        return {row.case: _grounds(row) for row in self.rows(store)}


@dataclass(frozen=True, kw_only=True)
class DetectClaims(Detect):
    """Read one arm's golden answers."""

    name = "detect"

    generate: Generate  # the stage that answered

    @property
    def count(self) -> int:
        return len(self.generate.golden)

    def texts(self, store: Store) -> Iterator[tuple[str, str, Answer]]:
        questions = {request.id: request.question for request in self.generate.golden}
        for trace in self.generate.traces(store):
            if not trace.probe and trace.answer is not None:
                yield trace.case_id, questions[trace.case_id], trace.answer


@dataclass(frozen=True, kw_only=True)
class DetectInDrills(Detect):
    """Read one arm's answers in the drills; what changed facts are asked for is whether an answer is the new one."""

    name = "detect-drills"

    drill: AskDrills  # the stage that answered

    @property
    def count(self) -> int:
        return self.drill.count

    def texts(self, store: Store) -> Iterator[tuple[str, str, Answer]]:
        for row, answer in self.drill.answers(store):
            if row.drill != FRESH and not isinstance(answer, Failure):
                yield row.id, row.case.question, answer


def passage_texts(answer: Answer) -> tuple[str, ...]:
    """The passages of an answer's prompt as texts, each under its title."""
    return tuple(text_of(hit.passage) for hit in answer.hits)


def text_of(passage: Passage) -> str:
    return f"{passage.title}\n{passage.text}" if passage.title else passage.text


def detect_steps(inputs: Inputs, planned: Planned) -> Iterable[DetectClaims]:
    """The claims of every arm, where a classifier is named."""
    for generate in planned.all(Generate):
        yield from claims_step(inputs, generate, generate)


def claims_step(inputs: Inputs, generate: Generate, step: Stage[Any]) -> Iterator[DetectClaims]:
    """The claims of one stage's answers, where a classifier is named.

    Args:
        step: the stage that has `generate` done, or itself.
    """
    name = inputs.scenario.models.grounding
    if name == RULES:
        return
    weights, size = _weights(name)
    yield DetectClaims(
        key=content_hash([generate.key, weights, code_key(*CODE)]),
        after=(step.label,),
        arm=step.arm,
        generate=generate,
        classifier=name,
        bytes=size,
    )


def detect_drill_steps(inputs: Inputs, planned: Planned) -> Iterable[DetectInDrills]:
    """The claims in the drills of every arm with passages, where a classifier is named."""
    name = inputs.scenario.models.grounding
    drills = [drill for drill in planned.all(AskDrills) if drill.to.retriever]
    if name == RULES or not drills:
        return
    weights, size = _weights(name)
    for drill in drills:
        yield DetectInDrills(
            key=content_hash([drill.key, weights, code_key(*CODE)]),
            after=(drill.label,),
            arm=drill.to.name,
            drill=drill,
            classifier=name,
            bytes=size,
        )


CODE = ("stages/detect", "judges/detect", "judges/classifiers", "structured", "metrics", "language")


def _weights(name: str) -> tuple[list[str], int]:
    """What identifies a classifier, and the bytes of its weights."""
    try:
        folder = locate(name)
    except InputError as error:
        raise InputError(f"models.grounding: {error}") from error
    size = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    return [weights_hash(folder), file_hash(folder / "config.json")], size


def detected_grounds(planned: Planned, store: Store) -> DetectedGrounds:
    """What the finished stages found, by arm and case; a question of a drill is a case of its own."""
    stages = (*planned.all(DetectClaims), *planned.all(DetectInDrills))
    return {(str(stage.arm), case): ground for stage in stages for case, ground in stage.grounds(store).items()}


def _grounds(row: DetectedAnswer) -> Grounds | Unscored:
    if row.reason is not None:
        return Unscored(row.reason)
    flags = [support >= SUPPORTED for support in row.support]
    return Grounds(sum(flags) / len(flags) if flags else None, not all(flags))
