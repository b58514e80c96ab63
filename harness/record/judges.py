"""The judge of a run in record.json: what it is, what it was asked, and what of it could not be had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DOUBLE = "test double"  # what the name of every scripted judge begins with


@dataclass(frozen=True, slots=True)
class JudgedMetric:
    """One metric over all arms."""

    answers: int  # that were to be judged
    scored: int  # of them, with a value
    disagree: int  # of them, of which repeated judgements differ
    failures: Mapping[str, int]  # judgements that could not be had, by kind (harness.judges.judge.FAILURES)


@dataclass(frozen=True, slots=True)
class JudgeSection:
    model: str  # as the scenario names it
    served: tuple[str, ...]  # what the server called its model
    kin: str | None  # why it may favour what it judges; None: nothing in the names says so
    temperature: float
    repeats: int  # judgements of each answer
    asked: int  # questions that reached it in this run
    kept: int  # replies that were kept from before
    prompt_tokens: int  # of all replies, kept ones included
    completion_tokens: int
    estimated: int  # replies whose tokens the server did not count
    cost: float | None  # of all replies, in the unit of the prices; None without prices
    again: int  # judgements that the next run asks for again
    metrics: Mapping[str, JudgedMetric]

    @property
    def test_double(self) -> bool:
        """Whether replies were scripted: such a run is never GO."""
        return any(name.casefold().startswith(DOUBLE) for name in (self.model, *self.served))

    @property
    def failed(self) -> int:
        """Judgements that could not be had."""
        return sum(sum(metric.failures.values()) for metric in self.metrics.values())

    @property
    def judgements(self) -> int:
        return self.repeats * sum(metric.answers for metric in self.metrics.values())

    @property
    def says(self) -> str:
        """What became of it, in a line: `1,200 judgements, 84 not had (unparsable 80, timeout 4); ...`."""
        kinds: dict[str, int] = {}
        for metric in self.metrics.values():
            for kind, count in metric.failures.items():
                kinds[kind] = kinds.get(kind, 0) + count
        words = ", ".join(f"{kind} {count:,}" for kind, count in sorted(kinds.items(), key=lambda pair: -pair[1]))
        failed = f", {self.failed:,} not had ({words})" if kinds else ", all of them had"
        disagree = sum(metric.disagree for metric in self.metrics.values())
        differ = f"; {disagree:,} answers are judged differently when asked again" if self.repeats > 1 else ""
        price = f", cost {self.cost:.2f}" if self.cost is not None else ""
        estimate = " (in part estimated)" if self.estimated else ""
        tokens = f"{self.prompt_tokens:,} + {self.completion_tokens:,} tokens{estimate}{price}"
        return f"{self.judgements:,} judgements{failed}{differ}; {self.asked:,} questions asked, {tokens}"
