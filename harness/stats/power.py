"""Statistical power: how many cases settle a gate, and what a golden set of a given size can show at all."""

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
    if p < threshold:  # the same question about failures
        p, threshold = 1 - p, 1 - threshold
    coarse = np.unique(np.geomspace(2, MOST, 300).astype(np.int64))
    enough = _proven_often(coarse, p, threshold)
    if not enough.any():
        return None
    first = int(enough.argmax())
    fine = np.arange(coarse[max(first - 1, 0)], coarse[first] + 1)
    fine = fine[:: max(1, fine.size // 2_000)]  # an error of a thousandth is far below that of any prediction
    enough = _proven_often(fine, p, threshold)
    return int(fine[enough.argmax()]) if enough.any() else int(coarse[first])


def _proven_often(n: np.ndarray, p: float, threshold: float) -> np.ndarray:
    """For each n, whether Bin(n, p) reaches an exact lower limit >= `threshold` with the wanted power."""
    from scipy import special

    most = np.ceil(special.bdtrik(1 - ALPHA / 2, n, threshold))  # most successes whose lower limit misses it
    most -= special.bdtr(np.maximum(most - 1, 0), n, threshold) >= 1 - ALPHA / 2  # the inverse may end one too high
    most = np.maximum(most, 0)  # without a success the lower limit is 0, which misses every threshold
    proven: np.ndarray = special.bdtrc(most, n, p) >= POWER
    return proven


def failures_allowed(n: int, threshold: float) -> int | None:
    """Most failures among `n` independent answers that still prove a rate >= `threshold`; None if not even 0 does."""
    from scipy import special

    counts = np.arange(n + 1)
    proven = special.bdtr(counts, n, 1 - threshold) <= ALPHA / 2
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
