"""Kappa and alpha: held to scikit-learn and to Krippendorff's own example, with intervals over whole cases."""

from __future__ import annotations

import random

import pytest

from harness.stats.agreement import alpha, kappa

# Krippendorff 2011, "Computing Krippendorff's alpha-reliability", section C: four observers, twelve units, nominal
OBSERVERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
    (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
)


def raters(n: int, errs: float, seed: int) -> tuple[list[bool], list[bool]]:
    """Two people who each err as often, on items of which half are good."""
    rng = random.Random(seed)
    truth = [rng.random() < 0.5 for _ in range(n)]
    return [t != (rng.random() < errs) for t in truth], [t != (rng.random() < errs) for t in truth]


def test_alpha_is_that_of_the_published_example() -> None:
    found = alpha(list(zip(*OBSERVERS, strict=True)))
    assert found.mean == pytest.approx(0.743, abs=5e-4)
    assert found.n == 11  # the last unit has one rating


def test_kappa_is_that_of_scikit_learn() -> None:
    from sklearn.metrics import cohen_kappa_score

    a, b = raters(80, 0.2, 1)
    assert kappa(a, b).mean == pytest.approx(cohen_kappa_score(a, b))


def test_the_interval_holds_the_kappa_of_the_raters() -> None:
    # both right on 90 %: they agree on 0.9² + 0.1² = 0.82, half of it by chance, so that kappa is 0.64
    held = 0
    for seed in range(40):
        found = kappa(*raters(120, 0.1, seed))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.64 <= found.high
    assert held >= 35


def test_what_only_one_has_rated_is_left_out() -> None:
    found = kappa([True, None, False, True], [True, True, False, None])
    assert (found.mean, found.n) == (1.0, 2)


def test_always_the_same_word_says_nothing() -> None:
    found = kappa([True] * 10, [True] * 10)
    assert found.mean is None
    assert "every rating is the same" in found.method
