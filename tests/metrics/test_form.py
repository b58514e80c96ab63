"""Form at first try and after the repair."""

from __future__ import annotations

from harness.types import Form
from tests.metrics.cases import answer, case, score


def test_form() -> None:
    repaired = Form(demanded=True, first_try=False, valid=True, repaired=True)
    reply = answer("14 days", form=repaired)
    assert [score(n, case(), reply) for n in ("schema", "schema_first_try", "repair")] == [1.0, 0.0, 1.0]
    plain = answer("14 days", form=Form(demanded=False, first_try=True, valid=True, repaired=False))
    assert [score(n, case(), plain) for n in ("schema", "schema_first_try", "repair")] == [None, None, None]
