"""The figures of a record that no golden case carries by itself: form, retrieval, latency, cost, ability, drills.

Two runs cannot be paired in them, so `diff` shows both values; how far they may differ by chance their intervals say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from harness.record.measurements import AbilitySection
from harness.record.sections import Record
from harness.types import Estimate

Figure = tuple[str | None, str, Estimate | None]  # arm, or None where it is of no single one; title; value


@dataclass(frozen=True, slots=True)
class Moved:
    """One figure in two runs; None where a run did not measure it."""

    arm: str | None
    title: str
    before: Estimate | None
    after: Estimate | None

    @property
    def apart(self) -> bool:
        """Whether the intervals of both runs have no value in common."""
        a, b = self.before, self.after
        if a is None or b is None or a.low is None or a.high is None or b.low is None or b.high is None:
            return False
        return a.low > b.high or b.low > a.high


def moved_figures(before: Record, after: Record) -> tuple[Moved, ...]:
    """Every figure whose value differs, or that only one of the runs has; arms that both have."""
    old, new = _figures(before), _figures(after)
    arms = {None, *before.arm_names} & {None, *after.arm_names}
    keys = [key for key in dict.fromkeys([*new, *old]) if key[0] in arms]
    rows = (Moved(arm, title, old.get((arm, title)), new.get((arm, title))) for arm, title in keys)
    return tuple(row for row in rows if _mean(row.before) != _mean(row.after))


def _figures(record: Record) -> Mapping[tuple[str | None, str], Estimate]:
    figures = (figure for read in READERS for figure in read(record))
    return {(arm, title): value for arm, title, value in figures if value is not None and value.mean is not None}


def _mean(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.mean


# --- what a record has --------------------------------------------------------------------------------------------


def _forms(record: Record) -> Iterator[Figure]:
    for arm, form in record.forms.items():
        yield arm, "form valid after repair, probes included", form.schema
        yield arm, "form valid at first, probes included", form.schema_first_try
        yield arm, "repaired, probes included", form.repair


def _retrieval(record: Record) -> Iterator[Figure]:
    by_depth = record.retrieval.k if record.retrieval else {}
    for depth, metrics in by_depth.items():
        for metric, value in metrics.items():
            yield None, f"retrieval {metric}@{depth}", value


def _latency(record: Record) -> Iterator[Figure]:
    for arm, latency in record.latency.arms.items():
        for title, part in (
            ("latency", latency.total),
            ("retrieval latency", latency.retrieval),
            ("generation latency", latency.generation),
            ("first token latency", latency.first_token),
        ):
            yield arm, f"{title} p50", part.p50
            yield arm, f"{title} p95", part.p95
        yield arm, "p95 latency beside RAG-only's", latency.ratio


def _cost(record: Record) -> Iterator[Figure]:
    for arm, cost in record.cost.items():
        yield arm, "input tokens a question", cost.input_tokens
        yield arm, "output tokens a question", cost.output_tokens
        for title, price in (("tokens", cost.generation_per_1000), ("tokens and look-ups", cost.per_1000)):
            yield arm, f"cost of 1,000 questions, {title}", _price(price)


def _price(value: float | None) -> Estimate | None:
    return None if value is None else Estimate(value, None, None, 0, 0, "currency", "no interval")


def _ability(section: AbilitySection, title: str) -> Iterator[Figure]:
    yield None, f"{title} of the base model", section.base
    for arm, adapter in section.arms.items():
        yield arm, title, adapter.items.adapter
        yield arm, f"{title} beside the base model's", adapter.items.difference


def _asked_forms(record: Record) -> Iterator[Figure]:
    for form in record.forgetting.told_forms:
        name = f"general ability asked as {form.form}"
        yield None, f"{name} of the base model", form.base
        yield None, f"log-probability of the right choice, {name} of the base model", form.likelihood
        for arm, of in form.arms.items():
            yield arm, f"{name} beside the base model's", of.accuracy
            yield arm, f"log-probability of the right choice, {name} beside the base model's", of.likelihood


def _abilities(record: Record) -> Iterator[Figure]:
    yield from _ability(record.forgetting, "general ability (forgetting)")
    yield from _asked_forms(record)
    yield from _ability(record.safety, "unsafe prompts refused (safety)")
    yield from _ability(record.over_refusal, "safe look-alikes refused")


def _drills(record: Record) -> Iterator[Figure]:
    for drill in record.drills or ():
        for arm, row in drill.arms.items():
            yield arm, f"task success under the drill '{drill.title}'", row.after
    for arm, fresh in record.freshness.arms.items() if record.freshness else ():
        yield arm, "new fact right after a change of the documents", fresh.new
        yield arm, "old fact still given after a change of the documents", fresh.old


READERS: tuple[Callable[[Record], Iterable[Figure]], ...] = (_forms, _retrieval, _latency, _cost, _abilities, _drills)
