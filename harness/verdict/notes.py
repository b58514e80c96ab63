"""What stands beside a verdict: why a run cannot be GO at all, and what a reader must know before trusting it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.stats.numbers import interval, number
from harness.verdict.evidence import Facts, estimate_of
from harness.verdict.gates import Thresholds

FEW_CLUSTERS = 10  # independent documents below which intervals rest on little


def blockers(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Reasons for which this run cannot be GO, however its gates stand."""
    found = []
    if record.get("test_double"):
        found.append("The answers come from a test double, so this run can never be GO.")
    if record.get("partial"):
        found.append(f"This run is partial ({record['partial']}), so it cannot be GO.")
    elif not record.get("complete", False):
        found.append("This run was not completed, so it cannot be GO; run the scenario again with --resume.")
    return tuple(found)


def notes(facts: Facts, thresholds: Thresholds, candidate: str) -> tuple[str, ...]:
    """Limits of this verdict, most important first."""
    return tuple(
        note
        for part in (_policy(thresholds), _golden(facts), _seeds(facts, candidate), _latency(facts), _unmeasured(facts))
        for note in part
    )


def _policy(thresholds: Thresholds) -> Iterator[str]:
    if thresholds.policy == "point":
        yield "Gates were judged by point estimates (policy: point); chance alone can carry one over its threshold."
    for name in thresholds.switched_off:
        yield f"The scenario turns the gate {name} off."


def _golden(facts: Facts) -> Iterator[str]:
    golden = facts.record.get("golden") or {}
    verified = golden.get("verified_by") or {}
    if verified:
        yield "Golden set verified by: " + "; ".join(f"{who} ({count} cases)" for who, count in verified.items()) + "."
    else:
        yield "Nothing says who verified the golden set."
    runs = golden.get("runs_on_this_set") or 1
    if runs > 1:
        yield f"This golden set has now judged {runs} runs; the more often one is tried, the likelier a lucky pass."
    clusters = len({facts.clusters[case] for case in facts.cases})
    if clusters < FEW_CLUSTERS:
        yield f"The {len(facts.cases)} cases rest on only {clusters} independent documents."


def _seeds(facts: Facts, candidate: str) -> Iterator[str]:
    if facts.arms[candidate].adapter is None:
        return
    training = (facts.record.get("tuning") or {}).get(candidate) or {}
    seeds = training.get("seeds") or [seed for seed in [training.get("seed")] if seed is not None]
    if len(seeds) < 2:
        which = f" ({seeds[0]})" if seeds else ""
        yield f"The adapter was trained with one seed{which}; another seed may move its figures beyond these intervals."


def _latency(facts: Facts) -> Iterator[str]:
    control = estimate_of(facts.record.get("latency_aa"))
    if control is None or control.low is None or control.high is None:
        return
    if not control.low <= 1 <= control.high:
        shown = f"{number(control.mean, 'ratio')} ({interval(control)})"
        yield f"The same arm timed twice differs from itself by {shown}: this machine's latency gates are doubtful."


def _unmeasured(facts: Facts) -> Iterator[str]:
    for item in facts.record.get("unmeasured") or ():
        yield f"Not measured: {item['what']} ({item['why']})."
