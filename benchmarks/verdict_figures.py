"""Figures of a made-up run under which every gate passes clearly: where the simulations of the verdict start."""

from __future__ import annotations

from dataclasses import replace

import harness.stats as stats
from harness.record.measurements import (
    AbilitySection,
    AdapterItems,
    ArmLatency,
    FormSection,
    LatencySection,
    PairedItems,
    Quantiles,
)
from harness.record.sections import ArmSection, Figures, GoldenSection
from harness.scenario.settings import Prices
from harness.types import Estimate
from tests.make import UNMEASURED

CANDIDATE, REFERENCE = "hybrid", "rag"
ARMS = tuple(
    ArmSection(name, name, retriever, few_shot=False, oracle=False, base=base, adapter=adapter)
    for name, retriever, base, adapter in (
        ("baseline", False, None, None),
        ("rag", True, None, None),
        ("tune", False, "baseline", "t"),
        ("hybrid", True, "rag", "h"),
    )
)
NAMES = tuple(arm.name for arm in ARMS)
UNKNOWN = Estimate(None, None, None, 0)


def items(difference: Estimate) -> AdapterItems:
    """An adapter beside its base on the items of a test, of which only the difference is known."""
    return AdapterItems(PairedItems(difference.n, UNKNOWN, UNKNOWN, difference, None))


def arm_latency(p95: Estimate, ratio: Estimate) -> ArmLatency:
    """An arm of which only the p95 of the whole answer is known, and its ratio to the reference arm's."""
    nothing = Quantiles(UNKNOWN, UNKNOWN)
    return ArmLatency(nothing, nothing, nothing, Quantiles(UNKNOWN, p95), ratio)


FAST = arm_latency(Estimate(100.0, 90.0, 110.0, 120, 0, "ms", "given"), Estimate(1.0, 0.98, 1.02, 120, 0, "ratio"))
FORM = FormSection(stats.rate([1.0] * 1120), stats.rate([1.0] * 1120), stats.rate([0.0] * 1120), 120, 1000)
ABILITY = AbilitySection(
    "measured", arms=dict.fromkeys(("tune", "hybrid"), items(Estimate(0.0, -0.5, 0.5, 400, 0, "points", "given")))
)
CLEAR = replace(
    UNMEASURED,
    candidate=CANDIDATE,
    reference=REFERENCE,
    arms=ARMS,
    golden=GoldenSection("golden.jsonl", "0", {"test": 120}, 40, {}, {"people": 120}),
    probes=1000,
    forms=dict.fromkeys(NAMES, FORM),
    latency=LatencySection(120, 3, dict.fromkeys(NAMES, FAST), None),
    prices=Prices(input_per_million=1.0, output_per_million=4.0),
    forgetting=ABILITY,
    safety=ABILITY,
    identical_outputs={"tune": False, "hybrid": False},
)


def with_estimate(gate: str, estimate: Estimate) -> Figures:
    """The same, but for what one gate reads of the candidate."""
    if gate in ("schema", "repair"):
        form = replace(FORM, schema=estimate) if gate == "schema" else replace(FORM, repair=estimate)
        return replace(CLEAR, forms={**CLEAR.forms, CANDIDATE: form})
    if gate in ("p95_ratio", "p95_ms"):
        p95, ratio = (FAST.total.p95, estimate) if gate == "p95_ratio" else (estimate, FAST.ratio or UNKNOWN)
        arms = {**CLEAR.latency.arms, CANDIDATE: arm_latency(p95, ratio)}
        return replace(CLEAR, latency=replace(CLEAR.latency, arms=arms))
    ability = replace(ABILITY, arms={**ABILITY.arms, CANDIDATE: items(estimate)})
    return replace(CLEAR, forgetting=ability) if gate == "forgetting" else replace(CLEAR, safety=ability)
