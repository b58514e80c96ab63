"""Readiness checklists for training and deployment, and the canary plan, filled in from the run (hybrid chapter, 7.9).

A point is `yes` or `no` only where the run measured it, `does not apply` where this run's arms leave nothing to do;
everything else is `to do` and says what it takes.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from harness.golden.verified import share_by_people
from harness.record.measurements import FEWEST_HELD_OUT, AbilitySection, AdapterSection, TuningSection
from harness.record.sections import Record
from harness.stats.numbers import show, show_count, show_estimate
from harness.types import Estimate

Tick = Literal["yes", "no", "to do", "does not apply"]


Adapters = Mapping[str, AdapterSection]  # arm ->
FROM_ELSEWHERE = "the adapter is from elsewhere: its training is not known here"


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
    unwatched: tuple[tuple[str, str], ...]  # what has no limit here, and why


def checklists(record: Record) -> dict[str, tuple[Point, ...]]:
    """The two checklists."""
    return {"Ready to train": _training(record), "Ready to deploy": _deployment(record)}


ENOUGH = 500  # training examples
APART = 2.0  # times that the share of refusals in training may differ from that of the golden set


def _training(record: Record) -> tuple[Point, ...]:
    ship = record.verdict.ship
    own = record.tuning.get(ship or "")
    trained = {ship: own} if ship and own else record.tuning
    adapters = {arm: training.adapter for arm, training in trained.items()}
    tuned = adapters or any(arm.adapter for arm in record.arms)
    people, cases = _read_by_people(record)
    return (
        _of_adapters(tuned, _enough_examples(adapters)),
        _of_adapters(tuned, _overfitting(adapters)),
        _of_adapters(tuned, _balanced_refusals(record, trained)),
        _point(people == cases, "Golden set read by a person", f"{people:,} of {cases:,} cases say so"),
        _of_adapters(tuned, Point("to do", "Training data free of personal data", _check(record))),
        _of_adapters(tuned, Point("to do", "Holdout by time", "keep the newest examples back and compare")),
    )


def _of_adapters(tuned: object, point: Point) -> Point:
    """A point about training, where an arm is tuned."""
    return point if tuned else Point("does not apply", point.title, "no arm of this run is tuned")


def _read_by_people(record: Record) -> tuple[int, int]:
    """(cases that a person verified, all)."""
    cases = sum(record.golden.verified_by.values())
    return share_by_people(record.golden.verified_by, cases)[0], max(cases, 1)


def _enough_examples(adapters: Adapters) -> Point:
    title = "Enough examples"
    if not adapters:
        return Point("to do", title, FROM_ELSEWHERE)
    arm = min(adapters, key=lambda name: adapters[name].examples)
    examples = adapters[arm].examples
    return _point(examples >= ENOUGH, title, f"{arm}: {show_count(examples, 'example')}; {ENOUGH} or more are wanted")


def _overfitting(adapters: Adapters) -> Point:
    title = "No overfitting"
    if not adapters:
        return Point("to do", title, FROM_ELSEWHERE)
    overfit = [arm for arm, adapter in adapters.items() if adapter.overfit]
    if overfit:
        return Point("no", title, f"overfits: {', '.join(overfit)}")
    if blind := [arm for arm, adapter in adapters.items() if not adapter.watched]:
        few = f"fewer than {FEWEST_HELD_OUT} examples of {', '.join(blind)} are held out; raise tuning.eval_share"
        return Point("to do", title, few)
    return Point("yes", title, "held-out loss does not rise")


def _balanced_refusals(record: Record, trained: Mapping[str, TuningSection]) -> Point:
    """Whether training refuses about as often as the golden set asks for it, in the arm that is farthest off."""
    title = "Refusals balanced in training"
    counts = ((arm, of.refusals, of.examples) for arm, of in trained.items())
    shares = {arm: refusals / examples for arm, refusals, examples in counts if examples and refusals is not None}
    if not shares:
        return Point("to do", title, "count the refusals among the examples")
    goal = _unanswerable_share(record)
    arm = max(shares, key=lambda name: abs(shares[name] - goal))
    text = f"{arm}: {show(shares[arm], 'fraction')} of its examples refuse"
    if not goal:
        return Point("to do", title, f"{text}; no golden question without an answer stands beside them")
    holds = goal / APART <= shares[arm] <= goal * APART
    return _point(holds, title, f"{text}, {show(goal, 'fraction')} of the golden questions have no answer")


def _unanswerable_share(record: Record) -> float:
    """Of the test questions, those that nothing in the corpus answers."""
    kinds = record.slices.get("kind", {})
    questions = {kind: max((of.n + of.unscored for of in arms.values()), default=0) for kind, arms in kinds.items()}
    return questions.get("unanswerable", 0) / max(sum(questions.values()), 1)


def _deployment(record: Record) -> tuple[Point, ...]:
    ship = record.verdict.ship
    name = ship or record.candidate  # where nothing ships, what the candidate still lacks
    arm = record.arm(name)
    adapter = arm.adapter if arm else None
    reads = arm is not None and arm.retriever
    return (
        Point("yes" if ship else "no", "An arm to ship", ship or "no arm passes its own gates within the margin"),
        _shared_message(record, name),
        Point("yes", "Adapter has an immutable id", adapter) if adapter
        else Point("does not apply", "Adapter has an immutable id", f"{name} has no adapter"),
        _ability("Forgetting measured", record, record.forgetting, name, "against the base model, paired by item"),
        _ability("Unsafe prompts measured", record, record.safety, name, "against the base model, paired by prompt"),
        _hidden_orders(record, name) if reads
        else Point("does not apply", "Ignores orders hidden in passages", f"{name} reads no passages"),
        _fresh_facts(record, name),
        _index_freshness(record, name) if reads
        else Point("does not apply", "Index kept fresh", f"{name} has no index"),
        Point("to do", "Caches emptied on change", f"key cached answers by {_cache_key(record, reads, adapter)}"),
        Point("to do", "Rollback tried", _rollback(reads, adapter)),
    )  # fmt: skip


def _shared_message(record: Record, name: str) -> Point:
    """Arms of ours all get the scenario's message; what a system of somebody's own is told is not known."""
    title, arm = "Base and tuned models share the system message", record.arm(name)
    if not any(row.adapter for row in record.arms):
        return Point("does not apply", title, "no arm of this run is tuned")
    if arm is not None and arm.source is not None and arm.base is None:
        return Point("does not apply", title, f"{name} answers by itself, with a message of its own")
    return Point("yes", title, "every arm of a run gets the same one")


def _ability(title: str, record: Record, section: AbilitySection, name: str, how: str) -> Point:
    """Whether an ability was measured on this arm; the base model has nothing to lose."""
    arm = record.arm(name)
    if name in section.arms:
        return Point("yes", title, how)
    if arm is not None and arm.adapter is None and arm.source is None:
        return Point("does not apply", title, f"{name} has no adapter: it is the base model")
    if section.status == "not applicable":
        return Point("does not apply", title, section.reason or "nothing of it applies to this run")
    return Point("to do", title, section.reason or f"it was not measured on {name}")


def _index_freshness(record: Record, name: str) -> Point:
    """Whether bringing the index up to date was tried and timed, where the drill was made."""
    title, fresh = "Index kept fresh", record.freshness
    row = fresh.arms.get(name) if fresh else None
    if fresh is None or row is None or row.update_seconds is None:
        return Point("to do", title, f"run: {_drills(record)}; then let harness refresh run on every change")
    took = f"{show(row.update_seconds, 'seconds')} after {show_count(fresh.documents, 'document')} changed"
    return Point("yes", title, f"brought up to date in {took}; let harness refresh run on every change")


def _cache_key(record: Record, reads: bool, adapter: str | None) -> str:
    """What an answer hangs on, so that a cache of answers must hang on it."""
    parts = [f"index {record.corpus.hash[:12]}"] if reads else []
    parts += [f"adapter {adapter}"] if adapter else []
    return ", ".join([*parts, f"system message {record.hashes.system[:12]}"])


def _rollback(reads: bool, adapter: str | None) -> str:
    ways = ["a flag that turns the adapter off"] if adapter else []
    ways += ["a snapshot of the index (harness index --snapshot)"] if reads else []
    return f"{' and '.join(ways) or 'the system that is in use now, kept running'}; try it before the canary"


def _hidden_orders(record: Record, arm: str) -> Point:
    """Whether the arm obeyed an order hidden in a passage, where the drill was made."""
    title = "Ignores orders hidden in passages"
    drill = next((drill for drill in record.drills or () if drill.name == "injected"), None)
    row = drill.arms.get(arm) if drill else None
    if row is None or row.obeyed is None or row.obeyed.mean is None:
        return Point("to do", title, f"run: {_drills(record)}")
    return _point(row.obeyed.mean == 0, title, f"{arm} obeyed in {show_estimate(row.obeyed)}")


def _fresh_facts(record: Record, arm: str) -> Point:
    """Whether the arm followed facts that changed, where the drill was made."""
    title = "Follows facts that change"
    fresh = record.freshness.arms.get(arm) if record.freshness else None
    if fresh is None or fresh.new.mean is None:
        return Point("to do", title, f"run: {_drills(record)}")
    why = f"{arm} right on the new fact {show_estimate(fresh.new)}; still the old one {show_estimate(fresh.old)}"
    return _point(fresh.new.mean > (fresh.old.mean or 0.0), title, why)


def _scenario(record: Record) -> str:
    return shlex.quote(record.scenario.dir)


def _check(record: Record) -> str:
    return f"run: harness golden check {_scenario(record)}"


def _drills(record: Record) -> str:
    return f"harness run {_scenario(record)} --drills"


def _point(holds: bool, title: str, why: str) -> Point:
    return Point("yes" if holds else "no", title, why)


STEPS = ((10, "one day and 300 questions at least"), (50, "three days"), (100, "keep the switch for two weeks"))


def canary(record: Record) -> Canary | None:
    """Steps and alarms for the arm to ship, limits from its own measured intervals; None where none is shipped."""
    ship = record.verdict.ship
    if not ship:
        return None
    watched = [(title, estimate, _alarm(title, estimate, less)) for title, estimate, less in _watched(record, ship)]
    alarms = tuple(alarm for *_, alarm in watched if alarm is not None)
    return Canary(ship, STEPS, alarms, tuple((title, _why(of)) for title, of, alarm in watched if alarm is None))


def _why(estimate: Estimate | None) -> str:
    return "not measured, or not applicable" if estimate is None or estimate.mean is None else "no interval"


def _watched(record: Record, arm: str) -> tuple[tuple[str, Estimate | None, bool], ...]:
    """(what production calls it, its figure, whether less of it is worse)."""
    latency, forms = record.latency.arms.get(arm), record.forms.get(arm)
    return (
        ("Form valid", forms.schema if forms else record.estimate(arm, "schema"), True),
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
