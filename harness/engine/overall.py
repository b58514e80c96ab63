"""The progress of a whole run: how many of its steps are done, and how long the rest takes.

The forecast is believed at first and the clock more and more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from harness.stats.numbers import duration

PRIOR = 0.1  # share of the run at which the clock has a quarter of the say
LEAST = 0.02  # share of a run below which a step is counted all the same


@dataclass
class Overall:
    """A run on its way."""

    expected: Mapping[str, float]  # label -> seconds of every step that is to be done
    seconds: float  # of all of them, side by side
    clock: Callable[[], float] = time.monotonic
    began: float = field(init=False)
    shares: dict[str, float] = field(init=False, default_factory=dict)  # label -> how much of it is done, up to 1

    def __post_init__(self) -> None:
        self.began = self.clock()

    def note(self, label: str, done: int, total: int) -> None:
        """What a step says of itself."""
        self.shares[label] = 1.0 if total <= 0 else max(self.shares.get(label, 0.0), min(1.0, done / total))

    @property
    def steps(self) -> int:
        return len(self.expected)

    @property
    def steps_done(self) -> int:
        return sum(self.shares.get(label, 0.0) >= 1.0 for label in self.expected)

    @property
    def share(self) -> float:
        """The share of the work that is done, by the seconds expected of each step."""
        weights = {label: max(seconds, LEAST * self.seconds / max(self.steps, 1), 1e-9)
                   for label, seconds in self.expected.items()}  # fmt: skip
        done = sum(weight * self.shares.get(label, 0.0) for label, weight in weights.items())
        return done / sum(weights.values()) if weights else 1.0

    @property
    def rest(self) -> float:
        """Seconds to the end."""
        share, elapsed = self.share, self.clock() - self.began
        trust = (share / (share + PRIOR)) ** 2  # in the clock; the square, since a little share says little
        pace = elapsed / share if share else 0.0
        return (1 - share) * ((1 - trust) * self.seconds + trust * pace)

    @property
    def words(self) -> str:
        """`4 of 14 steps done, about 3 min left`."""
        rest = f", about {duration(self.rest)} left" if self.steps_done < self.steps else ""
        return f"{self.steps_done} of {self.steps} steps done{rest}"
