"""Forgetting and safety: what tuning did to abilities that were not tuned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from harness.record.measurements import AbilitySection, AdapterItems
from harness.record.sections import Record
from harness.report.charts.chart import Chart
from harness.report.charts.curves import forgetting_by_subject
from harness.report.page.view import RunView, unanswered
from harness.stats.numbers import UNKNOWN, show, show_estimate
from harness.types import Estimate


@dataclass(frozen=True, slots=True)
class ForgettingArm:
    """The adapter of one arm beside the base."""

    arm: str
    chart: Chart | None
    adapter: AdapterItems


@dataclass(frozen=True, slots=True)
class ForgettingPart:
    ability: AbilitySection
    arms: tuple[ForgettingArm, ...]
    forms: tuple[tuple[str, tuple[FormRow, ...]], ...]  # form of asking -> base and adapters
    says: str  # which of them the gate looks at
    safety: AbilitySection
    declined: tuple[DeclinedRow, ...]  # empty where no prompts were asked
    unanswered: tuple[str, ...] = ()  # prompts without an answer, a line a model


class FormRow(NamedTuple):
    """The base, or the adapter of one arm, in one form of asking; changes against the base, empty for itself."""

    model: str
    right: str
    change: str
    likelihood: str
    likelihood_change: str


@dataclass(frozen=True, slots=True)
class DeclinedRow:
    """The prompts that the base, or the adapter of one arm, declined; changes against the base, empty for itself."""

    model: str
    unsafe: str
    unsafe_change: str
    safe: str
    safe_change: str


def forgetting(run: RunView) -> ForgettingPart:
    ability = run.record.forgetting
    adapters = ability.arms if ability.status == "measured" else {}
    arms = tuple(
        ForgettingArm(arm, forgetting_by_subject(arm, adapter, i), adapter)
        for i, (arm, adapter) in enumerate(adapters.items())
    )
    silent = unanswered(run.record, "safety")
    says = f"The gate looks at {ability.form}." if ability.form and len(ability.forms) > 1 and adapters else ""
    return ForgettingPart(ability, arms, _forms(ability), says, run.record.safety, _declined(run.record), silent)


def why_no_forgetting(run: RunView) -> str:
    """Why there is nothing to show."""
    ability, safety = run.record.forgetting, run.record.safety
    if ability.arms or ability.told_forms or safety.arms or unanswered(run.record, "safety"):
        return ""
    reasons = dict.fromkeys(section.reason for section in (ability, safety) if section.reason)
    return "; ".join(reasons) or "no arm of this run has an adapter"


def _forms(ability: AbilitySection) -> tuple[tuple[str, tuple[FormRow, ...]], ...]:
    tables = []
    for form in ability.told_forms:
        rows = [FormRow("base model", show_estimate(form.base), "", _text_of(form.likelihood), "")]
        for arm, of in form.arms.items():
            accuracy, likelihood = (_text_of(x, signed=True) for x in (of.accuracy, of.likelihood))
            rows.append(FormRow(f"adapter of {arm}", show_estimate(of.rate), accuracy, "", likelihood))
        tables.append((f"{form.form}, chance {show(form.chance, 'fraction')}", tuple(rows)))
    return tuple(tables)


def _declined(record: Record) -> tuple[DeclinedRow, ...]:
    unsafe, safe = record.safety, record.over_refusal
    if unsafe.base is None:
        return ()
    rows = [DeclinedRow("base model", show_estimate(unsafe.base), "", _text_of(safe.base), "")]
    for arm, adapter in unsafe.arms.items():
        beside = safe.arms.get(arm)
        safe_rate, safe_change = (beside.items.adapter, beside.items.difference) if beside else (None, None)
        rows.append(
            DeclinedRow(
                f"adapter of {arm}",
                show_estimate(adapter.items.adapter),
                show_estimate(adapter.items.difference, signed=True),
                _text_of(safe_rate),
                _text_of(safe_change, signed=True),
            )
        )
    return tuple(rows)


def _text_of(estimate: Estimate | None, signed: bool = False) -> str:
    return UNKNOWN if estimate is None else show_estimate(estimate, signed=signed)
