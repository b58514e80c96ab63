"""Groundedness and hallucination, where they apply and what they are."""

from __future__ import annotations

from harness.types import Unscored
from tests.metrics.cases import PLANS, answer, case, outcome, score


def test_grounding_applies_where_passages_were_shown() -> None:
    half = answer("The trial lasts 14 days. Borealis Bank pays for it.", PLANS)
    assert score("groundedness", case(), half) == 0.5
    assert score("hallucination", case(), half) == 1.0
    for name in ("groundedness", "hallucination", "recall@k"):
        value = outcome(name, case(), answer("14 days"))
        assert isinstance(value, Unscored)
        assert not value.applicable
    assert score("groundedness", case(), answer("", PLANS, refused=True)) is None
    assert score("groundedness", case(kind="style", evidence=()), answer("LABEL_A", PLANS)) is None
    nothing = outcome("groundedness", case(), answer("Yes.", PLANS))
    assert nothing == Unscored("the answer claims nothing that could be checked")
    assert score("hallucination", case(), answer("Yes.", PLANS)) == 0.0
