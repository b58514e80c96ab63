"""Quantiles, ratios, sample sizes and clusters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from harness.stats import (
    clopper_pearson,
    clusters_of,
    detectable_gain,
    failures_allowed,
    n_to_settle,
    paired,
    quantile,
    rate,
    ratio_of_means,
    ratio_of_quantiles,
)
from harness.types import Case, Evidence


def test_median_interval_from_order_statistics_by_hand() -> None:
    """n = 10: P(B <= 1) = 11/1024 < 2.5 % < 56/1024, so the limits are the 2nd and the 9th value."""
    estimate = quantile([float(x) for x in range(1, 11)], 0.5)
    assert (estimate.mean, estimate.low, estimate.high) == (5.5, 2.0, 9.0)


def test_p95_has_an_upper_limit_from_72_values_on() -> None:
    assert quantile(list(map(float, range(71))), 0.95).high is None
    assert quantile(list(map(float, range(72))), 0.95).high == 71.0


def test_a_ratio_of_identical_samples_is_exactly_one() -> None:
    times = np.random.default_rng(1).lognormal(5, 0.3, 80).tolist()
    for estimate in (ratio_of_quantiles(times, times), ratio_of_means(times, times)):
        assert (estimate.mean, estimate.low, estimate.high) == pytest.approx((1.0, 1.0, 1.0))


def test_a_constant_factor_is_found_without_error() -> None:
    times = np.random.default_rng(2).lognormal(5, 0.3, 80).tolist()
    estimate = ratio_of_quantiles([1.2 * t for t in times], times)
    assert (estimate.low, estimate.high) == pytest.approx((1.2, 1.2))


def test_too_few_questions_for_a_ratio_of_p95_give_no_interval() -> None:
    estimate = ratio_of_quantiles([2.0] * 20, [1.0] * 20)
    assert (estimate.mean, estimate.low, estimate.high) == (2.0, None, None)


def test_ratios_refuse_what_is_not_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        ratio_of_means([1.0, 0.0], [1.0, 1.0])


def test_368_answers_without_a_failure_prove_99_percent() -> None:
    """0.99^368 <= 0.025 < 0.99^367."""
    assert failures_allowed(367, 0.99) is None
    assert failures_allowed(368, 0.99) == 0
    assert n_to_settle(rate([1.0] * 120), 0.99) == 368


def test_the_predicted_number_of_cases_settles_a_rate_in_four_of_five_draws() -> None:
    estimate = rate([1.0] * 94 + [0.0] * 6)
    n = n_to_settle(estimate, 0.90)
    assert n is not None
    rng = np.random.default_rng(11)
    hits = rng.binomial(n, 0.94, 400)
    settled = [(low := rate([1.0] * h + [0.0] * (n - h)).low) is not None and low >= 0.90 for h in hits]
    assert np.mean(settled) == pytest.approx(0.8, abs=0.06)


@pytest.mark.parametrize(("hits", "n", "threshold"), [(1179, 1194, 0.99), (10, 105, 0.05), (1, 120, 0.05), (2, 3, 0.9)])
def test_the_predicted_number_has_the_power_that_it_promises(hits: int, n: int, threshold: float) -> None:
    """Counted out: the chance of a sample whose exact interval lies on the estimate's side of the threshold."""
    estimate = rate([1.0] * hits + [0.0] * (n - hits))
    predicted, p = n_to_settle(estimate, threshold), hits / n
    assert predicted is not None
    likely = [k for k in range(predicted + 1) if binom.pmf(k, predicted, p) > 1e-12]
    limits = {k: clopper_pearson(k, predicted) for k in likely}
    side = [low >= threshold if p > threshold else high <= threshold for low, high in limits.values()]
    power = sum(binom.pmf(k, predicted, p) for k, settles in zip(likely, side, strict=True) if settles)
    assert 0.799 <= power <= 0.9


def test_an_estimate_on_its_threshold_is_settled_by_no_number() -> None:
    assert n_to_settle(rate([1.0] * 90 + [0.0] * 10), 0.90) is None
    assert n_to_settle(rate([1.0]), 0.90) is None


def test_more_cases_are_asked_for_where_documents_are_shared() -> None:
    values = ([1.0] * 9 + [0.0]) * 12 + [1.0] * 6
    alone, shared = rate(values), rate(values, [i // 5 for i in range(len(values))])
    n_alone, n_shared = n_to_settle(alone, 0.85), n_to_settle(shared, 0.85)
    assert n_alone is not None
    assert n_shared is not None
    assert n_shared > n_alone


def test_the_number_for_a_paired_gain_follows_the_root_of_n() -> None:
    gain = paired([1.0] * 14 + [0.0] * 4 + [1.0] * 102, [0.0] * 14 + [1.0] * 4 + [1.0] * 102)
    assert gain.mean is not None
    assert gain.low is not None
    expected = 120 * ((1.959964 + 0.841621) / 1.959964 * (gain.mean - gain.low) / (gain.mean - 5.0)) ** 2
    assert n_to_settle(gain, 5.0) == pytest.approx(expected, abs=1)


def test_the_detectable_gain_shrinks_with_cases_and_cannot_exceed_what_differs() -> None:
    small, large = detectable_gain(120), detectable_gain(480)
    assert small is not None
    assert large is not None
    assert 5 < large < small < 30
    assert detectable_gain(20, discordant=0.06) is None


def _case(name: str, *documents: str, source: str | None = None) -> Case:
    return Case(id=name, question="?", evidence=tuple(Evidence(doc=d) for d in documents), source=source)


def test_cases_that_share_documents_however_indirectly_are_one_cluster() -> None:
    cases = [_case("a", "1", "2"), _case("b", "2"), _case("c", "3"), _case("d", source="3"), _case("e")]
    labels = clusters_of(cases)
    assert labels["a"] == labels["b"]
    assert labels["c"] == labels["d"]
    assert len({labels["a"], labels["c"], labels["e"]}) == 3


def test_versions_of_a_document_belong_together() -> None:
    labels = clusters_of([_case("a", "old"), _case("b", "new"), _case("c", "other")], versions=[("old", "new")])
    assert labels["a"] == labels["b"] != labels["c"]


def test_evidence_by_passage_id_counts_for_its_document() -> None:
    by_passage = Case(id="p", question="?", evidence=(Evidence(id="guide.md#3"),))
    labels = clusters_of([by_passage, _case("d", "guide.md")], documents={"guide.md#3": "guide.md"})
    assert labels["p"] == labels["d"]
