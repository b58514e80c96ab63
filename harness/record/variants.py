"""What more trainings of one recipe show: the spread over seeds, and a curve over the number of examples."""

from __future__ import annotations

from dataclasses import dataclass

from harness.types import Estimate


@dataclass(frozen=True, slots=True)
class SeedOutcome:
    """One seed's adapter on the test cases."""

    seed: int
    adapter: str  # content id
    success: Estimate  # task success, fraction of 1
    form: Estimate | None  # golden answers in the demanded form; None: none is demanded


@dataclass(frozen=True, slots=True)
class SeedSection:
    """The adapters of one arm, trained alike but for the seed; the first of them answers for the arm."""

    outcomes: tuple[SeedOutcome, ...]
    low: float | None  # least task success over the seeds, fraction of 1
    high: float | None  # greatest
    deviation: float | None  # standard deviation over the seeds, fraction of 1; None of fewer than two


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """One training of a learning curve."""

    examples: int  # of the scenario's own
    adapter: str  # content id
    success: Estimate  # task success, fraction of 1
    form: Estimate | None  # golden answers in the demanded form; None: none is demanded
    forgetting: Estimate | None  # accuracy on general items, adapter minus base, points; None: not measured
    likelihood: Estimate | None  # the same of the right choices' log-probability, nats a word
    gain: Estimate | None  # task success against the training with all examples: that one minus this, points, paired
    seconds: float  # of training


@dataclass(frozen=True, slots=True)
class LearningSection:
    """The same arm tuned on growing parts of its examples, each part in the next."""

    arm: str
    points: tuple[LearningPoint, ...]  # by the number of examples; the last has all
    enough: int | None  # examples from which on no further ones are proven to help; None: all of them still do
    says: str  # that in a sentence
