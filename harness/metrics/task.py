"""Task success: the one figure by which arms are compared."""

from __future__ import annotations

from harness.metrics.answer import correct
from harness.metrics.grounding import hallucination
from harness.types import Answer, Case, Unscored


def task_success(case: Case, answer: Answer) -> float | Unscored:
    """1 if the answer is right, its form is valid after repair, and no claim of it is unsupported by the passages."""
    value = task_success_without_form(case, answer)
    return value if isinstance(value, Unscored) or answer.form.valid else 0.0


def task_success_without_form(case: Case, answer: Answer) -> float | Unscored:
    """The same without the form condition. Right means: correct, or refused where nothing answers the question."""
    if case.kind == "unanswerable":
        return float(answer.refused)
    right = correct(case, answer)
    if isinstance(right, Unscored) or right == 0.0:
        return right
    return 0.0 if hallucination(case, answer) == 1.0 else 1.0
