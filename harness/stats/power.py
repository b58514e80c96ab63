"""How many cases settle a gate, and what a golden set of a given size can show at all."""

from __future__ import annotations

import math

import numpy as np

from harness.stats.intervals import Z, clopper_pearson
from harness.stats.sample import ALPHA
from harness.types import Estimate

POWER = 0.8  # chance that a predicted number of cases settles the gate
Z_POWER = 0.8416212335729143  # normal quantile at POWER
MOST = 10_000_000  # cases; what would take more is not settled by more cases


def n_to_settle(estimate: Estimate, threshold: float) -> int | None:
    """Cases with which the interval would clear or miss `threshold` in 80 % of repeats, if the truth is as estimated.

    `threshold` is in the estimate's unit. None where no number of cases would do: there is no interval yet, or the
    estimate stands on the threshold. Rates are counted exactly; otherwise the width shrinks with the root of n.
    """
    if estimate.mean is None or estimate.low is None or estimate.high is None or estimate.mean == threshold:
        return None
    if estimate.unit == "fraction":
        n_if_independent = _n_for_rate(estimate.mean, threshold)
        low, high = clopper_pearson(estimate.mean * estimate.n, estimate.n)
        widening = max(1.0, ((estimate.high - estimate.low) / (high - low)) ** 2)  # what shared documents cost
        return math.ceil(n_if_independent * widening) if n_if_independent else None
    reach = estimate.mean - estimate.low if estimate.mean > threshold else estimate.high - estimate.mean
    n = estimate.n * ((Z + Z_POWER) / Z * reach / abs(estimate.mean - threshold)) ** 2
    return math.ceil(n) if n <= MOST else None


def _n_for_rate(p: float, threshold: float) -> int | None:
    """First n at which a binomial with rate `p` is proven on its side of `threshold` with the wanted power."""
    from scipy import stats

    if p < threshold:  # the same question about failures
        p, threshold = 1 - p, 1 - threshold
    dense = np.arange(2, 20_001)
    n = np.concatenate([dense, np.unique(np.geomspace(20_001, MOST, 4_000).astype(np.int64))])
    # the smallest number of successes whose exact lower limit reaches the threshold
    needed = stats.binom.isf(ALPHA / 2, n, threshold) + 1
    enough = stats.binom.sf(needed - 1, n, p) >= POWER
    return int(n[enough.argmax()]) if enough.any() else None


def failures_allowed(n: int, threshold: float) -> int | None:
    """Most failures among `n` independent answers that still prove a rate >= `threshold`; None if not even 0 does."""
    from scipy import stats

    counts = np.arange(n + 1)
    proven = stats.binom.cdf(counts, n, 1 - threshold) <= ALPHA / 2
    return int(counts[proven][-1]) if proven.any() else None


def detectable_gain(n: int, margin: float = 5.0, discordant: float = 0.3, design_effect: float = 1.0) -> float | None:
    """Smallest true paired gain, in points, that `n` cases prove to exceed `margin` points in 80 % of runs.

    `discordant` is the share of cases on which the two arms differ (so the most they can gain), `design_effect` what
    shared documents cost. None where no gain would be proven.
    """
    gains = np.linspace(margin / 100, discordant, 10_001)
    reach = (Z + Z_POWER) * np.sqrt(np.maximum(discordant - gains**2, 0.0) * design_effect / n)
    enough = gains - margin / 100 >= reach
    return float(100 * gains[enough.argmax()]) if enough.any() else None
