"""Samples to Estimates: rates, means, paired differences, quantiles and ratios, each with its 95 % interval."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from harness.stats.intervals import Limits, bootstrap_t, clopper_pearson, effective_counts, holm, is_trinomial, tango
from harness.stats.sample import ALPHA, Labels, Sample, Values, cluster_error, effective_n, pairs, sample, t_quantile
from harness.types import Difference, Estimate

QUANTILE_DRAWS = 4_000
FEWEST_FOR_RATIO = 30  # questions; below it the simulation finds that the ratio of p95s covers too little
TOO_SMALL = "no interval from fewer than two independent cases"


def rate(values: Values, clusters: Labels | None = None) -> Estimate:
    """Mean of values in [0, 1], hits or fractions, with an exact interval; unit 'fraction'.

    Fractions strictly between 0 and 1 get a conservative interval: their variance is at most p (1 - p).
    Raises ValueError for values outside [0, 1].
    """
    of = sample(values, clusters)
    if of.n and not (of.values.min() >= 0 and of.values.max() <= 1):
        raise ValueError(f"a rate needs values in [0, 1], found {of.values.min():g} to {of.values.max():g}")
    p = of.mean
    if p is None or of.too_small:
        return _estimate(of, (None, None), "fraction", TOO_SMALL)
    n = effective_n(of, events=min(p, 1 - p) * of.n)
    return _estimate(of, clopper_pearson(p * n, n), "fraction", "clopper-pearson" + _on_clusters(of))


def mean(values: Values, clusters: Labels | None = None, seed: int = 0, unit: str = "") -> Estimate:
    """Mean of unbounded values (tokens, seconds, ...) with a bootstrap-t interval over clusters."""
    of = sample(values, clusters)
    return _estimate(of, bootstrap_t(of, seed), unit, TOO_SMALL if of.too_small else "cluster bootstrap-t")


def paired(
    a: Values,
    b: Values,
    clusters: Labels | None = None,
    seed: int = 0,
    unit: str = "points",
    alpha: float = ALPHA,
) -> Estimate:
    """Mean of `a - b`, case by case: same cases, same order; a pair with None on either side is unscored.

    With unit 'points' (the default) `a` and `b` are fractions of 1 and the result is in percentage points, -100 to
    100; with any other unit it stays in the unit of the values. The interval is of 95 % unless `alpha` says otherwise.
    """
    of = pairs(a, b, clusters)
    if of.too_small:
        return _estimate(of, (None, None), unit, TOO_SMALL)
    if unit == "points" and is_trinomial(of):  # of any other unit, differences that are all 0 are no yes/no scores
        return _estimate(of, tango(*effective_counts(of, alpha), alpha), unit, "tango score" + _on_clusters(of))
    return _estimate(of, bootstrap_t(of, seed, alpha=alpha), unit, "paired cluster bootstrap-t")


def paired_p(a: Values, b: Values, clusters: Labels | None = None) -> float | None:
    """Two-sided p of no paired difference; None where there is no interval either.

    For yes/no scores it is the score test that `paired` inverts (McNemar's on the effective sample size), otherwise
    the t test on clustered errors.
    """
    from scipy import special

    of = pairs(a, b, clusters)
    if of.too_small:
        return None
    if not of.values.any():
        return 1.0
    if is_trinomial(of):
        gains, losses, _ = effective_counts(of)
        return float(2 * special.ndtr(-abs(gains - losses) / math.sqrt(gains + losses)))
    error = cluster_error(of)
    return float(2 * special.stdtr(of.groups - 1, -abs(float(of.values.mean())) / error)) if error else 0.0


def difference(
    name: tuple[str, str, str],
    a: Values,
    b: Values,
    clusters: Labels | None = None,
    seed: int = 0,
    unit: str = "points",
) -> Difference:
    """The paired Difference called `name` = (metric, arm, against), with its p; p_holm is left open."""
    metric, arm, against = name
    return Difference(metric, arm, against, paired(a, b, clusters, seed, unit), paired_p(a, b, clusters))


def difference_by_case(
    name: tuple[str, str, str],
    a: Mapping[str, float | None],
    b: Mapping[str, float | None],
    clusters: Mapping[str, str],
    seed: int = 0,
    unit: str = "points",
) -> Difference | None:
    """The same of two columns by case id, over the cases of `a` that `b` has too; None where there are none.

    A case that `clusters` does not name is a cluster of its own.
    """
    cases = [case for case in a if case in b]
    if not cases:
        return None
    labels = [clusters.get(case, case) for case in cases]
    return difference(name, [a[case] for case in cases], [b[case] for case in cases], labels, seed, unit)


def with_holm(differences: Iterable[Difference | None]) -> tuple[Difference, ...]:
    """The differences that could be had, each with its p adjusted over all of them."""
    rows = [row for row in differences if row is not None]
    return tuple(replace(row, p_holm=p) for row, p in zip(rows, holm([row.p for row in rows]), strict=True))


def quantile(values: Values, q: float, unit: str = "ms") -> Estimate:
    """The q-quantile with a distribution-free interval from order statistics (David and Nagaraja 2003, section 7.1).

    A side is None where the sample is too small to bound it: an upper limit of p95 takes 72 values.
    """
    from scipy import special

    of = sample(values)
    if not of.n:
        return Estimate(None, None, None, 0, of.unscored, unit, "order statistics")
    ordered = np.sort(of.values)
    below, above = np.searchsorted(special.bdtr(np.arange(of.n + 1), of.n, q), (ALPHA / 2, 1 - ALPHA / 2))
    low = float(ordered[below - 1]) if below >= 1 else None
    high = float(ordered[above]) if above < of.n else None
    return Estimate(float(np.quantile(ordered, q)), low, high, of.n, of.unscored, unit, "order statistics")


def ratio_of_quantiles(a: Values, b: Values, q: float = 0.95, seed: int = 0, draws: int = QUANTILE_DRAWS) -> Estimate:
    """q-quantile of `a` over q-quantile of `b`, resampled by question: same questions, same order, positive values."""
    top, bottom, unscored = _both(a, b)
    if not top.size:
        return Estimate(None, None, None, 0, unscored, "ratio", TOO_SMALL)
    ratio = float(np.quantile(top, q) / np.quantile(bottom, q))
    if top.size < FEWEST_FOR_RATIO:
        method = f"no interval from fewer than {FEWEST_FOR_RATIO} questions"
        return Estimate(ratio, None, None, top.size, unscored, "ratio", method)
    picks = np.random.default_rng(seed).integers(0, top.size, (draws, top.size))
    ratios = np.quantile(top[picks], q, axis=1) / np.quantile(bottom[picks], q, axis=1)
    low, high = np.quantile(ratios, [ALPHA / 2, 1 - ALPHA / 2])
    return Estimate(ratio, float(low), float(high), top.size, unscored, "ratio", "paired bootstrap")


def ratio_of_means(a: Values, b: Values, clusters: Labels | None = None) -> Estimate:
    """Mean of `a` over mean of `b`, paired, positive values; delta method on the log scale with t quantiles."""
    top, bottom, unscored = _both(a, b)
    if not top.size:
        return Estimate(None, None, None, 0, unscored, "ratio", TOO_SMALL)
    ratio = float(top.mean() / bottom.mean())
    labels = range(len(a)) if clusters is None else clusters
    pairs = [label for x, y, label in zip(a, b, labels, strict=True) if x is not None and y is not None]
    residuals = sample((top - ratio * bottom).tolist(), pairs)
    if residuals.too_small:
        return Estimate(ratio, None, None, top.size, unscored, "ratio", TOO_SMALL)
    reach = t_quantile(residuals.groups - 1) * cluster_error(residuals) / float(top.mean())
    limits = ratio * math.exp(-reach), ratio * math.exp(reach)
    return Estimate(ratio, *limits, top.size, unscored, "ratio", "delta method over clusters")


def _both(a: Values, b: Values) -> tuple[np.ndarray, np.ndarray, int]:
    """The pairs known on both sides as two positive columns, and how many pairs are not."""
    pairs = [(x, y) for x, y in zip(a, b, strict=True) if x is not None and y is not None]
    if any(x <= 0 or y <= 0 for x, y in pairs):
        raise ValueError("a ratio needs positive values on both sides")
    columns = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return columns[:, 0], columns[:, 1], len(a) - len(pairs)


def _estimate(of: Sample, limits: Limits, unit: str, method: str) -> Estimate:
    """The Estimate of a sample's mean; 'points' are hundredths of what the sample holds."""
    scale = 100.0 if unit == "points" else 1.0
    middle, low, high = (None if x is None else scale * x for x in (of.mean, *limits))
    return Estimate(middle, low, high, of.n, of.unscored, unit, method)


def _on_clusters(of: Sample) -> str:
    return " on the effective sample size" if of.clustered else ""
