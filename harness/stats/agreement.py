"""Agreement of raters: Cohen's kappa of two, Krippendorff's alpha of any number, each with a bootstrap interval.

    kappa(["yes", "no", "yes"], ["yes", "no", "no"]).mean    # 0.4

By hand, and held to scikit-learn and to Krippendorff's own example by tests: the interval redraws whole cases a
thousand times, which libraries for one table do not.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from harness.stats.sample import ALPHA, Labels
from harness.types import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DRAWS = 2_000
Value = Hashable | None


def kappa(a: Sequence[Value], b: Sequence[Value], clusters: Labels | None = None, seed: int = 0) -> Estimate:
    """Cohen's kappa over the items that both rated (Cohen 1960): 1 - disagreement / disagreement by chance.

    `mean` is None where fewer than two items have both, or both always say the same one thing.
    """
    rows = [(x, y) for x, y in zip(a, b, strict=True) if x is not None and y is not None]
    labels = [
        label for x, y, label in zip(a, b, clusters or range(len(a)), strict=True) if x is not None and y is not None
    ]
    names = sorted({value for row in rows for value in row}, key=str)
    tables = np.zeros((len(rows), len(names), len(names)))
    for place, (x, y) in enumerate(rows):
        tables[place, names.index(x), names.index(y)] = 1
    return _bootstrapped(tables, labels, _kappas, seed, "kappa")


def alpha(ratings: Sequence[Sequence[Value]], clusters: Labels | None = None, seed: int = 0) -> Estimate:
    """Krippendorff's alpha for names without an order; a row an item, a place a rater, None where one has not rated.

    Krippendorff 2011, "Computing Krippendorff's alpha-reliability". Items with one rating say nothing and are left out.
    """
    rows = [[value for value in row if value is not None] for row in ratings]
    labels = [label for row, label in zip(rows, clusters or range(len(rows)), strict=True) if len(row) > 1]
    rows = [row for row in rows if len(row) > 1]
    names = sorted({value for row in rows for value in row}, key=str)
    tables = np.zeros((len(rows), len(names), len(names)))
    for place, row in enumerate(rows):
        counts = np.array([row.count(name) for name in names], dtype=np.float64)
        tables[place] = (np.outer(counts, counts) - np.diag(counts)) / (len(row) - 1)
    return _bootstrapped(tables, labels, _alphas, seed, "Krippendorff's alpha")


def _kappas(tables: Floats) -> Floats:
    """Kappa of each of some tables of counts (draws x names x names); NaN where chance explains everything."""
    n = tables.sum(axis=(1, 2))
    share = np.trace(tables, axis1=1, axis2=2) / n
    chance = (tables.sum(axis=1) * tables.sum(axis=2)).sum(axis=1) / n**2
    with np.errstate(divide="ignore", invalid="ignore"):
        coefficients: Floats = np.where(chance < 1, (share - chance) / (1 - chance), np.nan)
    return coefficients


def _alphas(tables: Floats) -> Floats:
    """Alpha of each of some tables of coincidences; NaN where every value is the same."""
    sums = tables.sum(axis=2)
    n = sums.sum(axis=1)
    apart = n - np.trace(tables, axis1=1, axis2=2)
    chance = n**2 - np.square(sums).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        coefficients: Floats = np.where(chance > 0, 1 - (n - 1) * apart / chance, np.nan)
    return coefficients


def _bootstrapped(
    tables: Floats, labels: Sequence[Hashable], figure: Callable[[Floats], Floats], seed: int, method: str
) -> Estimate:
    """The figure of the summed tables, with percentile limits over redrawn clusters; open where a tenth has none."""
    count = len(tables)
    codes = np.unique([str(label) for label in labels], return_inverse=True)[1] if count else np.zeros(0, int)
    groups = int(codes.max()) + 1 if count else 0
    if groups < 2:
        return Estimate(None, None, None, count, 0, "", method)
    middle = float(figure(tables.sum(axis=0, keepdims=True))[0])
    if np.isnan(middle):
        return Estimate(None, None, None, count, 0, "", f"{method}: every rating is the same")
    sums = np.zeros((groups, *tables.shape[1:]))
    np.add.at(sums, codes, tables)
    picks = np.random.default_rng(seed).multinomial(groups, np.full(groups, 1 / groups), DRAWS)
    coefficients = figure(np.einsum("dg,gij->dij", picks.astype(np.float64), sums))
    usable = coefficients[~np.isnan(coefficients)]
    if usable.size < 0.9 * DRAWS:
        return Estimate(middle, None, None, count, 0, "", method)
    low, high = np.quantile(usable, [ALPHA / 2, 1 - ALPHA / 2])
    return Estimate(middle, float(low), float(high), count, 0, "", method)
