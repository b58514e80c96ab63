"""One arm's answers to every golden question, and to the probes where its form is still open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from harness.arms import Arm, BuiltArm
from harness.engine.inputs import Inputs, Request
from harness.engine.known_servers import server_key
from harness.engine.planned import Planned
from harness.engine.probes import left_out
from harness.engine.progress import Progress
from harness.engine.stage import Shard, Stage
from harness.engine.store import StagePlace, Store, code_key, code_of
from harness.files.hashing import content_hash
from harness.generation.python_call import file_of, load_call
from harness.generation.reply_memory import ReplyMemory
from harness.golden.answers import load_answers
from harness.record.sections import AskedSection
from harness.record.unanswered import REASONS, ErrorSection, by_reason
from harness.retrieval.hits_store import load_retrieval
from harness.scenario.arm_entries import AdapterFolder, AnswersFile, PythonCall
from harness.scenario.settings import Scenario
from harness.stages.adapters import Place, adapter_content, adapter_folder, adapter_of
from harness.stages.answer_batches import (
    Answered,
    Answering,
    Batch,
    Share,
    answer_all,
    stored_batches,
    stored_traces,
    trimmed,
)
from harness.stages.gold import FindGold
from harness.stages.models import Shots, build_arm, scale_of, server_of
from harness.stages.retrieve import Retrieve, retrieve_of
from harness.types import Trace

SECONDS_PER_ANSWER = {True: 0.9, False: 0.4}  # with passages, without; on one core of 2026
SHARED_PROBES = 200  # from here on an arm's answers are shared out among the workers

AnswerGroup = Literal["golden", "probes"]


@dataclass(frozen=True, slots=True)
class Generated:
    """The counts of an arm's questions by what became of them."""

    answers: int
    probes: int  # among them
    trimmed: int  # passages that did not fit the prompts
    probes_left_out: str | None  # why it was asked no probe
    errors: tuple[ErrorSection, ...] = ()  # questions without an answer, by reason
    again: int = 0  # among them, that the next run asks again
    asked: AskedSection | None = None  # of an arm that asks a server
    earlier: int = 0  # answers of earlier runs: the same prompt to the same model


@dataclass(frozen=True, kw_only=True)
class Generate(Stage[Generated]):
    """The answers of one arm, batch by batch."""

    name = "generate"
    result = Generated

    scenario: Scenario
    to: Arm  # the arm that is asked
    requests: tuple[Request, ...]  # golden questions, then probes
    hits: StagePlace | None  # the stage that stored its passages, for an arm with a retriever
    adapter: Place | None  # the stage that trained its adapter, or the adapter's folder, for an arm with one
    scale: float  # size of the model beside the built-in one's
    shots: Shots  # worked examples, for an arm that is shown them
    own: str  # hash of everything that an answer depends on but the prompt and the adapter

    def size(self) -> str:
        return f"{len(self.golden)} cases and {len(self.probes)} probes"

    def seconds(self) -> float:
        return SECONDS_PER_ANSWER[self.to.retriever] * len(self.requests) * self.scale

    @property
    def golden(self) -> tuple[Request, ...]:
        return tuple(request for request in self.requests if not request.probe)

    @property
    def probes(self) -> tuple[Request, ...]:
        return tuple(request for request in self.requests if request.probe)

    def work(self, store: Store, progress: Progress) -> Generated:
        arm = self.build(store)
        place = self.answering(store)
        first = self.ask(self.golden, place, arm, progress)
        if self.left_out(first.traces) is None and self.probes:
            behind = replace(place, first=first.batches, before=len(self.golden))
            self.ask(self.probes, behind, arm, progress)
        return self.join(store)

    def shards(self, workers: int) -> Sequence[Shard]:
        """The golden questions shared out, and after them the probes, where these are many."""
        if workers == 1 or len(self.probes) < SHARED_PROBES:
            return ()
        golden = [AnswerShare(self, "golden", Share(i, workers)) for i in range(1, workers + 1)]
        waits = tuple(share.label for share in golden)
        return (*golden, *(AnswerShare(self, "probes", Share(i, workers), waits) for i in range(1, workers + 1)))

    def join(self, store: Store) -> Generated:
        traces, batches = self.traces(store), stored_batches(store.folder(self)).values()
        golden = [trace for trace in traces if not trace.probe]
        return Generated(
            answers=len(traces),
            probes=len(traces) - len(golden),
            trimmed=trimmed(traces),
            probes_left_out=self.left_out(golden),
            errors=errors_of(traces),
            again=sum(len(batch.again) for batch in batches),
            asked=asked_of(tuple(batches)) if server_of(self.scenario, self.to) is not None else None,
            earlier=sum(len(batch.earlier) for batch in batches),
        )

    def answering(self, store: Store) -> Answering:
        """The place of its answers, and those of earlier runs."""
        memory = reply_memory(store, self.to, self.own, self.adapter)
        return Answering(store.folder(self), self.label, len(self.requests), memory=memory)

    def is_whole(self, result: Generated) -> bool:
        return not result.again

    def traces(self, store: Store) -> list[Trace]:
        """The answers of a finished stage, in the order of the questions; without probes that were left out."""
        by_id = stored_traces(store.folder(self))
        return [by_id[r.id] for r in self.requests if not r.probe or r.id in by_id]

    def build(self, store: Store) -> BuiltArm:
        retriever = load_retrieval(store.folder(self.hits)) if self.hits is not None else None
        return build_arm(self.scenario, self.to, retriever, adapter_folder(store, self.adapter), self.shots)

    def ask(self, requests: Sequence[Request], place: Answering, arm: BuiltArm, progress: Progress) -> Answered:
        texts = [r.question if self.to.file is None else r.id for r in requests]  # a file is asked by the id
        return answer_all(place, arm, requests, arm.prepare(texts), progress)

    def left_out(self, golden: Sequence[Trace]) -> str | None:
        """Why the arm is not asked its probes; None where it is, or has none."""
        probes, candidate = len(self.probes), self.to.name == self.scenario.candidate
        return left_out(golden, probes, candidate) if probes else None


@dataclass(frozen=True, slots=True)
class AnswerShare:
    """A share of one arm's golden questions, or of its probes."""

    stage: Generate
    kind: AnswerGroup
    share: Share
    after: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.stage.label}, {self.kind} {self.share.number}"

    def seconds(self) -> float:
        requests = self.stage.golden if self.kind == "golden" else self.stage.probes
        return self.stage.seconds() * len(requests) / len(self.stage.requests) / self.share.of

    def work(self, store: Store, progress: Progress) -> None:
        stage, arm = self.stage, self.stage.build(store)
        whole = stage.answering(store)
        mine = replace(whole, label=self.label, share=self.share)
        if self.kind == "golden":
            stage.ask(stage.golden, mine, arm, progress)
            return
        first = stage.ask(stage.golden, whole, arm, progress)  # other shares' answers, read from the disk
        if stage.left_out(first.traces) is None:
            stage.ask(stage.probes, replace(mine, first=first.batches), arm, progress)


def errors_of(traces: Iterable[Trace]) -> tuple[ErrorSection, ...]:
    """The errors among some traces by reason, the commonest first."""
    return by_reason((trace.case_id, trace.error) for trace in traces if trace.error is not None)


def asked_of(batches: Sequence[Batch]) -> AskedSection | None:
    """When a server answered these batches, and what it called its model; None where it answered none."""
    times = sorted(time for batch in batches for time in (batch.oldest, batch.asked) if time)
    if not times:
        return None
    served = sorted({name for batch in batches for name in batch.served})
    return AskedSection(times[0], times[-1], tuple(served[:REASONS]), sum(len(batch.estimated) for batch in batches))


def generate_steps(inputs: Inputs, planned: Planned) -> Iterable[Generate]:
    """The answers of every arm."""
    for arm in inputs.arms:
        lookup = planned.one(FindGold) if arm.oracle else retrieve_of(planned, arm, Retrieve)
        hits, adapter = lookup if arm.retriever else None, adapter_of(planned, arm)
        requests = _requests(inputs, arm)
        keys = [*([hits.key] if hits else []), *([adapter.key] if adapter else [])]
        own = _own(inputs, arm)
        yield Generate(
            key=_key(inputs, arm, requests, [own, *keys]),
            after=(*([hits.label] if hits else []), *(adapter.after if adapter else ())),
            arm=arm.name,
            scenario=inputs.scenario,
            to=arm,
            requests=requests,
            hits=hits.place if hits else None,
            adapter=adapter.place if adapter else None,
            scale=scale_of(inputs),
            shots=inputs.shots if arm.few_shot else (),
            own=own,
            reads=inputs.scenario.read(*_files(inputs, arm)),
        )


def _requests(inputs: Inputs, arm: Arm) -> tuple[Request, ...]:
    """The requests to an arm; a file of answers is asked the probes that it answers."""
    every = inputs.requests_to(arm)
    if arm.file is None:
        return every
    answers = load_answers(arm.file.file)
    return tuple(request for request in every if not request.probe or request.id in answers)


def _files(inputs: Inputs, arm: Arm) -> tuple[Path | None, ...]:
    """The files that answer for an arm."""
    match arm.source:
        case AnswersFile(path) | AdapterFolder(path):
            return (path,)
        case PythonCall():
            return (file_of(arm.source),)
    return inputs.scenario.extensions if arm.answers is not None else ()


def own_key(inputs: Inputs, arm: Arm) -> object:
    """Identity of what answers for an arm, its adapter apart."""
    if arm.answers is not None:
        return code_of(arm.answers)
    if isinstance(arm.source, AnswersFile):
        return inputs.scenario.hash_of(arm.source.file)
    if isinstance(arm.source, PythonCall):
        return code_of(load_call(arm.source))
    server = server_of(inputs.scenario, arm)
    if arm.source is not None and server is not None:
        return [arm.source, server_key(server, inputs.asked_since)]
    return [inputs.model_key, inputs.scenario.models.precision]


def _key(inputs: Inputs, arm: Arm, requests: Sequence[Request], needs: Sequence[str]) -> str:
    questions = [request.question if arm.file is None else [request.id, request.question] for request in requests]
    whole = bool(inputs.probes) and arm.name == inputs.scenario.candidate  # whose probes are never left out
    parts = [arm.retriever, arm.oracle, needs, questions, whole, code_key("engine/probes", "stages/answer")]
    return content_hash(parts)


def _own(inputs: Inputs, arm: Arm) -> str:
    s = inputs.scenario
    few_shot = s.hash_of(s.answer.few_shot) if arm.few_shot and s.answer.few_shot else None
    read_by = ("golden/answers", "structured", "refusals", "language", "scenario/answer_schema")
    code = code_key("generation", "prompts", "arms", *read_by, "stages/answer_batches")
    how = [arm.name, arm.adapter, arm.few_shot, arm.constrained, arm.lean, s.tuning.quantization]
    return content_hash([how, own_key(inputs, arm), s.answer, few_shot, code])


def reply_memory(store: Store, arm: Arm, own: str, adapter: Place | None) -> ReplyMemory | None:
    """The replies of an arm in earlier runs; None for what answers by itself: its earlier answers say nothing."""
    if arm.by_itself:
        return None
    return ReplyMemory(store.root / "replies" / (adapter_content(store, adapter, own) or own))
