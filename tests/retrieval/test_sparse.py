"""BM25+ equals the reference; identifiers are found by their parts and as a whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rank_bm25 import BM25Plus

from harness.retrieval.analyse import normalise, terms
from harness.retrieval.sparse import DELTA, K1, B, SparseIndex, best

TEXTS = [
    "Refunds are paid within 14 days of the request.",
    "The Gold plan costs 20 EUR a month; refunds are not paid on it.",
    "Badges open the doors at 8 am. A lost badge costs 15 EUR.",
    "Error ERR-4021 means that getUserById found no user.",
    "Paid days, paid requests, paid plans: everything that is paid.",
]


@pytest.mark.parametrize("query", ["refunds paid", "lost badge costs", "paid", "gold gold plan", "ERR-4021"])
def test_scores_equal_rank_bm25(query: str) -> None:
    reference = BM25Plus([terms(t) for t in TEXTS], k1=K1, b=B, delta=DELTA)
    absent = reference.idf  # a text without a term still gets delta * idf from BM25+; ours reports the rest
    floor = sum(DELTA * absent[t] for t in terms(query) if t in absent)
    expected = reference.get_scores(terms(query)) - floor
    np.testing.assert_allclose(SparseIndex.build(TEXTS).scores(query), expected, rtol=1e-4, atol=1e-5)


def test_a_text_that_shares_no_term_is_not_found() -> None:
    rows, scores = SparseIndex.build(TEXTS).search("badge", 5)
    assert rows.tolist() == [2]
    assert (scores > 0).all()
    assert SparseIndex.build(TEXTS).search("zebra", 5)[0].tolist() == []


def test_saved_and_opened_it_scores_the_same(tmp_path: Path) -> None:
    index = SparseIndex.build(TEXTS)
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
