"""The metrics equal ranx where evidence is ids, and count quotes once."""

from __future__ import annotations

import random

import pytest

from benchmarks.plain_ranx import ranx_score
from harness.metrics.retrieval import AT_K, carried_items, curves, ndcg, per_case, precision, recall, scores
from harness.types import Case, Evidence, Passage


def _passage(name: str, text: str = "text", doc: str | None = None) -> Passage:
    return Passage(name, doc or name, "", text)


def _world(questions: int = 40) -> tuple[list[Case], list[list[Passage]]]:
    draw = random.Random(11)
    names = [f"p{i}" for i in range(30)]
    cases = [
        Case(f"q{i}", "?", evidence=tuple(Evidence(id=n) for n in draw.sample(names, draw.randint(1, 4))))
        for i in range(questions)
    ]
    return cases, [[_passage(n) for n in draw.sample(names, 20)] for _ in cases]


@pytest.mark.parametrize("k", [1, 3, 10])
def test_equal_to_ranx(k: int) -> None:
    pytest.importorskip("ranx")
    cases, ranked = _world()
    ours = per_case(cases, ranked, k)
    for i, (case, row) in enumerate(zip(cases, ranked, strict=True)):
        for name in AT_K:
            theirs = ranx_score(name, [str(e.id) for e in case.evidence], [p.id for p in row], k)
            assert ours[name][i] == pytest.approx(theirs, abs=1e-12)


def test_the_example_of_the_module() -> None:
    evidence = (Evidence(doc="a", quote="14 days"), Evidence(doc="b", quote="20 EUR"))
    ranked = [_passage("x"), _passage("a#1", "within 14\n days", "a"), _passage("y")]
    values = scores(evidence, ranked, 3)
    assert values is not None
    assert values["recall"] == 0.5
    assert values["precision"] == pytest.approx(1 / 3)
    assert values["mrr"] == 0.5
    assert values["ndcg"] == pytest.approx(0.387, abs=1e-3)


def test_a_quote_in_two_overlapping_passages_is_found_once() -> None:
    evidence = (Evidence(doc="a", quote="14 days"),)
    carried = carried_items(evidence, [_passage("a#1", "14 days", "a"), _passage("a#2", "14 days", "a")])
    assert recall(carried, 1, 2) == 1.0
    assert precision(carried, 1, 2) == 1.0
    assert ndcg(carried, 1, 2) == 1.0


def test_two_items_in_one_passage_do_not_exceed_one() -> None:
    evidence = (Evidence(doc="a", quote="x"), Evidence(doc="a", quote="y"))
    assert ndcg(carried_items(evidence, [_passage("a#1", "x y", "a")]), 2, 3) == 1.0


def test_nothing_retrieved_scores_zero_and_no_evidence_is_unscored() -> None:
    assert scores((Evidence(id="p"),), [], 3) == dict.fromkeys(AT_K, 0.0)
    assert scores((), [_passage("p")], 3) is None
    estimate = curves([Case("a", "?", evidence=(Evidence(id="p"),)), Case("b", "?")], [[_passage("p")]] * 2, [1])
    assert estimate["1"]["recall"].unscored == 1
    assert estimate["1"]["recall"].mean == 1.0


def test_intervals_stay_inside_zero_and_one() -> None:
    cases, ranked = _world(8)
    for estimates in curves(cases, ranked, [1, 3, 20]).values():
        for e in estimates.values():
            assert e.low is not None
            assert e.high is not None
            assert 0 <= e.low <= e.mean <= e.high <= 1
