"""Intervals, paired tests and sample sizes: every figure of a report goes through here.

A sample is a sequence with one value a case, None where the case could not be scored; an `Estimate` comes back with a
two-sided 95 % interval. Cases about the same document are not independent, so wherever `clusters` are given (one
label a case) the interval is that of whole documents, not of single questions.

The names below load when they are first used: who only formats numbers (`harness.stats.numbers`) waits for no NumPy.
"""

from importlib import import_module
from typing import TYPE_CHECKING

_HOME = {
    "clusters_of": "clusters",
    "difference": "estimates",
    "difference_by_case": "estimates",
    "mean": "estimates",
    "paired": "estimates",
    "paired_p": "estimates",
    "quantile": "estimates",
    "rate": "estimates",
    "ratio_of_means": "estimates",
    "ratio_of_quantiles": "estimates",
    "with_holm": "estimates",
    "clopper_pearson": "intervals",
    "holm": "intervals",
    "mcnemar": "intervals",
    "tango": "intervals",
    "detectable_gain": "power",
    "failures_allowed": "power",
    "n_to_settle": "power",
    "Labels": "sample",
    "Values": "sample",
}  # name -> its module

if TYPE_CHECKING:
    from harness.stats.clusters import clusters_of as clusters_of
    from harness.stats.estimates import difference as difference
    from harness.stats.estimates import difference_by_case as difference_by_case
    from harness.stats.estimates import mean as mean
    from harness.stats.estimates import paired as paired
    from harness.stats.estimates import paired_p as paired_p
    from harness.stats.estimates import quantile as quantile
    from harness.stats.estimates import rate as rate
    from harness.stats.estimates import ratio_of_means as ratio_of_means
    from harness.stats.estimates import ratio_of_quantiles as ratio_of_quantiles
    from harness.stats.estimates import with_holm as with_holm
    from harness.stats.intervals import clopper_pearson as clopper_pearson
    from harness.stats.intervals import holm as holm
    from harness.stats.intervals import mcnemar as mcnemar
    from harness.stats.intervals import tango as tango
    from harness.stats.power import detectable_gain as detectable_gain
    from harness.stats.power import failures_allowed as failures_allowed
    from harness.stats.power import n_to_settle as n_to_settle
    from harness.stats.sample import Labels as Labels
    from harness.stats.sample import Values as Values
else:

    def __getattr__(name: str) -> object:
        """A name of the table, loaded now."""
        if name not in _HOME:
            raise AttributeError(f"harness.stats has no {name!r}")
        value = globals()[name] = getattr(import_module(f"harness.stats.{_HOME[name]}"), name)
        return value
