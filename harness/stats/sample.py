"""A sample in clusters: its mean, its standard error, and how many independent cases it is worth."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Values = Sequence[float | None]
Labels = Sequence[Hashable]

ALPHA = 0.05  # two-sided, so that a gate exactly at its threshold passes in at most 2.5 %
PRIOR_ICC = 0.2  # intracluster correlation assumed before any is seen ...
PRIOR_EVENTS = 10.0  # ... and the number of events that weighs as much as that assumption


@dataclass(frozen=True, slots=True)
class Sample:
    """The scored values, each with its cluster code 0..groups-1, and the number that had no score."""

    values: Floats
    codes: NDArray[np.intp]
    groups: int
    unscored: int

    @property
    def n(self) -> int:
        return int(self.values.size)

    @property
    def clustered(self) -> bool:
        return self.groups < self.n

    @property
    def too_small(self) -> bool:
        """No interval can be had: fewer than two values, or all of them about one document."""
        return min(self.n, self.groups) < 2

    @property
    def mean(self) -> float | None:
        return float(self.values.mean()) if self.n else None


def sample(values: Values, clusters: Labels | None = None) -> Sample:
    """Drop and count the unscored. Raises ValueError on labels of another length and on values that are not finite."""
    labels: Labels = range(len(values)) if clusters is None else clusters
    if len(labels) != len(values):
        raise ValueError(f"{len(values)} values need as many cluster labels, found {len(labels)}")
    both = [(value, label) for value, label in zip(values, labels, strict=True) if value is not None]
    numbers = np.array([value for value, _ in both], dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError("values must be finite; an unknown value is None")
    order: dict[Hashable, int] = {}
    codes = np.array([order.setdefault(label, len(order)) for _, label in both], dtype=np.intp)
    return Sample(numbers, codes, len(order), len(values) - len(both))


def pairs(a: Values, b: Values, clusters: Labels | None = None) -> Sample:
    """The sample of `a - b`; a pair with None on either side is unscored. Raises ValueError on unequal lengths."""
    if len(a) != len(b):
        raise ValueError(f"paired values must be of the same cases, found {len(a)} and {len(b)}")
    return sample([None if x is None or y is None else x - y for x, y in zip(a, b, strict=True)], clusters)


def t_quantile(degrees: int, alpha: float = ALPHA) -> float:
    """Two-sided quantile of Student's t, of 95 % unless `alpha` says otherwise."""
    from scipy import special

    return float(special.stdtrit(degrees, 1 - alpha / 2))


def cluster_error(of: Sample) -> float:
    """Standard error of the mean from whole clusters (Cochran's ratio estimator, with groups - 1 degrees)."""
    sums = np.bincount(of.codes, of.values - of.values.mean())
    return math.sqrt(of.groups / (of.groups - 1) * float(sums @ sums)) / of.n


def effective_n(of: Sample, events: float, alpha: float = ALPHA) -> float:
    """Independent cases that the sample is worth: n / design effect, with t in place of normal quantiles.

    The design effect is the clustered over the plain variance. A handful of `events` (failures, or cases on which
    two arms differ) cannot show it, so it is drawn to the effect of an intracluster correlation of 0.2 with the
    weight of ten events, and never taken below 1 (Korn and Graubard 1998 for the cut; the drawing is ours).
    """
    if not of.clustered:
        return float(of.n)
    sizes = np.bincount(of.codes)
    assumed = 1 + (float(sizes @ sizes) / of.n - 1) * PRIOR_ICC
    plain = float(np.square(of.values - of.values.mean()).sum()) / of.n**2
    ratio = cluster_error(of) ** 2 / plain if plain else assumed
    design_effect = max(1.0, (events * ratio + PRIOR_EVENTS * assumed) / (events + PRIOR_EVENTS))
    return of.n / design_effect * (t_quantile(of.n - 1, alpha) / t_quantile(of.groups - 1, alpha)) ** 2
