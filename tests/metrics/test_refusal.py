"""Refusals, by examples worked out by hand."""

from __future__ import annotations

from tests.metrics.cases import UNANSWERABLE, answer, case, score


def test_refusals() -> None:
    refusal, reply = answer("", refused=True), answer("14 days")
    assert [score(f"refusal_{n}", UNANSWERABLE, refusal) for n in ("right", "missed", "needless")] == [1.0, 0.0, None]
    assert [score(f"refusal_{n}", UNANSWERABLE, reply) for n in ("right", "missed", "needless")] == [0.0, 1.0, None]
    assert [score(f"refusal_{n}", case(), refusal) for n in ("right", "missed", "needless")] == [None, None, 1.0]
    assert score("refusal_needless", case(), reply) == 0.0
