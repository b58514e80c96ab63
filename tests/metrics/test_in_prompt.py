"""Retrieval metrics over the passages in the prompt."""

from __future__ import annotations

from tests.metrics.cases import HUBS, PLANS, UNANSWERABLE, answer, case, score


def test_retrieval_over_what_was_shown() -> None:
    reply = answer("14 days", HUBS, PLANS)
    assert [score(n, case(), reply) for n in ("recall@k", "precision@k", "mrr")] == [1.0, 0.5, 0.5]
    assert score("recall@k", UNANSWERABLE, reply) is None
