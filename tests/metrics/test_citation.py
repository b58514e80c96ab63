"""Citations against evidence, by examples worked out by hand."""

from __future__ import annotations

from harness.types import Evidence
from tests.metrics.cases import HUBS, PLANS, UNANSWERABLE, answer, case, score


def test_citations() -> None:
    two = case(evidence=(Evidence("plans.md", "14 days"), Evidence(id="hubs.md")))
    reply = answer("14 days", PLANS, HUBS, cited=("S1", "S9"))
    assert score("citation_precision", two, reply) == 0.5  # S9 was never shown
    assert score("citation_recall", two, reply) == 0.5
    assert score("citation_recall", two, answer("14 days", PLANS, cited=("S1",))) == 1.0  # hubs.md was not shown
    assert score("citation_precision", two, answer("14 days", PLANS)) is None
    assert score("citation_recall", two, answer("14 days", PLANS)) == 0.0
    assert score("citation_recall", two, answer("14 days", PLANS, refused=True)) is None
    assert score("citation_recall", two, answer("14 days", cited=("S1",))) is None
    assert score("citation_recall", UNANSWERABLE, reply) is None
