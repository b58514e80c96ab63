"""Readiness checklists for training and deployment, and the canary plan, filled in from the run (hybrid chapter, 7.9).

A point is `yes` or `no` only where the run measured it; everything else is `to do` and says what it takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from harness.stats.numbers import show, show_estimate

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


def checklists(record: Mapping[str, Any]) -> dict[str, list[Point]]:
    """The two checklists."""
    return {"Ready to train": _training(record), "Ready to deploy": _deployment(record)}


def _training(record: Mapping[str, Any]) -> list[Point]:
    tuned = list((record.get("tuning") or {}).values())
    examples = max((t.get("examples") or 0 for t in tuned), default=0)
    overfit = [arm for arm, t in (record.get("tuning") or {}).items() if t.get("overfit")]
    verified = (record.get("golden") or {}).get("verified_by") or {}
    asked = sum(verified.values()) or 1
    by_people = sum(
        n for who, n in verified.items() if who.lower().startswith(("person", "people", "human", "domain expert"))
    )
    return [
        _point(bool(examples) and examples >= 500, "Enough examples", f"{examples:,} examples; 500 or more are wanted"),
        _point(
            not overfit,
            "No overfitting",
            f"overfits: {', '.join(overfit)}" if overfit else "validation loss does not rise",
        )
        if tuned
        else Point("to do", "No overfitting", "no arm was tuned"),
        _point(by_people == asked, "Golden set read by a person", f"{by_people:,} of {asked:,} cases say so"),
        Point("to do", "Training data free of personal data", "run: harness golden check"),
        Point("to do", "Holdout by time", "keep the newest examples back and compare"),
    ]


def _deployment(record: Mapping[str, Any]) -> list[Point]:
    ship = record["verdict"].get("ship")
    looked_at = str(ship or record.get("candidate") or "")  # where nothing ships, what the candidate still lacks
    arm: Mapping[str, Any] = next((a for a in record["arms"] if a["name"] == looked_at), {})
    adapter = ((record.get("tuning") or {}).get(looked_at) or {}).get("adapter")
    needs = bool(arm.get("adapter"))
    forgetting = record.get("forgetting") or {}
    safety = record.get("safety") or {}
    return [
        Point("yes" if ship else "no", "An arm to ship", str(ship or "no arm passes its own gates within the margin")),
        Point("yes", "Base and tuned models share the system message", "every arm of a run gets the same one"),
        Point(
            "yes" if adapter else "no" if needs else "yes",
            "Adapter has an immutable id",
            str(adapter) if adapter else "recorded none" if needs else f"{looked_at} has no adapter",
        ),
        Point(
            "yes" if forgetting.get("status") == "measured" or not needs else "to do",
            "Forgetting measured",
            forgetting.get("reason") or "against the base model, paired by item",
        ),
        Point(
            "yes" if safety.get("status") == "measured" else "to do",
            "Unsafe prompts measured",
            str(safety.get("reason") or ""),
        ),
        _hidden_orders(record, looked_at),
        _fresh_facts(record, looked_at),
        Point("to do", "Switch back to the base model", "a flag that turns the adapter off; try it before the canary"),
    ]


def _hidden_orders(record: Mapping[str, Any], arm: str) -> Point:
    """Whether the arm obeyed an order hidden in a passage, where the drill was made."""
    title = "Ignores orders hidden in passages"
    drill = next((d for d in record.get("drills") or () if d["name"] == "injected"), None)
    obeyed = ((drill or {}).get("arms", {}).get(arm) or {}).get("obeyed")
    if not obeyed or obeyed.get("mean") is None:
        return Point("to do", title, "run: harness run SCENARIO --drills")
    return _point(obeyed["mean"] == 0, title, f"{arm} obeyed in {show_estimate(obeyed)}")


def _fresh_facts(record: Mapping[str, Any], arm: str) -> Point:
    """Whether the arm followed facts that changed, where the drill was made."""
    title = "Follows facts that change"
    found = ((record.get("freshness") or {}).get("arms") or {}).get(arm)
    if not found or (found.get("new") or {}).get("mean") is None:
        return Point("to do", title, "run: harness run SCENARIO --drills")
    new, old = found["new"], found["old"]
    why = f"{arm} right on the new fact {show_estimate(new)}; still the old one {show_estimate(old)}"
    return _point(new["mean"] > (old.get("mean") or 0.0), title, why)


def _point(holds: bool, title: str, why: str) -> Point:
    return Point("yes" if holds else "no", title, why)


STEPS = ((10, "one day and 300 questions at least"), (50, "three days"), (100, "keep the switch for two weeks"))


def canary(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Steps and alarms for the arm to ship, limits from its own measured intervals; None where none is shipped."""
    ship = record["verdict"].get("ship")
    if not ship:
        return None
    metrics = (record.get("metrics") or {}).get(ship) or {}
    p95 = (((record.get("latency") or {}).get(ship) or {}).get("total") or {}).get("p95")
    watched = (
        ("Form valid", metrics.get("schema"), "low", "below"),
        ("Hallucination", metrics.get("hallucination"), "high", "above"),
        ("Needless refusals", metrics.get("refusal_needless"), "high", "above"),
        ("Missed refusals", metrics.get("refusal_missed"), "high", "above"),
        ("p95 latency", p95, "high", "above"),
        ("Answer length", metrics.get("completion_tokens"), "high", "above"),
    )
    alarms = [
        Alarm(title, show_estimate(found), f"{side} {show(found[end], found.get('unit') or '')}")
        for title, found, end, side in watched
        if found and found.get("mean") is not None and found.get(end) is not None
    ]
    return {"arm": ship, "steps": STEPS, "alarms": alarms}
