"""Judged figures corrected by people's ratings: prediction-powered inference, with the clusters of the cases kept.

A judge or detector has a value for every case, people for a random part of the cases. What it is wrong by is seen on
that part and taken off the whole (Angelopoulos et al. 2023, Science 382:669 and arXiv 2311.01453: PPI++).

- a rate: within each class of judged values (none, part, all) the people's mean has an exact interval, and the classes
  are put together by the variances that their limits give back (MOVER; Zou and Donner 2008, Statistics in Medicine
  27:1693). For a judge that says yes or no it is PPI++ at its best weight (Fisch et al. 2024, arXiv 2406.04291). Not
  the normal interval: of rare errors a few ratings show none, and that covered 58 % with 30 ratings.
- a paired difference: PPI++, its weight chosen by the clustered variance, and Tango's interval on the number of cases
  that the correction is worth; Student's t where values are fractions.

`benchmarks/calibration_simulation.py` counts how often both cover, and how often a gate passes falsely.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.stats.intervals import Z, clopper_pearson, tango
from harness.stats.sample import effective_n, sample, t_quantile
from harness.types import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST_RATINGS = 20  # of one arm; below them nothing is corrected
DOUBT = 4.0  # ratings' worth of the assumption that judged values say nothing, until ratings show what they say
UNSEEN = 2.0  # errors that ratings without any may have missed; a judge is never taken for better than that
METHOD = "prediction-powered"


@dataclass(frozen=True, slots=True)
class JudgedColumn:
    """One arm's values of one metric, a place a case."""

    judged: Sequence[float]  # in [0, 1]
    people: Sequence[float | None]  # in [0, 1]; None where nobody rated the answer
    chances: Sequence[float]  # of each answer to be rated; read where it was
    clusters: Sequence[Hashable]

    @property
    def ratings(self) -> int:
        return sum(value is not None for value in self.people)

    @property
    def enough(self) -> bool:
        return self.ratings >= FEWEST_RATINGS


def calibrated_rate(column: JudgedColumn) -> Estimate:
    """The rate that people would find over all cases, with its 95 % interval; unit 'fraction', n the judged cases.

    Raises ValueError for fewer than FEWEST_RATINGS ratings.
    """
    _demand(column)
    verdicts = np.asarray(column.judged, dtype=np.float64)
    classes = np.where(verdicts <= 0, 0, np.where(verdicts >= 1, 2, 1))
    means, below, above = np.zeros(3), np.zeros(3), np.zeros(3)
    for place in range(3):
        inside = classes == place
        if not inside.any():
            continue
        means[place], low, high = _class_rate(column, np.flatnonzero(inside), float(verdicts[inside].mean()))
        below[place], above[place] = inside.mean() * (means[place] - low), inside.mean() * (high - means[place])
    predicted = means[classes]
    drawn_below, drawn_above = _of_the_draw(predicted, column.clusters)
    centre = float(predicted.mean())
    low = centre - math.hypot(*below, drawn_below)
    high = centre + math.hypot(*above, drawn_above)
    return Estimate(centre, max(0.0, low), min(1.0, high), len(verdicts), 0, "fraction", _method(column.ratings))


def _class_rate(column: JudgedColumn, places: NDArray[np.intp], verdicts: float) -> tuple[float, float, float]:
    """The people's mean in one class of judged values with its limits; the judged one and no limits without ratings."""
    rows = [
        (value, 1 / column.chances[i], column.clusters[i]) for i in places if (value := column.people[i]) is not None
    ]
    if not rows:
        return verdicts, 0.0, 1.0
    values, weights = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    mean = float(weights @ values / weights.sum())
    of = sample(values.tolist(), [row[2] for row in rows])
    kish = float(weights.sum() ** 2 / (weights @ weights)) / len(rows)  # share of the ratings that their weights leave
    n = kish * (effective_n(of, min(mean, 1 - mean) * of.n) if not of.too_small else 1.0)
    return (mean, *clopper_pearson(mean * n, n))


def _of_the_draw(predicted: Floats, clusters: Sequence[Hashable]) -> tuple[float, float]:
    """How far the mean of the predictions may be off, below and above, because other cases might have been asked."""
    least, most = float(predicted.min()), float(predicted.max())
    of = sample(predicted.tolist(), clusters)
    if most - least < 1e-12 or of.too_small:
        return 0.0, 0.0
    share = (float(predicted.mean()) - least) / (most - least)
    n = effective_n(of, min(share, 1 - share) * of.n)
    low, high = clopper_pearson(share * n, n)
    return (most - least) * (share - low), (most - least) * (high - share)


def calibrated_difference(a: JudgedColumn, b: JudgedColumn | Sequence[float]) -> Estimate:
    """The mean of a - b that people would find, in points, with its 95 % interval; same cases, same order.

    Args:
        b: the other arm, or values that need no judge.

    Raises ValueError for fewer than FEWEST_RATINGS ratings of an arm.
    """
    columns = [a, *([b] if isinstance(b, JudgedColumn) else [])]
    for column in columns:
        _demand(column)
    n, ratings = len(a.judged), min(column.ratings for column in columns)
    codes = np.unique([str(label) for label in a.clusters], return_inverse=True)[1]
    groups = int(codes.max()) + 1
    alone, used, centre, shift = _residuals(a, codes)
    if isinstance(b, JudgedColumn):
        alone_b, used_b, centre_b, shift_b = _residuals(b, codes)
        alone, used, centre, shift = alone - alone_b, used - used_b, centre - centre_b, shift - shift_b
    else:
        exact = np.asarray(b, dtype=np.float64)
        centre, alone = centre - float(exact.mean()), alone - np.bincount(codes, (exact - exact.mean()) / n)
    weight = float(np.clip(alone @ used / (used @ used), 0.0, 1.0)) if used.any() else 0.0
    middle = float(np.clip(centre + weight * shift, -1.0, 1.0))
    residual = alone - weight * used
    variance = groups / (groups - 1) * float(residual @ residual) * ratings / (ratings - 2) if groups > 1 else math.inf
    low, high = _paired_limits(a, b, middle, variance, ratings)
    return Estimate(100 * middle, 100 * low, 100 * high, n, 0, "points", _method(ratings))


def _residuals(column: JudgedColumn, codes: NDArray[np.intp]) -> tuple[Floats, Floats, float, float]:
    """By cluster what people's values and what judged values add to the error; the people's mean; what the judged
    values of all cases are above those of the rated ones."""
    verdicts, n = np.asarray(column.judged, dtype=np.float64), len(column.judged)
    people = np.array([0.0 if value is None else value for value in column.people])
    weights = np.array(
        [0.0 if value is None else 1 / chance for value, chance in zip(column.people, column.chances, strict=True)]
    )
    weights /= weights.sum()
    mean, part, every = float(weights @ people), float(weights @ verdicts), float(verdicts.mean())
    alone = np.bincount(codes, weights * (people - mean)).astype(np.float64)
    used = np.bincount(codes, weights * (verdicts - part) - (verdicts - every) / n).astype(np.float64)
    return alone, used, mean, every - part


def _paired_limits(
    a: JudgedColumn, b: JudgedColumn | Sequence[float], middle: float, variance: float, ratings: int
) -> tuple[float, float]:
    """Tango's limits where all values are 0 or 1, on as many cases as give this variance; else Student's t."""
    theirs: Sequence[float | None] = b.people if isinstance(b, JudgedColumn) else b
    both = [(x, y) for x, y in zip(a.people, theirs, strict=True) if x is not None and y is not None]
    apart = sum(abs(x - y) for x, y in both)
    part = (apart + 2) / (len(both) + 4)  # two more on each side, so that it is neither none nor all
    plain, share = part - min(part, abs(middle)) ** 2, max(part, abs(middle))
    variance = max(variance, UNSEEN / ratings**2) + DOUBT / (ratings + DOUBT) * plain / ratings
    t = t_quantile(ratings - 1)
    if not math.isfinite(variance) or any(x not in (0.0, 1.0) or y not in (0.0, 1.0) for x, y in both):
        reach = t * math.sqrt(variance)
        return max(-1.0, middle - reach), min(1.0, middle + reach)
    worth = min(plain / variance, float(len(a.judged))) * (Z / t) ** 2
    return tango((share + middle) / 2 * worth, (share - middle) / 2 * worth, worth)


def _demand(column: JudgedColumn) -> None:
    if not column.enough:
        raise ValueError(f"a correction takes {FEWEST_RATINGS} ratings, found {column.ratings}")


def _method(ratings: int) -> str:
    return f"{METHOD}, {ratings} ratings"
