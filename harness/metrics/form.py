"""Form: schema adherence at first try and after the one repair, and how often a repair was needed."""

from __future__ import annotations

from harness.metrics.reading import Reading
from harness.types import Unscored

_NO_FORM = Unscored("the scenario demands no form", applicable=False)


def schema(reading: Reading) -> float | Unscored:
    """1 if the answer holds to the schema, after at most one repair."""
    form = reading.answer.form
    return float(form.valid) if form.demanded else _NO_FORM


def schema_first_try(reading: Reading) -> float | Unscored:
    """1 if the answer holds to the schema as it was generated."""
    form = reading.answer.form
    return float(form.first_try) if form.demanded else _NO_FORM


def repair(reading: Reading) -> float | Unscored:
    """1 if the answer needed a repair, whether or not it helped."""
    form = reading.answer.form
    return float(form.repaired) if form.demanded else _NO_FORM
