"""What the simulations of the verdict draw: hits, shares, paired items and latencies with a known truth.

Cases stand together by document: intracluster correlation 0.2, half of it common to all arms, half an arm's own; a case
makes the arms alike (correlation 0.5 more).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

import harness.stats as stats
from harness.types import Estimate

DOCUMENTS, PER_DOCUMENT = 40, 3
ICC, SHARED = 0.2, 0.5
P95 = 400 * math.exp(0.3 * 1.6448536269514722)  # true p95 of `latencies`, ms
Rng = np.random.Generator


def successes(
    rng: Rng, rates: Sequence[float] | np.ndarray, documents: int = DOCUMENTS, icc: float = ICC
) -> np.ndarray:
    """Hits, shape (arms, cases), with the given true rates; cases of one document stand together.

    `rates` are by arm, or by arm and case.
    """
    from scipy.stats import norm

    arms, cases = len(rates), documents * PER_DOCUMENT
    of_document = rng.standard_normal((1, documents)) + rng.standard_normal((arms, documents))
    latent = math.sqrt(icc / 2) * np.repeat(of_document, PER_DOCUMENT, axis=1)
    latent += math.sqrt(SHARED) * rng.standard_normal((1, cases))
    latent += math.sqrt(1 - icc - SHARED) * rng.standard_normal((arms, cases))
    return (latent < norm.ppf(np.asarray(rates)).reshape(arms, -1)).astype(float)


def clustered_rate(rng: Rng, p: float, documents: int = DOCUMENTS, icc: float = ICC) -> np.ndarray:
    """Hits of one arm with true rate `p` (beta-binomial over documents)."""
    weight = (1 - icc) / icc
    of_document = rng.beta(p * weight, (1 - p) * weight, documents)
    return (rng.random(documents * PER_DOCUMENT) < np.repeat(of_document, PER_DOCUMENT)).astype(float)


def supported(rng: Rng, p: float) -> np.ndarray:
    """Share of supported claims of each answer, one to three claims, with true mean `p`."""
    claims = rng.integers(1, 4, DOCUMENTS * PER_DOCUMENT)
    weight = (1 - ICC) / ICC
    of_document = np.repeat(rng.beta(p * weight, (1 - p) * weight, DOCUMENTS), PER_DOCUMENT)
    shares: np.ndarray = rng.binomial(claims, of_document) / claims
    return shares


def paired_items(rng: Rng, base: float, drop: float, n: int) -> Estimate:
    """Adapter minus base on `n` independent items, with a true drop in points."""
    hits = successes(rng, (base - drop / 100, base), documents=n // PER_DOCUMENT, icc=1e-9)
    return stats.paired(hits[0].tolist(), hits[1].tolist())


def latency_ratio(rng: Rng, n: int, ratio: float, draws: int = 1000) -> Estimate:
    return stats.ratio_of_quantiles(*latencies(rng, n, ratio), draws=draws)


def latency_p95(rng: Rng, n: int) -> Estimate:
    return stats.quantile(latencies(rng, n, 1.0)[0], 0.95)


def latencies(rng: Rng, n: int, ratio: float) -> tuple[list[float], list[float]]:
    """Milliseconds of two arms on the same questions, log-normal, correlated 0.9, p95s in the given ratio."""
    common, own = rng.standard_normal((1, n)), rng.standard_normal((2, n))
    times = 400 * np.exp(0.3 * (math.sqrt(0.9) * common + math.sqrt(0.1) * own))
    return (ratio * times[0]).tolist(), times[1].tolist()
