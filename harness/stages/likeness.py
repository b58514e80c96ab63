"""How near an arm's answers are in meaning to references that are sentences, by the scenario's own embedder.

Planned only where a golden case has such a reference, so that no other run loads an embedder for it. Every text is
embedded once, in one batch; an embedder that cannot be had is the reason why there is no value, and ends no run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import Store, code_key
from harness.errors import HarnessError
from harness.files.hashing import content_hash
from harness.metrics.similarity import has_similarity
from harness.record.codec import read_rows, write_rows
from harness.retrieval.embed import weights_key
from harness.stages.answer import Generate
from harness.structured import without_marks
from harness.types import Unscored

if TYPE_CHECKING:
    from harness.retrieval.embed import LocalEmbedder

SECONDS_PER_TEXT = 0.006  # on one core of 2026, with the built-in embedder
FILE = "likeness.jsonl"

Likenesses = Mapping[tuple[str, str], "float | Unscored"]  # (arm, case id) -> value, or why there is none


@dataclass(frozen=True, slots=True)
class AnswerLikeness:
    """One answer beside its references."""

    case: str
    value: float | None  # cosine to the nearest, from 0 to 1
    reason: str | None = None  # why there is none


@dataclass(frozen=True, slots=True)
class LikenessMeasured:
    answers: int
    reason: str | None = None  # why none was embedded


@dataclass(frozen=True, kw_only=True)
class MeasureLikeness(Stage[LikenessMeasured]):
    """Embed one arm's answers and their references."""

    name = "likeness"
    result = LikenessMeasured

    generate: Generate  # the stage that answered
    embedder: str
    references: tuple[tuple[str, tuple[str, ...]], ...]  # case id, its accepted answers: sentences

    def size(self) -> str:
        return f"{len(self.references)} answers beside reference sentences"

    def seconds(self) -> float:
        return SECONDS_PER_TEXT * 2 * len(self.references)

    def work(self, store: Store, progress: Progress) -> LikenessMeasured:
        from harness.retrieval.embed import load_embedder

        progress(self.label, 0, 1)
        texts, references = self._texts(store), dict(self.references)
        try:
            rows = nearest(texts, references, load_embedder(self.embedder)) if texts else []
            outcome = LikenessMeasured(len(rows))
        except HarnessError as error:
            reason = f"the embedder {self.embedder} cannot be had: {error}"
            rows, outcome = [AnswerLikeness(id, None, reason) for id in texts], LikenessMeasured(0, reason)
        write_rows(store.folder(self) / FILE, rows)
        progress(self.label, 1, 1)
        return outcome

    def is_whole(self, result: LikenessMeasured) -> bool:
        return result.reason is None

    def _texts(self, store: Store) -> dict[str, str]:
        """Case id -> the answer as it is read; refusals and errors have none."""
        cases = dict(self.references)
        answers = {t.case_id: t.answer for t in self.generate.traces(store) if not t.probe and t.case_id in cases}
        return {id: without_marks(a.text) for id, a in answers.items() if a is not None and not a.refused}

    def rows(self, store: Store) -> list[AnswerLikeness]:
        """What a finished stage measured."""
        return read_rows(store.folder(self) / FILE, AnswerLikeness)


def nearest(
    texts: Mapping[str, str], references: Mapping[str, Sequence[str]], embedder: LocalEmbedder
) -> list[AnswerLikeness]:
    """The cosine of every text to the nearest of its references; what the embedder would cut has none."""
    every = list(dict.fromkeys([*texts.values(), *(text for id in texts for text in references[id])]))
    long = {text for text, count in zip(every, embedder.counts(every), strict=True) if count + 2 > embedder.window}
    vectors = dict(zip(every, embedder.embed(every), strict=True))
    rows = []
    for id, text in texts.items():
        own = references[id]
        if not text.strip():
            rows.append(AnswerLikeness(id, None, "the answer has no words"))
        elif long & {text, *own}:
            rows.append(AnswerLikeness(id, None, f"longer than the {embedder.window} tokens that the embedder reads"))
        else:
            cosine = max(float(vectors[text] @ vectors[reference]) for reference in own)
            rows.append(AnswerLikeness(id, min(1.0, max(0.0, cosine))))
    return rows


def likeness_steps(inputs: Inputs, planned: Planned) -> Iterable[MeasureLikeness]:
    """The likeness of every arm's answers, where the golden set has references that are sentences."""
    references = {case.id: case.accept for case in inputs.cases if has_similarity(case)}
    embedder = inputs.scenario.models.embedder
    for generate in planned.all(Generate):
        own = tuple((r.id, tuple(references[r.id])) for r in generate.golden if r.id in references)
        if own:
            code = code_key("stages/likeness", "references", "structured")
            yield MeasureLikeness(
                key=content_hash([generate.key, weights_key(embedder), own, code]),
                after=(generate.label,),
                arm=generate.to.name,
                generate=generate,
                embedder=embedder,
                references=own,
            )


def likenesses(planned: Planned, store: Store) -> Likenesses:
    """What the finished stages measured, by arm and case."""
    return {
        (str(stage.arm), row.case): Unscored(row.reason or "not measured") if row.value is None else row.value
        for stage in planned.all(MeasureLikeness)
        for row in stage.rows(store)
    }
