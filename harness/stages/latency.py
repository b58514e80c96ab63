"""Latency apart from throughput: warm, one request at a time, caches off, adapters merged.

Arms are interleaved question by question, so that a machine that slows down slows every arm alike; each question is
asked `repeats` times and its median kept. One arm runs twice under two names: that A/A control shows the ratio that
this machine reports where there is none to find.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from harness.arms import BuiltArm
from harness.types import Generation

CONTROL = "again"  # suffix of the second run of the control arm


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds of one arm on one question: medians over the repeats."""

    arm: str
    question: int  # position in the list of questions
    retrieval: float  # L_r: query normalisation to passages
    generation: float  # L_g: rendering, prefill, decoding, validation
    first_token: float | None  # from the start of generation, where the generator can tell
    total: float  # L_r + L_g


def measure_latency(
    arms: Mapping[str, BuiltArm], questions: Sequence[str], repeats: int, progress: object = None
) -> list[Latency]:
    """Ask every arm every question, one at a time, `repeats` times; the first question is asked once more to warm up.

    Args:
        arms: name -> arm; the control arm stands in it twice under two names.
        questions: in order; every arm gets the same ones.
        repeats: of each question, one after the other over all arms.
        progress: `(label, done, total)` callback or None.
    """
    for built in arms.values():
        _ask(built, questions[0])
    kept = []
    for position, question in enumerate(questions):
        samples: dict[str, list[Latency]] = {name: [] for name in arms}
        for _ in range(repeats):
            for name, built in arms.items():
                samples[name].append(_timed(built, name, position, question))
        kept += [_median(rows) for rows in samples.values()]
        if callable(progress):
            progress("latency", position + 1, len(questions))
    return kept


def _timed(built: BuiltArm, name: str, position: int, question: str) -> Latency:
    retrieval, generation, result = _ask(built, question)
    return Latency(name, position, retrieval, generation, result.first_token_seconds, retrieval + generation)


def _ask(built: BuiltArm, question: str) -> tuple[float, float, Generation]:
    start = time.perf_counter()
    retrieved = built.retriever.retrieve([question]) if built.retriever else None
    middle = time.perf_counter()
    prepared = built.fit(question, retrieved[0].hits if retrieved else ())
    generation = built.generator.generate([prepared.prompt], built.decoding)[0]
    built.read(prepared, generation)
    return middle - start, time.perf_counter() - middle, generation


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
