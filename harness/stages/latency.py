"""Latency apart from throughput: warm, one request at a time, caches off, adapters merged.

Arms are interleaved question by question, so that a machine that slows down slows every arm alike; each question is
asked `repeats` times and its median kept. One arm runs twice under two names: that A/A control shows the ratio that
this machine reports where there is none to find.

A server's failed tries and the waits that it asks for are not part of a latency. A question that some arm could not
answer is left out for every arm, and counted.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from harness.arms import BuiltArm
from harness.engine.inputs import Inputs, spread
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import Store, code_key
from harness.files.hashing import content_hash
from harness.record.codec import read_rows, write_rows
from harness.record.unanswered import ErrorSection, by_reason
from harness.scenario.settings import Scenario
from harness.stages.adapters import adapter_folder
from harness.stages.answer import Generate
from harness.stages.models import build_arm
from harness.stages.search import Search, search_of
from harness.types import Case, Failure, Reply

CONTROL = "again"  # suffix of the second run of the control arm
SECONDS_PER_REQUEST = 0.9  # on one core of 2026, with the built-in model
FILE = "latency.jsonl"


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds of one arm on one question: medians over the repeats."""

    arm: str
    question: int  # position in the list of questions
    retrieval: float  # L_r: query normalisation to passages
    generation: float  # L_g: rendering, prefill, decoding, validation
    first_token: float | None  # from the start of generation, where the generator can tell
    total: float  # L_r + L_g


@dataclass(frozen=True, slots=True)
class LatencyMeasured:
    questions: int  # measured
    failed: int = 0  # left out: an arm did not answer them
    errors: tuple[ErrorSection, ...] = ()  # why, by reason


@dataclass(frozen=True, kw_only=True)
class MeasureLatency(Stage[LatencyMeasured]):
    """Ask every arm that could be shipped the same questions, one at a time."""

    name = "latency"
    result = LatencyMeasured
    alone = True

    scenario: Scenario
    searches: Mapping[str, Search]  # arm that retrieves -> its own; none where no arm does
    arms: tuple[Generate, ...]  # the stages that answered for them
    questions: tuple[str, ...]

    def size(self) -> str:
        return f"{self._requests} requests, one at a time"

    def seconds(self) -> float:
        return SECONDS_PER_REQUEST * self._requests * max(stage.scale for stage in self.arms)

    @property
    def _requests(self) -> int:
        return len(self.questions) * self.scenario.latency.repeats * (len(self.arms) + 1)

    def work(self, store: Store, progress: Progress) -> LatencyMeasured:
        rankings = {search.scenario.retrieval.reranker: search for search in self.searches.values()}
        retrievers = {kind: search.retriever(store, remembers=False) for kind, search in rankings.items()}
        live = {name: retrievers[search.scenario.retrieval.reranker] for name, search in self.searches.items()}
        arms = {
            stage.to.name: build_arm(
                self.scenario, stage.to, live.get(stage.to.name), adapter_folder(store, stage.adapter), stage.shots
            )
            for stage in self.arms
        }
        control = "rag" if "rag" in arms else next(iter(arms))
        rounds = {**arms, f"{control} {CONTROL}": arms[control]}
        rows, errors = measure_latency(rounds, self.questions, self.scenario.latency.repeats, progress)
        write_rows(store.folder(self) / FILE, rows)
        count = len({row.question for row in rows})
        return LatencyMeasured(count, len(self.questions) - count, errors)

    def rows(self, store: Store) -> list[Latency]:
        """The rows that a finished stage measured."""
        return read_rows(store.folder(self) / FILE, Latency)


def measure_latency(
    arms: Mapping[str, BuiltArm], questions: Sequence[str], repeats: int, progress: Progress | None = None
) -> tuple[list[Latency], tuple[ErrorSection, ...]]:
    """Ask every arm every question, one at a time, `repeats` times; the first question is asked once more to warm up.

    Beside the latencies: why questions are left out, by the reason of the first arm that did not answer them.

    Args:
        arms: name -> arm; the control arm stands in it twice under two names.
        questions: in order; every arm gets the same ones.
        repeats: of each question, one after the other over all arms.
    """
    for arm in arms.values():
        _ask(arm, questions[0])
    medians: list[Latency] = []
    errors: list[tuple[str, str]] = []
    for position, question in enumerate(questions):
        samples: dict[str, list[Latency]] = {name: [] for name in arms}
        reasons: list[str] = []
        for _ in range(repeats):
            for name, arm in arms.items():
                sample = _time_one(arm, name, position, question)
                if isinstance(sample, Latency):
                    samples[name].append(sample)
                else:
                    reasons.append(f"{name}: {sample.reason}")
        if all(samples.values()):
            medians += [_median(rows) for rows in samples.values()]
        else:
            errors.append((str(position + 1), reasons[0]))
        if progress is not None:
            progress("latency", position + 1, len(questions))
    return medians, by_reason(errors)


def _time_one(arm: BuiltArm, name: str, position: int, question: str) -> Latency | Failure:
    retrieval, generation, reply = _ask(arm, question)
    if isinstance(reply, Failure):
        return reply
    return Latency(name, position, retrieval, generation, reply.first_token_seconds, retrieval + generation)


def _ask(arm: BuiltArm, question: str) -> tuple[float, float, Reply]:
    start = time.perf_counter()
    retrieved = arm.retriever.retrieve([question]) if arm.retriever else None
    middle = time.perf_counter()
    prepared = arm.fit(question, retrieved[0].hits if retrieved else ())
    reply = arm.generator.generate([prepared.prompt], arm.decoding)[0]
    if isinstance(reply, Failure):
        return middle - start, 0.0, reply
    arm.read(prepared, reply)
    return middle - start, time.perf_counter() - middle - reply.waited, reply


def _median(rows: Sequence[Latency]) -> Latency:
    first = [row.first_token for row in rows if row.first_token is not None]
    return Latency(
        rows[0].arm,
        rows[0].question,
        median(row.retrieval for row in rows),
        median(row.generation for row in rows),
        median(first) if len(first) == len(rows) else None,
        median(row.total for row in rows),
    )


def latency_cases(inputs: Inputs) -> list[Case]:
    """The test cases whose latency is measured: spread evenly over the golden set, so that every kind is among them."""
    return spread(inputs.test_cases, inputs.scenario.latency.questions)


def latency_steps(inputs: Inputs, planned: Planned) -> Iterable[MeasureLatency]:
    """The latency of every arm that could be shipped, where the scenario asks any question for it."""
    questions = tuple(case.question for case in latency_cases(inputs))
    answers = planned.all(Generate)
    shipped = tuple(stage for stage in answers if not stage.to.oracle and stage.to.file is None)
    if not questions or not shipped:
        return
    code = code_key("stages/latency", "stages/models", "stages/search", "generation", "retrieval", "language")
    every = ((stage.to, search_of(inputs, planned, stage.to)) for stage in shipped if stage.to.retriever)
    searches = {arm.name: search for arm, search in every if search is not None}
    read = [[stage.key for stage in shipped], questions, inputs.scenario.latency.repeats]
    yield MeasureLatency(
        key=content_hash([read, code]),
        after=tuple(stage.label for stage in planned),
        scenario=inputs.scenario,
        searches=searches,
        arms=shipped,
        questions=questions,
        reads=tuple(
            dict.fromkeys(
                (
                    *inputs.scenario.read(inputs.scenario.corpus, *inputs.scenario.extensions),
                    *(file for stage in shipped for file in stage.reads),
                )
            )
        ),
    )
