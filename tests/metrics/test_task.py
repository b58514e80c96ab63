"""Task success: right, in form, nothing unsupported."""

from __future__ import annotations

from dataclasses import replace

from harness.types import Form
from tests.metrics.cases import PLANS, UNANSWERABLE, answer, case, score


def test_task_success_needs_all_three() -> None:
    good = answer("The trial lasts 14 days.", PLANS)
    assert score("task_success", case(), good) == 1.0
    broken = replace(good, form=Form(demanded=True, first_try=False, valid=False, repaired=True, error="x"))
    assert score("task_success", case(), broken) == 0.0
    assert score("task_success_without_form", case(), broken) == 1.0
    invented = answer("The trial lasts 14 days. It is sponsored by Borealis Bank.", PLANS)
    assert score("task_success", case(), invented) == 0.0
    assert score("task_success", case(), answer("The trial lasts 14 days. Borealis Bank pays.")) == 1.0  # none shown
    assert score("task_success", UNANSWERABLE, answer("", refused=True)) == 1.0
    assert score("task_success", UNANSWERABLE, good) == 0.0
