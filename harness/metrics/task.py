"""Task success: the one figure by which arms are compared."""

from __future__ import annotations

from harness.metrics.correctness import correct
from harness.metrics.grounding import hallucination
from harness.metrics.reading import Reading
from harness.metrics.style import in_style
from harness.types import Unscored


def task_success(reading: Reading) -> float | Unscored:
    """1 if the answer is right, its form is valid after repair, and no claim of it is unsupported by the passages."""
    value = task_success_without_form(reading)
    return value if isinstance(value, Unscored) or reading.answer.form.valid else 0.0


def task_success_without_form(reading: Reading) -> float | Unscored:
    """The same without the form condition. Right means: correct, or refused where nothing answers the question.

    A tone case is right if it keeps the house style and says its key points, where the scenario has a house style.
    """
    if reading.case.kind == "unanswerable":
        return float(reading.answer.refused)
    right = in_style(reading) if reading.by_style else correct(reading)
    if isinstance(right, Unscored) or right == 0.0:
        return right
    # without passages nothing can support a claim, and nothing need to
    return 0.0 if reading.answer.hits and hallucination(reading) == 1.0 else 1.0
