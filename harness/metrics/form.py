"""Form: schema adherence at first try and after the one repair, and how often a repair was needed."""

from __future__ import annotations

from harness.types import Answer, Case, Unscored

_NO_FORM = Unscored("the scenario demands no form", applicable=False)


def schema(case: Case, answer: Answer) -> float | Unscored:
    """1 if the answer holds to the schema, after at most one repair."""
    return float(answer.form.valid) if answer.form.demanded else _NO_FORM


def schema_first_try(case: Case, answer: Answer) -> float | Unscored:
    """1 if the answer holds to the schema as it was generated."""
    return float(answer.form.first_try) if answer.form.demanded else _NO_FORM


def repair(case: Case, answer: Answer) -> float | Unscored:
    """1 if the answer needed a repair, whether or not it helped."""
    return float(answer.form.repaired) if answer.form.demanded else _NO_FORM
