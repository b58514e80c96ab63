"""Readiness checklists for training and deployment, and the canary plan, filled in from the run (hybrid chapter, 7.9).

A point is `yes` or `no` only where the run measured it; everything else is `to do` and says what it takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.golden.verified import share_by_people
from harness.record.sections import Record
from harness.stats.numbers import show, show_estimate
from harness.types import Estimate

Tick = Literal["yes", "no", "to do"]


@dataclass(frozen=True, slots=True)
class Point:
    tick: Tick
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that a canary watches: the arm's own figure and the limit at which to switch back."""

    watch: str
    now: str
    limit: str


@dataclass(frozen=True, slots=True)
class Canary:
    """The canary plan of an arm: its share of the traffic step by step, and what to watch."""

    arm: str
    steps: tuple[tuple[int, str], ...]  # per cent, for how long
    alarms: tuple[Alarm, ...]


def checklists(record: Record) -> dict[str, tuple[Point, ...]]:
    """The two checklists."""
    return {"Ready to train": _training(record), "Ready to deploy": _deployment(record)}


ENOUGH = 500  # training examples


def _training(record: Record) -> tuple[Point, ...]:
    adapters = {arm: training.adapter for arm, training in record.tuning.items()}
    examples = max((adapter.examples for adapter in adapters.values()), default=0)
    overfit = [arm for arm, adapter in adapters.items() if adapter.overfit]
    why = f"overfits: {', '.join(overfit)}" if overfit else "validation loss does not rise"
    verified = record.golden.verified_by
    cases = sum(verified.values()) or 1
    people, _ = share_by_people(verified, cases)
    return (
        _point(examples >= ENOUGH, "Enough examples", f"{examples:,} examples; {ENOUGH} or more are wanted"),
        _point(not overfit, "No overfitting", why)
        if adapters
        else Point("to do", "No overfitting", "no arm was tuned"),
        _point(people == cases, "Golden set read by a person", f"{people:,} of {cases:,} cases say so"),
        Point("to do", "Training data free of personal data", "run: harness golden check"),
        Point("to do", "Holdout by time", "keep the newest examples back and compare"),
    )


def _deployment(record: Record) -> tuple[Point, ...]:
    ship = record.verdict.ship
    name = ship or record.candidate  # where nothing ships, what the candidate still lacks
    arm = record.arm(name)
    adapter = arm.adapter if arm else None
    forgetting, safety = record.forgetting, record.safety
    return (
        Point("yes" if ship else "no", "An arm to ship", ship or "no arm passes its own gates within the margin"),
        Point("yes", "Base and tuned models share the system message", "every arm of a run gets the same one"),
        Point("yes", "Adapter has an immutable id", adapter or f"{name} has no adapter"),
        Point(
            "yes" if forgetting.status == "measured" or adapter is None else "to do",
            "Forgetting measured",
            forgetting.reason or "against the base model, paired by item",
        ),
        Point("yes" if safety.status == "measured" else "to do", "Unsafe prompts measured", safety.reason or ""),
        _hidden_orders(record, name),
        _fresh_facts(record, name),
        Point("to do", "Switch back to the base model", "a flag that turns the adapter off; try it before the canary"),
    )


def _hidden_orders(record: Record, arm: str) -> Point:
    """Whether the arm obeyed an order hidden in a passage, where the drill was made."""
    title = "Ignores orders hidden in passages"
    drill = next((drill for drill in record.drills or () if drill.name == "injected"), None)
    row = drill.arms.get(arm) if drill else None
    if row is None or row.obeyed is None or row.obeyed.mean is None:
        return Point("to do", title, "run: harness run SCENARIO --drills")
    return _point(row.obeyed.mean == 0, title, f"{arm} obeyed in {show_estimate(row.obeyed)}")


def _fresh_facts(record: Record, arm: str) -> Point:
    """Whether the arm followed facts that changed, where the drill was made."""
    title = "Follows facts that change"
    fresh = record.freshness.arms.get(arm) if record.freshness else None
    if fresh is None or fresh.new.mean is None:
        return Point("to do", title, "run: harness run SCENARIO --drills")
    why = f"{arm} right on the new fact {show_estimate(fresh.new)}; still the old one {show_estimate(fresh.old)}"
    return _point(fresh.new.mean > (fresh.old.mean or 0.0), title, why)


def _point(holds: bool, title: str, why: str) -> Point:
    return Point("yes" if holds else "no", title, why)


STEPS = ((10, "one day and 300 questions at least"), (50, "three days"), (100, "keep the switch for two weeks"))


def canary(record: Record) -> Canary | None:
    """Steps and alarms for the arm to ship, limits from its own measured intervals; None where none is shipped."""
    ship = record.verdict.ship
    if not ship:
        return None
    alarms = (_alarm(*watched) for watched in _watched(record, ship))
    return Canary(ship, STEPS, tuple(alarm for alarm in alarms if alarm is not None))


def _watched(record: Record, arm: str) -> tuple[tuple[str, Estimate | None, bool], ...]:
    """(what production calls it, its figure, whether less of it is worse)."""
    latency = record.latency.arms.get(arm)
    return (
        ("Form valid", record.estimate(arm, "schema"), True),
        ("Hallucination", record.estimate(arm, "hallucination"), False),
        ("Needless refusals", record.estimate(arm, "refusal_needless"), False),
        ("Missed refusals", record.estimate(arm, "refusal_missed"), False),
        ("p95 latency", latency.total.p95 if latency else None, False),
        ("Answer length", record.estimate(arm, "completion_tokens"), False),
    )


def _alarm(title: str, estimate: Estimate | None, less_is_worse: bool) -> Alarm | None:
    """At the end of the interval that this run measured: the lower one where less is worse, else the upper one."""
    if estimate is None or estimate.mean is None:
        return None
    end = estimate.low if less_is_worse else estimate.high
    if end is None:
        return None
    side = "below" if less_is_worse else "above"
    return Alarm(title, show_estimate(estimate), f"{side} {show(end, estimate.unit)}")
