"""The power of a golden set: what its size can and cannot prove, said before a minute is spent."""

from __future__ import annotations

from collections.abc import Mapping

import harness.stats as stats
from harness.engine.inputs import Inputs
from harness.references import references
from harness.stats.numbers import show_threshold

ICC = 0.2  # how alike cases about one document are taken to be, before any was asked (see stats.sample)


def power(inputs: Inputs, thresholds: Mapping[str, float | None]) -> str:
    """The power of so many test cases and probes: what they can and cannot prove.

    Args:
        thresholds: gate -> threshold in its Estimate's unit (fractions of 1, points); None where it is off.
    """
    n, clusters = len(inputs.test_cases), len({inputs.clusters[case.id] for case in inputs.test_cases})
    margin, effect = thresholds.get("task_success_gain"), 1 + (n / clusters - 1) * ICC
    sentences = [f"{n} test cases about {clusters} groups of documents."]
    if margin is not None:
        gain = stats.detectable_gain(n, margin, design_effect=effect)
        least = "no true gain of any size" if gain is None else f"a true gain of about {gain:.0f} points"
        sentences.append(
            f"'At least {margin:g} points better' is proven in 80 % of runs by {least}, if the arms differ on 30 % of "
            "the cases."
        )
    answers = n + len(inputs.probes)
    for gate, title, out_of, effective in (
        ("groundedness", "groundedness", n, n / effect),
        ("schema", "schema adherence", answers, answers),
    ):
        threshold = thresholds.get(gate)
        if threshold is not None:
            allowed = stats.failures_allowed(int(effective), threshold)
            proof = "cannot be proven" if allowed is None else f"is proven with at most {allowed} failures"
            share = show_threshold(threshold, "fraction")
            sentences.append(f"{share} {title} {proof} in {out_of} answers (worth {effective:.0f} independent ones).")
    undecided = references(inputs.test_cases).says
    return " ".join([*sentences, *[f"{undecided}."] * bool(undecided)])
