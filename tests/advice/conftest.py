"""Every answer vector once, and a terminal to type into."""

from __future__ import annotations

from itertools import product

import pytest

from harness.advice.questions import AnswerValue
from harness.advice.recommend import Advice, advise

Vector = tuple[AnswerValue, ...]


@pytest.fixture(scope="session")
def all_advice() -> dict[Vector, Advice]:
    """The advice for all 3^9 = 19,683 answer vectors, without facts."""
    return {v: advise(dict(enumerate(v, start=1))) for v in product(tuple(AnswerValue), repeat=9)}
