"""Intervals and tests against published examples, against SciPy and statsmodels, and against their definitions."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness.stats import clopper_pearson, holm, mcnemar, mean, paired, paired_p, rate, tango
from harness.stats.sample import cluster_error, sample


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_clopper_pearson_gives_newcombes_published_limits(successes: int, n: int, low: float, high: float) -> None:
    """Newcombe 1998, Statistics in Medicine 17:857-872, table I."""
    assert clopper_pearson(successes, n) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(2, 400), st.data())
@settings(max_examples=50, deadline=None)
def test_rate_of_independent_cases_is_scipys_exact_interval(n: int, data: st.DataObject) -> None:
    from scipy import stats

    hits = data.draw(st.integers(0, n))
    limits = stats.binomtest(hits, n).proportion_ci(0.95, method="exact")
    got = rate([1.0] * hits + [0.0] * (n - hits))
    assert (got.mean, got.low, got.high) == pytest.approx((hits / n, limits.low, limits.high), abs=1e-9)


def test_mcnemar_and_tango_on_agrestis_approval_ratings() -> None:
    """Agresti, Categorical Data Analysis, section 10.1: 1,600 voters, 150 turned away and 86 turned towards.

    z^2 = 17.36; the difference is 0.04 with limits 0.021 and 0.059.
    """
    from scipy import stats
    from statsmodels.stats.contingency_tables import mcnemar as of_statsmodels

    assert tango(150, 86, 1600) == pytest.approx((0.021, 0.059), abs=5e-4)
    assert mcnemar(150, 86) == pytest.approx(of_statsmodels([[794, 150], [86, 570]], exact=True).pvalue)
    a = [1.0] * 150 + [0.0] * 86 + [1.0] * 1364
    b = [0.0] * 150 + [1.0] * 86 + [1.0] * 1364
    assert paired_p(a, b) == pytest.approx(float(stats.chi2.sf(64**2 / 236, 1)))
    z_squared = (150 - 86) ** 2 / (150 + 86)
    assert z_squared == pytest.approx(17.36, abs=0.005)


def test_mcnemar_without_discordant_pairs_is_one() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(0, 6) == pytest.approx(2 * 0.5**6)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_tango_limits_solve_the_score_equation(gains: int, losses: int, same: int) -> None:
    """The nuisance parameter is maximised numerically here, so that the closed form has an independent check."""
    from scipy.optimize import minimize_scalar

    n = gains + losses + same
    assume(n >= 5 and same > 0)
    for limit in tango(gains, losses, n):

        def minus_log_likelihood(q: float, delta: float = limit) -> float:
            cells = [(gains, q + delta), (losses, q), (same, 1 - 2 * q - delta)]
            return -sum(count * math.log(max(p, 1e-300)) for count, p in cells if count)

        bounds = (max(0.0, -limit), (1 - limit) / 2)
        q = minimize_scalar(minus_log_likelihood, bounds=bounds, method="bounded", options={"xatol": 1e-12}).x
        statistic = (gains - losses - n * limit) / math.sqrt(n * (2 * q + limit - limit**2))
        assert abs(statistic) == pytest.approx(1.95996, abs=0.02)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_tango_holds_the_difference_inside_and_mirrors(gains: int, losses: int, same: int) -> None:
    n = gains + losses + same
    low, high = tango(gains, losses, n)
    assert -1 <= low < (gains - losses) / n < high <= 1
    assert tango(losses, gains, n) == pytest.approx((-high, -low), abs=1e-8)


def test_no_discordant_pair_still_leaves_an_interval_of_some_width() -> None:
    estimate = paired([1.0] * 50, [1.0] * 50)
    assert estimate.mean == 0.0
    assert estimate.low == pytest.approx(-7.13, abs=0.02)  # z^2 / (n + z^2), in points
    assert estimate.high == pytest.approx(7.13, abs=0.02)


def test_cluster_error_is_that_of_statsmodels() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(3)
    codes = rng.integers(0, 17, 90)
    values = rng.normal(size=90) + rng.normal(size=17)[codes]
    fit = sm.OLS(values, np.ones(90)).fit(cov_type="cluster", cov_kwds={"groups": codes})
    assert cluster_error(sample(values.tolist(), codes.tolist())) == pytest.approx(float(fit.bse[0]))


def test_bootstrap_t_of_normal_values_is_close_to_students_t() -> None:
    from scipy import stats

    values = np.random.default_rng(5).normal(10, 2, 60)
    limits = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    got = mean(values.tolist(), seed=1)
    assert (got.low, got.high) == pytest.approx((limits.low, limits.high), abs=0.08)


def test_ten_thousand_draws_of_130_cases_are_fast_and_seeded() -> None:
    rng = np.random.default_rng(8)
    values, clusters = rng.lognormal(0, 0.5, 130).tolist(), rng.integers(0, 40, 130).tolist()
    mean(values, clusters)  # SciPy's import is not what is timed
    start = time.process_time()
    first = mean(values, clusters, seed=4)
    assert time.process_time() - start < 0.2
    assert first == mean(values, clusters, seed=4)
    assert first != mean(values, clusters, seed=5)


def test_clusters_widen_an_interval_and_singletons_do_not() -> None:
    values = [1.0] * 45 + [0.0] * 15
    alone = rate(values)
    assert rate(values, list(range(60))) == alone
    together = rate(values, [i // 3 for i in range(60)])
    assert alone.low is not None
    assert together.low is not None
    assert together.low < alone.low
    assert "effective" in together.method


def test_one_case_and_one_document_have_no_interval() -> None:
    for estimate in (rate([1.0]), rate([1.0, 0.0, 1.0], ["a"] * 3), mean([3.0], unit="ms"), paired([1.0], [0.0])):
        assert estimate.mean is not None
        assert estimate.low is None
        assert estimate.high is None


@pytest.mark.parametrize("unit", ["nats a word", "tokens", "ms"])
def test_what_changed_nothing_has_no_interval_of_yes_or_no(unit: str) -> None:
    """Eight answers of as many tokens are no eight draws of a share: a range of points in tokens says nothing."""
    same = [-4.1, 2.0, 3.5, 0.1, 7.0, 1.0, 1.5, 9.0]
    estimate = paired(same, same, unit=unit)
    assert (estimate.low, estimate.mean, estimate.high) == (0.0, 0.0, 0.0)
    shares = paired([1.0, 0.0] * 4, [1.0, 0.0] * 4)
    assert shares.low is not None
    assert shares.low < -20, "points: eight cases cannot tell a small difference from none"


def test_unscored_cases_are_counted_and_left_out() -> None:
    estimate = rate([1.0, None, 0.0, None, 1.0, 1.0])
    assert (estimate.mean, estimate.n, estimate.unscored) == (0.75, 4, 2)
    both = paired([1.0, None, 0.0, 1.0], [0.0, 1.0, None, 1.0])
    assert (both.mean, both.n, both.unscored) == (50.0, 2, 2)
    nothing = rate([None, None])
    assert (nothing.mean, nothing.low, nothing.n, nothing.unscored) == (None, None, 0, 2)


def test_values_that_are_no_rate_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        rate([0.5, 1.5])
    with pytest.raises(ValueError, match="finite"):
        mean([1.0, math.nan])
    with pytest.raises(ValueError, match="same cases"):
        paired([1.0], [1.0, 0.0])


def test_holm_by_hand_and_with_untested_entries() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([None, 0.04, None]) == [None, 0.04, None]
    assert holm([]) == []


def test_holm_is_that_of_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests

    rng = np.random.default_rng(7)
    for size in (1, 2, 5, 40):
        for ps in (rng.random(size), rng.random(size) ** 4, np.round(rng.random(size), 1)):
            assert holm(ps.tolist()) == pytest.approx(multipletests(ps, method="holm")[1].tolist(), abs=1e-15)


@given(st.lists(st.tuples(st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 1.0])), min_size=4, max_size=80))
@settings(max_examples=60, deadline=None)
def test_p_and_interval_of_a_paired_difference_agree(pairs: list[tuple[float, float]]) -> None:
    a, b = zip(*pairs, strict=True)
    clusters = [i // 2 for i in range(len(pairs))]
    estimate, p = paired(a, b, clusters), paired_p(a, b, clusters)
    assert estimate.low is not None
    assert estimate.high is not None
    assert p is not None
    if abs(p - 0.05) > 1e-6:
        assert (p < 0.05) == (estimate.low > 0 or estimate.high < 0)


def test_bootstrap_t_gives_efron_and_tibshiranis_published_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mouse data, control group (Efron and Tibshirani 1993, table 2.1); section 12.5: 90 % from 35.82 to 116.74."""
    from harness.stats import intervals

    monkeypatch.setattr(intervals, "FEWEST_CLUSTERS", 2)
    mice = sample([52.0, 104.0, 146.0, 10.0, 51.0, 30.0, 40.0, 27.0, 46.0])
    low, high = intervals.bootstrap_t(mice, seed=3, draws=20_000, alpha=0.10)
    assert low == pytest.approx(35.82, abs=0.7)
    assert high == pytest.approx(116.74, abs=1.5)


def test_the_cluster_bootstrap_is_scipys_over_whole_clusters() -> None:
    """Thirty documents of four cases: redrawing documents is redrawing their means, which SciPy can do alone."""
    from scipy import stats

    rng = np.random.default_rng(8)
    of_document = np.repeat(rng.normal(0, 1, 30), 4) + rng.normal(0, 1, 120)
    labels = np.repeat(np.arange(30), 4).tolist()
    ours = mean(of_document.tolist(), labels, seed=2)
    means = of_document.reshape(30, 4).mean(axis=1)
    theirs = stats.bootstrap((means,), np.mean, method="BCa", n_resamples=9999, rng=np.random.default_rng(4))
    reach = theirs.confidence_interval.high - theirs.confidence_interval.low
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.1 * reach)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.1 * reach)
    alone = mean(of_document.tolist(), seed=2)
    assert alone.high is not None
    assert alone.low is not None
    assert alone.high - alone.low < 0.8 * reach  # single cases would look too sure
