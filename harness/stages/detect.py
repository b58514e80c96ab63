"""The claims of an arm's answers held against its passages by a classifier, where `models.grounding` names one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import Store, code_key
from harness.generation.load import locate, weights_hash
from harness.hashing import content_hash, file_hash
from harness.judges.classifiers import Classifier
from harness.judges.detect import SUPPORTED, DetectedAnswer, ReadAnswer, detect
from harness.metrics.reading import Grounds
from harness.record.codec import read_rows, write_rows
from harness.stages.answer import Generate
from harness.structured import without_marks
from harness.types import Answer, Passage, Unscored

RULES = "rules"
FILE = "detected.jsonl"
SECONDS_PER_BYTE = 2e-9  # of weights, for one answer on one core of 2026

DetectedGrounds = Mapping[tuple[str, str], "Grounds | Unscored"]  # (arm, case id) ->


@dataclass(frozen=True, slots=True)
class ClaimsDetected:
    answers: int
    unread: int  # of them, those that nothing could be said of


@dataclass(frozen=True, kw_only=True)
class DetectClaims(Stage[ClaimsDetected]):
    """Read one arm's golden answers."""

    name = "detect"
    result = ClaimsDetected
    group = "detect"  # one process holds the classifier

    generate: Generate  # the stage that answered
    classifier: str
    bytes: int  # of its weights

    def size(self) -> str:
        return f"claims of {len(self.generate.golden)} answers"

    def seconds(self) -> float:
        return SECONDS_PER_BYTE * self.bytes * len(self.generate.golden)

    def work(self, store: Store, progress: Progress) -> ClaimsDetected:
        answers = self._answers(store)
        progress(self.label, 0, len(answers))
        rows = detect(answers, Classifier(self.classifier), lambda count: progress(self.label, count, len(answers)))
        write_rows(store.folder(self) / FILE, rows)
        return ClaimsDetected(len(rows), sum(row.reason is not None for row in rows))

    def _answers(self, store: Store) -> list[ReadAnswer]:
        """Answers with passages; refusals and errors claim nothing."""
        questions = {request.id: request.question for request in self.generate.golden}
        traces = [trace for trace in self.generate.traces(store) if not trace.probe]
        return [
            ReadAnswer(t.case_id, questions[t.case_id], without_marks(t.answer.text), passage_texts(t.answer))
            for t in traces
            if t.answer is not None and t.answer.hits and not t.answer.refused
        ]

    def rows(self, store: Store) -> list[DetectedAnswer]:
        """What a finished stage found."""
        return read_rows(store.folder(self) / FILE, DetectedAnswer)


def passage_texts(answer: Answer) -> tuple[str, ...]:
    """The passages of an answer's prompt as texts, each under its title."""
    return tuple(text_of(hit.passage) for hit in answer.hits)


def text_of(passage: Passage) -> str:
    return f"{passage.title}\n{passage.text}" if passage.title else passage.text


def detect_steps(inputs: Inputs, planned: Planned) -> Iterable[DetectClaims]:
    """The claims of every arm, where a classifier is named."""
    name = inputs.scenario.models.grounding
    if name == RULES:
        return
    folder = locate(name)
    weights = [weights_hash(folder), file_hash(folder / "config.json")]
    size = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    code = code_key("stages/detect", "judges/detect", "judges/classifiers", "structured", "metrics", "language")
    for generate in planned.all(Generate):
        yield DetectClaims(
            key=content_hash([generate.key, weights, code]),
            after=(generate.label,),
            arm=generate.to.name,
            generate=generate,
            classifier=name,
            bytes=size,
        )


def detected_grounds(planned: Planned, store: Store) -> DetectedGrounds:
    """What the finished stages found, by arm and case."""
    return {
        (str(stage.arm), row.case): _grounds(row) for stage in planned.all(DetectClaims) for row in stage.rows(store)
    }


def _grounds(row: DetectedAnswer) -> Grounds | Unscored:
    if row.reason is not None:
        return Unscored(row.reason)
    flags = [support >= SUPPORTED for support in row.support]
    return Grounds(sum(flags) / len(flags) if flags else None, not all(flags))
