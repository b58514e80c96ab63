"""Gates that a scenario cannot pass or fail however its arms do: known before anything runs.

out_of_reach(scenario, read_thresholds(scenario.gates), Sizes(20, 4, 20))
# [('groundedness', 'not even 20 of 20 cases (worth 10 independent ones) prove 90 %; ...'), ...]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import harness.stats as stats
from harness.arms import ARMS
from harness.scenario.settings import Scenario
from harness.stats.estimates import FEWEST_FOR_RATIO
from harness.stats.numbers import show_threshold
from harness.verdict.gates import SUCCESS, GateRow, Thresholds

ICC = 0.2  # how alike cases about one document are taken to be, before any was asked (see stats.sample)
# gains over an arm of much the same answers: 30 % of them differing is much. From a baseline or a constant most differ.
LIKE_ARMS = frozenset({"task_success_gain", "gain_over_tune"})


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of a golden set on which gates rest."""

    tested: int  # cases of the test split
    groups: int  # independent groups of documents among them
    answers: int  # of the candidate that are checked for their form: test cases and probes
    undecided: int = 0  # test cases whose only references are sentences

    @property
    def effect(self) -> float:
        """The design effect of cases about one document, before any was asked."""
        return 1 + (self.tested / max(self.groups, 1) - 1) * ICC


def out_of_reach(scenario: Scenario, thresholds: Thresholds, sizes: Sizes) -> list[tuple[str, str]]:
    """(gate, why) of every gate that is set and will be not measured, or not proven, whatever the answers are."""
    reasons: list[tuple[str, str]] = []
    for row, threshold in thresholds.rows:
        unmeasured = UNMEASURED.get(row.name)
        reason = unmeasured(scenario) if unmeasured is not None and applies(row, scenario) else None
        if reason is None and thresholds.policy == "interval" and applies(row, scenario):
            reason = next(_undecidable(row, threshold, sizes), None)
        if reason is not None:
            reasons.append((row.name, reason))
    return reasons


def _undecidable(row: GateRow, threshold: float, sizes: Sizes) -> Iterator[str]:
    if not sizes.tested:
        return
    if row.flipped_by == SUCCESS and sizes.undecided == sizes.tested:
        yield "every test case accepts only a sentence, so that answers in other words stay unscored"
    if row.unit == "fraction" and not row.exact:
        of_form = row.counts == "answers"
        n = sizes.answers if of_form else sizes.tested
        worth = n if of_form else int(n / sizes.effect)
        proven = 1 - threshold if row.direction == "<=" else threshold
        if stats.failures_allowed(worth, proven) is None:
            noun = "answers" if of_form else "cases"
            limit = f"{'at most' if row.direction == '<=' else 'at least'} {show_threshold(threshold, 'fraction')}"
            yield f"not even {n} good ones of {n} {noun} (worth about {worth} independent ones) prove {limit}"
    if row.name in LIKE_ARMS and stats.detectable_gain(sizes.tested, threshold, design_effect=sizes.effect) is None:
        above = show_threshold(threshold, "points")
        yield f"{sizes.tested} cases prove no true gain to be above {above}, if the arms differ on 30 % of them"


def applies(row: GateRow, scenario: Scenario) -> bool:
    """Whether the gate applies to the candidate, as far as the arms tell; an arm of somebody else's may have it all."""
    arm = ARMS.get(scenario.candidate)
    if row.name in ("forgetting", "safety", "adapter_effect"):
        return arm is None or arm.adapter is not None
    if row.name in ("groundedness", "hallucination"):
        return arm is None or arm.retriever
    if row.name in ("schema", "repair"):
        return scenario.answer.schema is not None
    if row.name in ("p95_ratio", "cost_ratio", "task_success_gain"):
        return "rag" in scenario.arms and scenario.candidate != "rag"
    other = {"gain_over_tune": "tune", "gain_over_baseline": "baseline"}.get(row.name)
    return other is None or (other in scenario.arms and scenario.candidate != other)


def _no_style(scenario: Scenario) -> str | None:
    return "the scenario has no house style (style: style.yaml)" if scenario.style is None else None


def _no_rubric(name: str) -> Callable[[Scenario], str | None]:
    """Why a judge does not hold answers to the scenario's words for this."""

    def reason(scenario: Scenario) -> str | None:
        if f"deepeval_{name}" in scenario.models.judge.asks:
            return None
        return (
            f"no judge is asked for it (models.judge, with the words under models.judge.{name} or style.yaml's rubric)"
        )

    return reason


def _no_latency(scenario: Scenario) -> str | None:
    return "latency.questions is 0, so that nothing is timed" if scenario.latency.questions == 0 else None


def _no_ratio(scenario: Scenario) -> str | None:
    count = scenario.latency.questions
    if 0 < count < FEWEST_FOR_RATIO:
        return f"latency.questions is {count}, and the ratio has no interval below {FEWEST_FOR_RATIO}"
    return _no_latency(scenario)


def _no_prices(scenario: Scenario) -> str | None:
    priced = scenario.prices.input_per_million or scenario.prices.output_per_million
    return None if priced else "the scenario has no token prices (prices.input_per_million, prices.output_per_million)"


# gate -> why the settings leave it unmeasured, or None
UNMEASURED: Mapping[str, Callable[[Scenario], str | None]] = {
    "tone": _no_style,
    "glossary": _no_style,
    "judged_tone": _no_rubric("tone"),
    "judged_completeness": _no_rubric("completeness"),
    "p95_ratio": _no_ratio,
    "p95_ms": _no_latency,
    "cost_ratio": _no_prices,
    "forgetting": lambda s: "forgetting.tasks is none" if s.forgetting.tasks == "none" else None,
    "safety": lambda s: "safety.prompts is none" if s.safety.prompts == "none" else None,
}
