"""BM25 is the formula, of either engine; identifiers are found by their parts and as a whole."""

from __future__ import annotations

import math
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from harness.retrieval.analyse import normalise, terms
from harness.retrieval.sparse import K1, SMALL, B, Bm25s, Engine, RankBm25, SparseIndex, best

TEXTS = [
    "Refunds are paid within 14 days of the request.",
    "The Gold plan costs 20 EUR a month; refunds are not paid on it.",
    "Badges open the doors at 8 am. A lost badge costs 15 EUR.",
    "Error ERR-4021 means that getUserById found no user.",
    "Paid days, paid requests, paid plans: everything that is paid.",
]
Build = Callable[[Sequence[Sequence[str]]], Engine]
ENGINES: tuple[Build, ...] = (RankBm25, Bm25s.build)


def _bm25(texts: Sequence[Sequence[str]], query: Sequence[str]) -> list[float]:
    """Okapi BM25 with the idf of BM25+, written out: what is left of BM25+ when its constant is taken off."""
    mean = sum(map(len, texts)) / len(texts)

    def weight(term: str, text: Sequence[str]) -> float:
        count, texts_with = text.count(term), sum(term in other for other in texts)
        if not count:
            return 0.0
        length = K1 * (1 - B + B * len(text) / mean)
        return math.log((len(texts) + 1) / texts_with) * (K1 + 1) * count / (length + count)

    return [sum(weight(term, text) for term in query) for text in texts]


@pytest.mark.parametrize("build", ENGINES)
@pytest.mark.parametrize("query", ["refunds paid", "lost badge costs", "paid", "gold gold plan", "ERR-4021", "zebra"])
def test_scores_are_those_of_the_formula(build: Build, query: str) -> None:
    texts = [terms(text) for text in TEXTS]
    expected = _bm25(texts, terms(query))
    np.testing.assert_allclose(SparseIndex(build(texts)).scores(query), expected, rtol=1e-4, atol=1e-5)


def test_both_engines_score_and_rank_alike() -> None:
    draw = random.Random(7)
    words = [f"w{i}" for i in range(60)]
    texts = [draw.choices(words, weights=range(60, 0, -1), k=draw.randint(5, 40)) for _ in range(SMALL)]
    small, large = (SparseIndex(build(texts)) for build in ENGINES)
    for _ in range(200):
        query = " ".join(draw.choices(words, k=draw.randint(1, 8)))
        ours, theirs = small.scores(query), large.scores(query)
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
        assert best(ours, SMALL)[0].tolist() == best(theirs, SMALL)[0].tolist()


def test_the_size_of_the_corpus_chooses_the_engine(tmp_path: Path) -> None:
    for count, engine in ((SMALL, RankBm25), (SMALL + 1, Bm25s)):
        index = SparseIndex.build([f"text {i}" for i in range(count)])
        index.save(tmp_path / str(count))
        assert type(index.engine) is engine
        assert type(SparseIndex.open(tmp_path / str(count), count).engine) is engine


def test_a_small_corpus_spares_the_import_of_the_large_engine() -> None:
    code = "from harness.retrieval.sparse import SparseIndex as S; import sys; S.build(['a plan']).search('plan', 1)"
    subprocess.run([sys.executable, "-c", f"{code}; assert 'bm25s' not in sys.modules"], check=True)


def test_a_text_that_shares_no_term_is_not_found() -> None:
    rows, scores = SparseIndex.build(TEXTS).search("badge", 5)
    assert rows.tolist() == [2]
    assert (scores > 0).all()
    assert SparseIndex.build(TEXTS).search("zebra", 5)[0].tolist() == []


@pytest.mark.parametrize("build", ENGINES)
def test_saved_and_opened_it_scores_the_same(build: Build, tmp_path: Path) -> None:
    index = SparseIndex(build([terms(text) for text in TEXTS]))
    index.save(tmp_path)
    np.testing.assert_array_equal(SparseIndex.open(tmp_path, len(TEXTS)).scores("paid plan"), index.scores("paid plan"))


def test_a_corpus_of_symbols_can_be_indexed() -> None:
    assert SparseIndex.build(["***", "---"]).search("anything", 3)[0].tolist() == []


def test_identifiers_give_their_parts_and_themselves() -> None:
    assert terms("getUserById") == ["get", "user", "id", "getuserbyid"]
    assert terms("max_new_tokens") == ["max", "new", "token", "max_new_tokens"]
    assert "err-4021" in terms("ERR-4021")
    assert "4021" in terms("ERR-4021")
    assert terms("Refunds' café") == ["refund", "café"]


def test_a_query_is_normalised() -> None:
    assert normalise("  What\u00a0is\x00 the\tﬁrst  plan? ") == "What is the first plan?"


def test_ties_fall_to_the_lower_row() -> None:
    rows, _ = best(np.array([1.0, 2.0, 2.0, 0.0, 2.0], dtype=np.float32), 2)
    assert rows.tolist() == [1, 2]
