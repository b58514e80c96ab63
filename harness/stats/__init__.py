"""Intervals, paired tests and sample sizes: every figure of a report goes through here.

A sample is a sequence with one value a case, None where the case could not be scored; an `Estimate` comes back with a
two-sided 95 % interval. Cases about the same document are not independent, so wherever `clusters` are given (one
label a case) the interval is that of whole documents, not of single questions.
"""

from harness.stats.clusters import clusters_of
from harness.stats.estimates import (
    difference,
    difference_by_case,
    mean,
    paired,
    paired_p,
    quantile,
    rate,
    ratio_of_means,
    ratio_of_quantiles,
    with_holm,
)
from harness.stats.intervals import clopper_pearson, holm, mcnemar, tango
from harness.stats.power import detectable_gain, failures_allowed, n_to_settle
from harness.stats.sample import Labels, Values

__all__ = [
    "Labels",
    "Values",
    "clopper_pearson",
    "clusters_of",
    "detectable_gain",
    "difference",
    "difference_by_case",
    "failures_allowed",
    "holm",
    "mcnemar",
    "mean",
    "n_to_settle",
    "paired",
    "paired_p",
    "quantile",
    "rate",
    "ratio_of_means",
    "ratio_of_quantiles",
    "tango",
    "with_holm",
]
