"""Judged figures corrected by ratings: PPI++ by its formula, intervals that are never too sure, clusters kept."""

from __future__ import annotations

import numpy as np
import pytest

from harness.stats.calibrated import JudgedColumn, calibrated_difference, calibrated_rate


def column(judged: list[float], people: list[float | None], chance: float = 1.0) -> JudgedColumn:
    return JudgedColumn(judged, people, [chance] * len(judged), list(range(len(judged))))


def drawn(seed: int, n: int = 200, rated: int = 60) -> tuple[np.ndarray, np.ndarray, JudgedColumn]:
    """A detector that is right on 80 %, and plain random ratings of 90 % good answers."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < 0.9).astype(float)
    judged = np.where(rng.random(n) < 0.8, truth, 1 - truth)
    picks = set(rng.permutation(n)[:rated].tolist())
    people = [float(truth[i]) if i in picks else None for i in range(n)]
    return truth, judged, column(judged.tolist(), people, rated / n)


def test_a_rate_is_the_ppi_estimate_at_its_best_weight() -> None:
    _, judged, of = drawn(3)
    places = [i for i, value in enumerate(of.people) if value is not None]
    y, f = np.array([of.people[i] for i in places], dtype=float), judged[places]
    weight = np.cov(y, f)[0, 1] / f.var(ddof=1)  # of PPI++, where the rated are a part of all
    ppi = y.mean() + weight * (judged.mean() - f.mean())
    assert calibrated_rate(of).mean == pytest.approx(ppi, abs=1e-9)


def test_a_perfect_judge_is_not_taken_for_certain() -> None:
    judged = [1.0] * 190 + [0.0] * 10
    people: list[float | None] = [1.0] * 25 + [None] * 165 + [0.0] * 5 + [None] * 5
    found = calibrated_rate(column(judged, people, 30 / 200))
    assert found.mean == pytest.approx(0.95)
    assert found.low is not None
    assert found.low < 0.87  # 25 of 25 right may still be 86 %
    assert found.method == "prediction-powered, 30 ratings"


def test_everything_rated_is_the_mean_of_the_people_whatever_the_judge() -> None:
    truth, judged, _ = drawn(5)
    rate = calibrated_rate(column(judged.tolist(), truth.tolist()))
    assert rate.mean == pytest.approx(truth.mean())
    other = column([1.0] * 200, [1.0] * 150 + [0.0] * 50)
    gain = calibrated_difference(column(judged.tolist(), truth.tolist()), other)
    assert gain.mean == pytest.approx(100 * (truth.mean() - 0.75))


def test_ratings_that_were_drawn_more_often_weigh_less() -> None:
    judged = [1.0] * 100 + [0.5] * 100
    people: list[float | None] = [1.0] * 20 + [None] * 80 + [1.0] * 10 + [0.0] * 40 + [None] * 50
    plain = JudgedColumn(judged, people, [0.2] * 100 + [0.5] * 100, list(range(200)))
    assert calibrated_rate(plain).mean == pytest.approx((1.0 + 0.2) / 2)
    within = JudgedColumn(judged, people, [0.2] * 100 + [0.9] * 10 + [0.1] * 90, list(range(200)))
    rare = calibrated_rate(within).mean
    assert rare is not None
    assert rare < 0.6  # the ten good ones were drawn nine times as often as the rest


def test_a_difference_beside_values_that_need_no_judge() -> None:
    _, _, of = drawn(7)
    constant = [0.0] * 200
    gain = calibrated_difference(of, constant)
    rate = calibrated_rate(of)
    assert gain.mean is not None
    assert rate.mean is not None
    assert gain.mean == pytest.approx(100 * rate.mean, abs=2.0)
    assert gain.low is not None
    assert gain.low > 50


def test_an_arm_that_is_always_better_is_not_taken_for_certain() -> None:
    mine = column([1.0] * 100, [1.0] * 40 + [None] * 60, 0.4)
    gain = calibrated_difference(mine, [0.0] * 100)
    assert gain.mean == 100.0
    assert gain.high == 100.0
    assert gain.low is not None
    assert 70 < gain.low < 97  # 40 of 40


def test_documents_in_common_widen_a_difference() -> None:
    rng = np.random.default_rng(1)
    by_document = np.repeat(rng.random(25) < 0.6, 8).astype(float)  # whole documents stand or fall
    other = (rng.random(200) < 0.5).astype(float)
    picks = np.arange(200) % 2 == 0
    people = [float(v) if keep else None for v, keep in zip(by_document, picks, strict=True)]
    theirs = [float(v) if keep else None for v, keep in zip(other, picks, strict=True)]
    widths = []
    for clusters in (list(range(200)), [i // 8 for i in range(200)]):
        mine = JudgedColumn(by_document.tolist(), people, [0.5] * 200, clusters)
        gap = calibrated_difference(mine, JudgedColumn(other.tolist(), theirs, [0.5] * 200, clusters))
        assert gap.low is not None
        assert gap.high is not None
        widths.append(gap.high - gap.low)
    assert widths[1] > 1.5 * widths[0]


def test_too_few_ratings_correct_nothing() -> None:
    with pytest.raises(ValueError, match="takes 20 ratings, found 19"):
        calibrated_rate(column([1.0] * 40, [1.0] * 19 + [None] * 21))
